//! Between the wire's MessagePack and the JSON that people read and write.

use rmpv::Value as Packed;
use serde_json::{Map, Number, Value};

/// Arguments as the contract wants them: MessagePack values, one behind the other.
///
/// # Errors
/// When a value cannot be encoded; JSON's always can.
pub fn pack_arguments(arguments: &[Value]) -> Result<Vec<u8>, String> {
    let mut packed = Vec::new();
    for argument in arguments {
        rmp_serde::encode::write_named(&mut packed, argument).map_err(|error| error.to_string())?;
    }
    Ok(packed)
}

/// One MessagePack value as JSON. What JSON has no form for is written as text: numbers that are
/// none, keys that are no text. Bytes become a list of numbers.
#[must_use]
pub fn unpack(mut bytes: &[u8]) -> Value {
    match rmpv::decode::read_value(&mut bytes) {
        Ok(value) => to_json(value),
        Err(error) => Value::String(format!("(no MessagePack: {error})")),
    }
}

fn to_json(value: Packed) -> Value {
    match value {
        Packed::Nil => Value::Null,
        Packed::Boolean(truth) => Value::Bool(truth),
        Packed::Integer(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Value::from(number),
            (None, number) => Value::from(number),
        },
        // The shortest text of an f32, so that 0.1 does not become 0.10000000149011612.
        Packed::F32(number) => number.to_string().parse().map_or_else(|_| Value::from(number), from_f64),
        Packed::F64(number) => from_f64(number),
        Packed::String(text) => Value::String(String::from_utf8_lossy(text.as_bytes()).into_owned()),
        Packed::Binary(bytes) => Value::Array(bytes.into_iter().map(Value::from).collect()),
        Packed::Array(values) => Value::Array(values.into_iter().map(to_json).collect()),
        Packed::Map(entries) => Value::Object(entries.into_iter().map(entry).collect::<Map<_, _>>()),
        Packed::Ext(kind, bytes) => Value::String(format!("(extension {kind}, {} bytes)", bytes.len())),
    }
}

fn from_f64(number: f64) -> Value {
    Number::from_f64(number).map_or_else(|| Value::String(number.to_string()), Value::Number)
}

fn entry((key, value): (Packed, Packed)) -> (String, Value) {
    let key = match to_json(key) {
        Value::String(text) => text,
        other => other.to_string(),
    };
    (key, to_json(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_survives_the_wire() {
        for text in
            ["null", "true", "-3", "18446744073709551615", "1.5", "\"汉\"", "[1,[2]]", "{\"b\":1,\"a\":{\"c\":null}}"]
        {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(unpack(&pack_arguments(&[value]).unwrap()).to_string(), text);
        }
    }

    #[test]
    fn what_json_cannot_say_is_still_shown() {
        for (packed, json) in [
            (Packed::F64(f64::NAN), "\"NaN\""),
            (Packed::F32(0.1), "0.1"),
            (Packed::Map(vec![(Packed::from(3), Packed::from("x"))]), "{\"3\":\"x\"}"),
            (Packed::Binary(vec![1, 2]), "[1,2]"),
        ] {
            let mut bytes = Vec::new();
            rmpv::encode::write_value(&mut bytes, &packed).unwrap();
            assert_eq!(unpack(&bytes).to_string(), json);
        }
        assert!(unpack(&[0xc1]).to_string().contains("no MessagePack") || unpack(&[0xc1]).is_null());
    }
}
