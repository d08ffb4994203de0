//! Nothing that could be kept is lost, and nothing panics, whatever is edited.
//!
//! What must be kept is said by a second, simpler description than the salvage itself: the value under
//! the same path, wherever its kind is still the same.

use super::random_types::{
    Content, Field, Random, Seed, Type, Value, any_type, any_value, edited_fields, fields, structure,
};
use super::{Node, Report, salvage};
use crate::codec;

/// Counts the values of `before` that `after`, of type `ty`, must hold, and panics where one is not there.
fn must_be_kept(before: &Value, ty: &Type, after: &Value, path: &str) -> usize {
    let same = |is_same: bool| {
        assert!(is_same, "{path} was lost: {before:?} became {after:?}");
        1
    };
    match (ty, before) {
        (Type::Option(_), Value::Nil) => same(*after == Value::Nil),
        (Type::Option(inner), before) => {
            match after {
                // What does not fit empties it.
                Value::Nil if !fits(before, inner) => 0,
                Value::Nil => same(false),
                after => must_be_kept(before, inner, after, path),
            }
        }
        (Type::List(inner), Value::List(before)) => {
            let Value::List(after) = after else { return same(false) };
            assert_eq!(before.len(), after.len(), "{path}");
            let each = before.iter().zip(after).enumerate();
            each.map(|(index, (before, after))| must_be_kept(before, inner, after, &format!("{path}[{index}]"))).sum()
        }
        (Type::Tuple(inside), Value::List(before)) => {
            let Value::List(after) = after else { return same(false) };
            let each = inside.iter().zip(before.iter().zip(after));
            each.map(|(ty, (before, after))| must_be_kept(before, ty, after, &format!("{path}(…)"))).sum()
        }
        (Type::Map(inner), Value::Map(before)) => {
            let each =
                before.iter().map(|(key, value)| must_be_kept(value, inner, get(after, key), &format!("{path}.{key}")));
            each.sum()
        }
        (Type::Struct(fields, _), Value::Map(before)) => fields_must_be_kept(before, fields, after, path),
        (Type::Enum(variants, _), before) => {
            let (name, content) = match before {
                Value::Text(name) => (name, None),
                Value::Map(entries) => match entries.as_slice() {
                    [(name, content)] => (name, Some(content)),
                    _ => return 0,
                },
                _ => return 0,
            };
            let Some((_, now)) = variants.iter().find(|(other, _)| other == name) else { return 0 };
            match (now, content) {
                (Content::Unit, _) => same(*after == Value::Text(name.clone())),
                (_, None) => 0,
                (Content::One(ty), Some(before)) => {
                    must_be_kept(before, ty, get(after, name), &format!("{path}.{name}"))
                }
                (Content::Fields(fields, _), Some(Value::Map(before))) => {
                    fields_must_be_kept(before, fields, get(after, name), &format!("{path}.{name}"))
                }
                _ => 0,
            }
        }
        (Type::Float, Value::Int(it)) => same(*after == Value::Float(*it as f64)),
        (ty, before) if fits(before, ty) => same(before == after),
        _ => 0,
    }
}

fn fields_must_be_kept(before: &[(String, Value)], fields: &[Field], after: &Value, path: &str) -> usize {
    let find = |name: &str| before.iter().find(|(other, _)| other == name).map(|(_, value)| value);
    let each = fields.iter().filter_map(|field| {
        let old = find(field.name).or_else(|| field.alias.and_then(find))?;
        Some(must_be_kept(old, &field.ty, get(after, field.name), &format!("{path}.{}", field.name)))
    });
    each.sum()
}

fn get<'a>(value: &'a Value, key: &str) -> &'a Value {
    let Value::Map(entries) = value else { panic!("{value:?} has no `{key}`") };
    &entries.iter().find(|(other, _)| other == key).unwrap_or_else(|| panic!("{value:?} has no `{key}`")).1
}

/// Whether a value is of the kind that a type asks for, whatever is inside.
fn fits(value: &Value, ty: &Type) -> bool {
    match (ty, value) {
        (Type::Bool, Value::Bool(_))
        | (Type::Int | Type::Float, Value::Int(_))
        | (Type::Float, Value::Float(_))
        | (Type::Text, Value::Text(_))
        | (Type::Option(_), Value::Nil)
        | (Type::List(_) | Type::Tuple(_), Value::List(_))
        | (Type::Map(_) | Type::Struct(..), Value::Map(_)) => true,
        (Type::Byte, Value::Int(it)) => u8::try_from(*it).is_ok(),
        (Type::Option(inner), value) => fits(value, inner),
        (Type::Enum(variants, _), Value::Text(name)) => variants.iter().any(|(other, _)| other == name),
        (Type::Enum(variants, _), Value::Map(entries)) => {
            matches!(entries.as_slice(), [(name, _)] if variants.iter().any(|(other, _)| other == name))
        }
        _ => false,
    }
}

fn salvaged(before: &Value, ty: &Type, fresh: &Value) -> Result<(Value, Report), String> {
    let bytes = codec::encode(before).expect("encodes");
    let tree = Node::read(&bytes).expect("reads");
    salvage(&Seed(ty), &tree, &mut || codec::encode(fresh).ok())
}

#[test]
fn whatever_is_edited_nothing_is_lost_that_could_be_kept() {
    let (mut kept, mut edits) = (0, 0);
    for seed in 0..4000 {
        let mut random = Random(seed);
        // A state is a struct.
        let old = structure(fields(&mut random, 0));
        let Type::Struct(before, _) = &old else { unreachable!("made so") };
        let new = structure(edited_fields(&mut random, before, 0));
        let (before, fresh) = (any_value(&mut random, &old), any_value(&mut random, &new));

        let (same, report) = salvaged(&before, &old, &fresh).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        assert_eq!(same, before, "seed {seed}: an unedited type");
        let whole = report.defaulted.len() + report.dropped.len() + report.reset.len();
        assert_eq!(whole, 0, "seed {seed}: {report:?}");

        let (after, report) = salvaged(&before, &new, &fresh).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        edits += usize::from(old != new);
        kept += must_be_kept(&before, &new, &after, &format!("seed {seed}: "));
        // What is made is a value of the new type, and comes back as it is.
        let (again, _) = salvaged(&after, &new, &fresh).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        assert_eq!(again, after, "seed {seed}: {report:?}");
    }
    assert!(edits > 2000 && kept > 10_000, "{edits} edited types, {kept} values that had to be kept");
}

#[test]
fn a_state_of_another_type_altogether_never_panics() {
    for seed in 0..4000 {
        let mut random = Random(1_000_000 + seed);
        let (old, new) = (any_type(&mut random, 0), any_type(&mut random, 0));
        let (before, fresh) = (any_value(&mut random, &old), any_value(&mut random, &new));
        let (after, _) = salvaged(&before, &new, &fresh).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        must_be_kept(&before, &new, &after, &format!("seed {seed}: "));
    }
}

#[test]
fn bytes_that_are_no_snapshot_never_panic() {
    for seed in 0..4000 {
        let mut random = Random(seed);
        let bytes: Vec<u8> = (0..random.below(64)).map(|_| random.next() as u8).collect();
        let ty = any_type(&mut random, 0);
        if let Ok(tree) = Node::read(&bytes) {
            _ = salvage(&Seed(&ty), &tree, &mut || None);
        }
    }
}
