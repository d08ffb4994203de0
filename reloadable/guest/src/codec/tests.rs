//! What goes through the codec comes back, and is what `rmp-serde` makes and takes of it: the host's other parts, and guests
//! built with earlier SDKs, use that.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use serde::de::{DeserializeSeed, Visitor};
use serde::{Deserializer, Serialize, Serializer};

use super::*;
use crate::salvage::random_types::{Random, Seed, any_type, any_value};

/// The same in `rmp-serde`'s words.
fn by_rmp<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut serializer = rmp_serde::Serializer::new(&mut bytes).with_struct_map().with_human_readable();
    value.serialize(&mut serializer).expect("encodes");
    bytes
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Unit,
    Newtype(i128),
    Tuple(u8, char),
    Struct { name: String, inner: Option<Box<Shape>> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct UnitStruct;

fn round_trip<T: Debug + PartialEq + Serialize + DeserializeOwned>(value: &T) {
    let bytes = encode(value).expect("encodes");
    assert_eq!(bytes, by_rmp(value), "{value:?}");
    assert_eq!(&decode::<T>(&bytes).expect("decodes"), value);
    let mut twice = bytes.clone();
    twice.extend(&bytes);
    let mut arguments = Arguments::split("f", &[("a", ""), ("b", "")], &twice).expect("splits");
    assert_eq!(&arguments.decode_next::<T>().expect("decodes"), value);
    assert_eq!(&arguments.decode_next::<T>().expect("decodes"), value);
}

#[test]
fn values_come_back_as_they_went() {
    round_trip(&(i128::MIN, i128::MAX, u128::MAX, -1_i128, u64::MAX, i64::MIN));
    round_trip(&(Some(i128::MAX), Some(u128::MAX), None::<u128>));
    round_trip(&(f32::INFINITY, f64::MIN_POSITIVE, 0.1_f32));
    let nan = encode(&[f32::NAN]).expect("encodes");
    assert!(decode::<[f32; 1]>(&nan).expect("decodes")[0].is_nan());
    round_trip(&BTreeMap::from([(1_u8, 'a'), (2, '漢')]));
    round_trip(&BTreeMap::from([((1_u8, true), vec![()])]));
    round_trip(&(Some(3_u8), None::<u8>, Some(String::new())));
    round_trip(&vec![Shape::Unit, Shape::Newtype(i128::MIN), Shape::Tuple(1, 'x')]);
    round_trip(&Shape::Struct { name: "s".into(), inner: Some(Box::new(Shape::Unit)) });
    round_trip(&Shape::Struct { name: "s".into(), inner: Some(Box::new(Shape::Newtype(5))) });
    round_trip(&UnitStruct);
    round_trip(&(vec![0_u8, 255], String::new(), '\0', ()));
    round_trip::<Result<Result<u8, String>, Shape>>(&Ok(Err("inner".into())));
    round_trip::<Result<Result<u8, String>, Shape>>(&Err(Shape::Unit));
    round_trip(&std::net::Ipv4Addr::LOCALHOST);
    round_trip(&std::path::PathBuf::from("a/b"));
    round_trip(&std::time::Duration::from_millis(1));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(f64),
    Pair(u8, u8),
    Named { name: String },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Empty,
    Full { of: Vec<u8> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "is")]
enum Adjacent {
    Empty,
    Full(u16, Option<u16>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flattened<K: Ord> {
    plain: bool,
    #[serde(flatten)]
    others: BTreeMap<K, i8>,
}

#[test]
fn serdes_own_ways_with_types_come_back_too() {
    round_trip(&vec![Untagged::Number(0.5), Untagged::Pair(1, 2), Untagged::Named { name: "n".into() }]);
    round_trip(&vec![Tagged::Empty, Tagged::Full { of: vec![1, 200] }]);
    round_trip(&vec![Adjacent::Empty, Adjacent::Full(300, None)]);
    round_trip(&(Cow::Borrowed("lent"), Box::new([1_u8; 3]), Some(Some(4_u8)), [[0_i16; 2]; 2]));
    round_trip(&(..3_u8, 4..=5_u8, std::ops::Bound::Excluded(6_u8), std::time::SystemTime::UNIX_EPOCH));
    let key = |key: &str| BTreeMap::from([(key.to_owned(), -3)]);
    let flattened = Flattened { plain: true, others: key("other") };
    let bytes = encode(&flattened).expect("encodes");
    // How many there are is not known before: the length is written in its longest form.
    assert_eq!(bytes[..5], [0xdf, 0, 0, 0, 2]);
    assert_eq!(decode::<Flattened<String>>(&bytes), Ok(flattened));
    assert_eq!(
        decode::<Flattened<String>>(&by_rmp(&Flattened { plain: true, others: key("x") })).map(|it| it.others),
        Ok(key("x"))
    );
    let numbered = Flattened { plain: true, others: BTreeMap::from([(7_u32, -3)]) };
    assert_eq!(decode::<Flattened<u32>>(&encode(&numbered).expect("encodes")), Ok(numbered));
}

/// Says the same of one text in `length` bytes, of a run of bytes, a list and a map.
#[test]
fn lengths_and_numbers_are_written_in_their_shortest_form() {
    struct Run(usize);
    impl Serialize for Run {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&vec![7; self.0])
        }
    }
    for length in [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536] {
        round_trip(&"x".repeat(length));
        round_trip(&vec![None::<u8>; length]);
        round_trip(&(0..length as u32).map(|key| (key, ())).collect::<BTreeMap<_, _>>());
        let bytes = encode(&Run(length)).expect("encodes");
        assert_eq!(bytes, by_rmp(&Run(length)));
        assert_eq!(decode::<Vec<u8>>(&bytes), Ok(vec![7; length]), "bytes are a list of numbers, too");
    }
    for power in 0..64 {
        for near in [-1_i128, 0, 1] {
            let number = (1_i128 << power) + near;
            if let Ok(number) = u64::try_from(number) {
                round_trip(&number);
            }
            if let Ok(number) = i64::try_from(-number) {
                round_trip(&number);
            }
        }
    }
}

#[test]
fn a_value_that_does_not_fit_is_told_by_what_it_is_and_what_was_expected() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only decoded")]
    struct Point {
        x: f32,
        y: f32,
    }
    fn said<T: DeserializeOwned>(value: &impl Serialize) -> String {
        let bytes = encode(value).expect("encodes");
        decode::<T>(&bytes).map(|_| ()).expect_err("does not fit")
    }
    let map =
        |entries: &[(&str, f32)]| entries.iter().map(|(key, it)| ((*key).to_owned(), *it)).collect::<BTreeMap<_, _>>();
    for (said, expected) in [
        (said::<u8>(&300), "invalid value: integer `300`, expected u8"),
        (said::<u8>(&-1), "invalid value: integer `-1`, expected u8"),
        (said::<u8>(&1.5), "invalid type: floating point `1.5`, expected u8"),
        (said::<bool>(&1), "invalid type: integer `1`, expected a boolean"),
        (said::<String>(&true), "invalid type: boolean `true`, expected a string"),
        (said::<char>(&"ab"), "invalid value: string \"ab\", expected a character"),
        (said::<Vec<u8>>(&"ab"), "invalid type: string \"ab\", expected a sequence"),
        (said::<Vec<Vec<u8>>>(&[["ab"]]), "invalid type: string \"ab\", expected u8"),
        (said::<(u8, u8)>(&[1]), "invalid length 1, expected a tuple of size 2"),
        (said::<(u8, u8)>(&[1, 2, 3]), "3 elements, of which 2 are expected"),
        (said::<u128>(&"x"), "invalid type: string \"x\", expected u128"),
        (said::<()>(&[1]), "invalid type: sequence, expected unit"),
        (said::<Option<u8>>(&"x"), "invalid type: string \"x\", expected u8"),
        (said::<Point>(&[1, 2]), "invalid type: sequence, expected struct Point"),
        (said::<Point>(&map(&[("x", 1.0)])), "missing field `y`"),
        (said::<Point>(&BTreeMap::from([(false, 1)])), "invalid type: boolean `false`, expected a name"),
        (said::<Shape>(&"Round"), "unknown variant `Round`, expected one of `Unit`, `Newtype`, `Tuple`, `Struct`"),
        (said::<Shape>(&"Tuple"), "a variant without content, expected one with values"),
        (said::<Shape>(&"Struct"), "a variant without content, expected one with fields"),
        (said::<Shape>(&"Newtype"), "a variant without content, expected one with a value"),
        (
            said::<Shape>(&map(&[("Unit", 1.0)])),
            "invalid type: floating point `1.0`, expected a variant without content",
        ),
        (said::<Shape>(&map(&[("a", 1.0), ("b", 1.0)])), "invalid type: map, expected enum Shape"),
        (said::<Shape>(&1.5), "invalid type: floating point `1.5`, expected enum Shape"),
    ] {
        assert_eq!(said, expected);
    }
    assert_eq!(decode::<u8>(&[]).expect_err("is none"), "1 bytes should follow, 0 do");
    assert_eq!(decode::<u8>(&[0xc1]).expect_err("is none"), "the marker 0xc1 has no meaning here");
}

#[test]
fn what_is_broken_or_endless_is_an_error() {
    #[derive(Debug, Deserialize)]
    struct Nested(#[expect(dead_code, reason = "only decoded")] Vec<Nested>);
    assert_eq!(decode::<Nested>(&[0x91; 5_000]).map(|_| ()), Err("nested too deeply".to_owned()));
    for bytes in [&[0xdd, 0xff, 0xff, 0xff, 0xff][..], &[0xc6, 0xff, 0xff, 0xff, 0xff], &[0xa5, b'x']] {
        assert!(decode::<Vec<u8>>(bytes).is_err(), "{bytes:?}");
        assert!(Arguments::split("f", &[("a", "")], bytes).is_err(), "{bytes:?}");
    }
    assert!(Arguments::split("f", &[("a", "")], &[0x91; 100_000]).is_err());
}

/// Takes text that is no UTF-8.
#[test]
fn text_that_is_none_is_bytes() {
    struct Raw;
    impl Visitor<'_> for Raw {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
    }
    let raw = Decoder::new(&[0xa2, 0xff, 0xfe]).deserialize_bytes(Raw);
    assert_eq!(raw.map_err(|error| error.to_string()), Ok(vec![0xff, 0xfe]));
}

#[test]
fn random_values_are_taken_as_rmp_takes_them() {
    fn told<T, E: Display>(decoded: Result<T, E>) -> Result<T, String> {
        decoded.map_err(|error| error.to_string())
    }
    let mut random = Random(5);
    let mut broken = 0;
    for _ in 0..20_000 {
        let ty = any_type(&mut random, 0);
        let value = any_value(&mut random, &ty);
        let mut bytes = encode(&value).expect("encodes");
        assert_eq!(bytes, by_rmp(&value), "{value:?}");
        assert_eq!(told(Seed(&ty).deserialize(&mut Decoder::new(&bytes))), Ok(value));
        // What is broken is not taken for something else.
        let at = random.below(bytes.len());
        if random.below(2) == 0 {
            bytes.truncate(at);
        } else {
            bytes[at] = random.next() as u8;
        }
        if let Ok(value) = Seed(&ty).deserialize(&mut Decoder::new(&bytes)) {
            let mut theirs = rmp_serde::Deserializer::from_read_ref(&bytes).with_human_readable();
            assert_eq!(told(Seed(&ty).deserialize(&mut theirs)), Ok(value), "{ty:?} from {bytes:?}");
        } else {
            broken += 1;
        }
    }
    assert!(broken > 1_000, "only {broken} were broken");
}
