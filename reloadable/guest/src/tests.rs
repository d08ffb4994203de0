//! Calls exports and state functions through the table, as a host does.

use std::collections::BTreeMap;
use std::io;

use exuvia_contract::{Bytes, Export, Field, Outcome, StatePtr, StateUse};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::shim::host::{self, Said};
use crate::{State, codec, export, state};

/// What the guest of these tests remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Counter {
    clicks: u32,
    #[serde(skip)]
    text: String,
    restore_fails: bool,
    bomb: Bomb,
}

/// Panics when it is dropped, if `true`.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Bomb(bool);

#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Faults {
    disk: bool,
}

impl State for Counter {
    fn restored(&mut self) {
        assert!(!self.restore_fails, "not restored");
        self.text = format!("{} clicks", self.clicks);
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!self.0 || std::thread::panicking(), "not dropped");
    }
}

state!(Counter);

/// Greets.
///
///   Twice as loud, if asked.
#[export]
pub(crate) fn greet(name: &str) -> String {
    print!("no newline here");
    format!("Hello, {name}!")
}

#[export]
fn sum(numbers: &[i32], factor: f64) -> f64 {
    numbers.iter().map(|&it| f64::from(it)).sum::<f64>() * factor
}

#[export]
fn click(state: &mut Counter, by: u32) -> u32 {
    state.clicks += by;
    state.clicks
}

#[export]
fn shown(_state: &Counter) -> &str {
    &_state.text
}

#[export]
fn nothing() {}

mod inner {
    use super::*;

    type Checked<T> = Result<T, io::Error>;

    #[export]
    pub(super) fn by_alias(fail: bool) -> Checked<u8> {
        if fail { Err(io::Error::other("disk full")) } else { Ok(7) }
    }
}

#[export]
fn by_values(fail: bool) -> Result<Option<u8>, Faults> {
    if fail { Err(Faults { disk: true }) } else { Ok(None) }
}

#[export]
fn by_box(fail: bool) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    if fail { Err("boxed".into()) } else { Ok(()) }
}

#[export]
fn borrowing<'a>(faults: &Faults, other: Option<&'a str>, path: &std::path::Path) -> &'a str {
    assert!(!faults.disk && path.is_relative());
    other.unwrap_or("none")
}

struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("pulled")
    }
}

impl Serialize for Grenade {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

#[export]
fn result_panics_in_drop() -> Grenade {
    Grenade
}

const PANIC_LINE: u32 = line!() + 5;
#[export]
fn panics(how: u8) {
    _ = std::panic::catch_unwind(|| panic!("an older one"));
    match how {
        0 => panic!("plain {how}"),
        1 => std::panic::panic_any(5_u8),
        2 => std::panic::panic_any(Grenade),
        3 => std::panic::resume_unwind(Box::new("resumed")),
        _ => {}
    }
}

#[export]
fn not_encoded() -> BTreeMap<u8, Unencodable> {
    BTreeMap::from([(1, Unencodable)])
}

struct Unencodable;

impl Serialize for Unencodable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("never"))
    }
}

fn export_named(name: &str) -> &'static Export {
    let (_, exports, _) = host::table();
    exports.iter().find(|it| host::text(it.name) == name).expect("the export is in the table")
}

fn call_with(state: StatePtr, name: &str, arguments: &[u8]) -> (Outcome, Said) {
    host::listen(|sink| (export_named(name).call)(state, Bytes::new(arguments), sink))
}

fn call(name: &str, arguments: &[u8]) -> (Outcome, Said) {
    call_with(StatePtr::NULL, name, arguments)
}

/// Values, one behind the other.
macro_rules! pack {
    ($($value:expr),*) => {{
        let mut bytes: Vec<u8> = Vec::new();
        $(bytes.extend(codec::encode(&$value).expect("encodes"));)*
        bytes
    }};
}

fn value<T: DeserializeOwned>(said: &Said) -> T {
    assert_eq!(said.0.len(), 1, "{said:?}");
    assert_eq!(said.0[0].0, Field::Value, "{said:?}");
    codec::decode(&said.0[0].1).expect("decodes")
}

fn text(said: &Said, wanted: Field) -> &str {
    let found = said.0.iter().find(|(field, _)| *field == wanted).expect("the field was said");
    std::str::from_utf8(&found.1).expect("UTF-8")
}

#[test]
fn the_table_tells_what_was_written() {
    let (table, exports, _) = host::table();
    assert_eq!((table.header.size as usize, table.header.contract_version), (size_of_val(table), 1));
    assert!(host::text(table.stamp.rustc).starts_with("rustc 1."));
    assert!(host::text(table.stamp.target).contains('-'));
    assert_eq!(host::text(table.stamp.panic), "unwind");
    assert_eq!(table.state_count, 1);
    let greet = export_named("greet");
    assert_eq!(host::text(greet.docs), "Greets.\n\n  Twice as loud, if asked.");
    assert_eq!(host::text(greet.signature), "fn greet(name: &str) -> String");
    assert_eq!((greet.argument_count, greet.state_use), (1, StateUse::NONE));
    assert_eq!(host::text(export_named("sum").signature), "fn sum(numbers: &[i32], factor: f64) -> f64");
    assert_eq!(host::text(export_named("nothing").docs), "");
    let click = export_named("click");
    assert_eq!(host::text(click.signature), "fn click(state: &mut Counter, by: u32) -> u32");
    assert_eq!((click.argument_count, click.state_use), (1, StateUse::EXCLUSIVE));
    assert_eq!(export_named("shown").state_use, StateUse::SHARED);
    let names: Vec<&str> = exports.iter().take(3).map(|it| host::text(it.name)).collect();
    assert_eq!(names, ["greet", "sum", "click"], "not in the author's order");
}

#[test]
fn calls_answer_with_values() {
    let (outcome, said) = call("greet", &pack!("World"));
    assert_eq!((outcome, value::<String>(&said)), (Outcome::RETURNED, "Hello, World!".to_owned()));
    let (_, said) = call("sum", &pack!([1, 2, 3], 2));
    assert!((value::<f64>(&said) - 12.0).abs() < f64::EPSILON);
    let (outcome, said) = call("nothing", &[]);
    assert_eq!((outcome, said.0), (Outcome::RETURNED, vec![(Field::Value, vec![0xc0])]));
    let (_, said) = call("borrowing", &pack!(Faults::default(), Some("lent"), "a/b"));
    assert_eq!(value::<String>(&said), "lent");
    assert_eq!(value::<u16>(&call("made_by_a_macro", &pack!(1, 2)).1), 3);
    let written = "fn made_by_a_macro(value: u16, other: &u16) -> u16";
    assert_eq!(host::text(export_named("made_by_a_macro").signature), written);
}

#[test]
fn results_are_told_apart() {
    for name in ["by_alias", "by_values", "by_box"] {
        assert_eq!(call(name, &pack!(false)).0, Outcome::RETURNED, "{name}");
        assert_eq!(call(name, &pack!(true)).0, Outcome::RETURNED_ERR, "{name}");
    }
    assert_eq!(value::<u8>(&call("by_alias", &pack!(false)).1), 7);
    assert_eq!(value::<String>(&call("by_alias", &pack!(true)).1), "disk full");
    assert_eq!(value::<Option<u8>>(&call("by_values", &pack!(false)).1), None);
    assert!(value::<Faults>(&call("by_values", &pack!(true)).1).disk);
    assert_eq!(value::<String>(&call("by_box", &pack!(true)).1), "boxed");
}

#[test]
fn a_panic_is_reported_and_nothing_unwinds() {
    let (outcome, said) = call("panics", &pack!(0));
    assert_eq!((outcome, text(&said, Field::Message)), (Outcome::PANICKED, "plain 0"));
    assert!(text(&said, Field::File).ends_with("tests.rs"));
    assert!(said.0.contains(&(Field::Line, PANIC_LINE.to_le_bytes().to_vec())), "{said:?}");

    let odd = "(the panic's payload is neither a &str nor a String)";
    assert_eq!(text(&call("panics", &pack!(1)).1, Field::Message), odd);
    assert_eq!(text(&call("panics", &pack!(2)).1, Field::Message), odd);
    // The hook does not see this one; what it noted of an older one must not be taken for it.
    let (outcome, said) = call("panics", &pack!(3));
    assert_eq!(outcome, Outcome::PANICKED);
    assert_eq!(said.0, [(Field::Message, b"resumed".to_vec())]);
    let (outcome, said) = call("result_panics_in_drop", &[]);
    assert_eq!((outcome, text(&said, Field::Message)), (Outcome::PANICKED, "pulled"));
    assert_eq!(call("panics", &pack!(9)).0, Outcome::RETURNED);
}

#[test]
fn what_was_printed_without_a_newline_appears() {
    const CHILD: &str = "EXUVIA_TEST_PRINTS_AND_ABORTS";
    if std::env::var_os(CHILD).is_some() {
        _ = call("greet", &pack!("World"));
        // Nothing flushes after this: what appears was flushed by the shim.
        std::process::abort();
    }
    let child = std::process::Command::new(std::env::current_exe().expect("a path"))
        .args(["--exact", "tests::what_was_printed_without_a_newline_appears", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .expect("the child runs");
    let printed = String::from_utf8_lossy(&child.stdout);
    assert!(printed.contains("no newline here"), "{child:?}");
}

#[test]
fn what_cannot_be_encoded_is_said() {
    let (outcome, said) = call("not_encoded", &[]);
    assert_eq!((outcome, text(&said, Field::Message)), (Outcome::NOT_ENCODED, "never"));
}

#[test]
fn arguments_that_do_not_fit_are_named() {
    for (name, arguments, message) in [
        ("greet", pack!(3), "argument `name` (&str): invalid type: integer `3`, expected a string"),
        ("click", pack!("x"), "argument `by` (u32): invalid type: string \"x\", expected u32"),
        ("click", pack!(-1), "argument `by` (u32): invalid value: integer `-1`, expected u32"),
        ("click", pack!([1]), "argument `by` (u32): invalid type: sequence, expected u32"),
        ("sum", pack!([1, 2]), "`sum` takes 2 arguments (numbers: &[i32], factor: f64), 1 was given"),
        ("sum", pack!(["x"], 1), "argument `numbers` (&[i32]): invalid type: string \"x\", expected i32"),
        ("greet", pack!("a", "b"), "`greet` takes 1 argument (name: &str), 2 were given"),
        ("greet", vec![], "`greet` takes 1 argument (name: &str), none was given"),
        ("nothing", pack!(1), "`nothing` takes no arguments, 1 was given"),
        ("by_values", pack!("x"), "argument `fail` (bool): invalid type: string \"x\", expected a boolean"),
    ] {
        let check = export_named(name).check;
        let (outcome, said) = host::listen(|sink| check(Bytes::new(&arguments), sink));
        assert_eq!((outcome, text(&said, Field::Message)), (Outcome::NOT_DECODED, message));
    }
    let check = export_named("greet").check;
    let (outcome, said) = host::listen(|sink| check(Bytes::new(&[0xa5, b'x']), sink));
    assert_eq!(outcome, Outcome::NOT_DECODED);
    assert!(text(&said, Field::Message).starts_with("argument 1 of `greet` is no MessagePack value"));
    let (outcome, said) = host::listen(|sink| check(Bytes::new(&pack!("x")), sink));
    assert_eq!((outcome, said), (Outcome::RETURNED, Said::default()));
}

#[test]
fn state_is_made_saved_restored_and_dropped() {
    let (_, _, functions) = host::table();
    assert!(host::text(functions.type_name).ends_with("tests::Counter"));
    let mut state = StatePtr::NULL;
    assert_eq!(host::listen(|sink| (functions.create)(&mut state, sink)).0, Outcome::RETURNED);
    assert_eq!(value::<u32>(&call_with(state, "click", &pack!(2)).1), 2);
    assert_eq!(value::<u32>(&call_with(state, "click", &pack!(3)).1), 5);
    let (outcome, said) = host::listen(|sink| (functions.snapshot)(state, sink));
    assert_eq!(outcome, Outcome::RETURNED);
    assert_eq!(host::listen(|sink| (functions.drop)(state, sink)).0, Outcome::RETURNED);

    let snapshot = &said.0[0].1;
    assert!(snapshot.windows(6).any(|it| it == b"clicks"), "not named: {snapshot:?}");
    let mut restored = StatePtr::NULL;
    let restore = |made: &mut _, bytes: &[u8]| host::listen(|sink| (functions.restore)(Bytes::new(bytes), made, sink));
    assert_eq!(restore(&mut restored, snapshot).0, Outcome::RETURNED);
    assert_eq!(value::<String>(&call_with(restored, "shown", &[]).1), "5 clicks");
    assert_eq!(host::listen(|sink| (functions.drop)(restored, sink)).0, Outcome::RETURNED);

    let mut none = StatePtr::NULL;
    let (outcome, said) = restore(&mut none, &pack!(BTreeMap::from([("clicks", "many")])));
    assert_eq!(outcome, Outcome::NOT_DECODED);
    assert!(text(&said, Field::Message) == "invalid type: string \"many\", expected u32", "{said:?}");
    let faults = |name| pack!(BTreeMap::from([(name, true)]));
    let (outcome, said) = restore(&mut none, &faults("restore_fails"));
    assert_eq!((outcome, text(&said, Field::Message)), (Outcome::PANICKED, "not restored"));
    assert!(none.is_null(), "written although it failed");
    assert_eq!(restore(&mut none, &faults("bomb")).0, Outcome::RETURNED);
    let (outcome, said) = host::listen(|sink| (functions.drop)(none, sink));
    assert_eq!((outcome, text(&said, Field::Message)), (Outcome::PANICKED, "not dropped"));

    let (outcome, said) = call("click", &pack!(1));
    assert_eq!(outcome, Outcome::NOT_DECODED);
    assert_eq!(text(&said, Field::Message), "there is no state to call this with");
    assert_eq!(host::listen(|sink| (functions.snapshot)(StatePtr::NULL, sink)).0, Outcome::NOT_ENCODED);
    assert_eq!(host::listen(|sink| (functions.drop)(StatePtr::NULL, sink)).0, Outcome::RETURNED);
}

macro_rules! exported {
    ($name:ident, $ty:ty) => {
        #[export]
        fn $name(value: $ty, other: &$ty) -> $ty {
            value + *other
        }
    };
}
exported!(made_by_a_macro, u16);

mod small {
    use super::*;
    #[derive(Clone, Deserialize)]
    pub(super) struct Config {
        pub(super) width: u8,
    }
    #[export]
    fn configure(config: &Config) -> u8 {
        config.width
    }
}

mod large {
    use super::*;
    #[derive(Clone, Deserialize)]
    pub(super) struct Config {
        pub(super) width: u64,
    }
    #[export]
    fn configure(config: &Config) -> u64 {
        config.width
    }
}

#[test]
fn the_canonical_signature_shows_a_changed_struct() {
    let (_, exports, _) = host::table();
    let twins = exports.iter().filter(|it| host::text(it.name) == "configure");
    let described: Vec<Said> = twins.map(|it| host::listen(|sink| (it.describe)(sink)).1).collect();
    assert_eq!(described.len(), 2, "both of the same name are recorded");
    let number = |number: u64| number.to_le_bytes().to_vec();
    for (said, module, size, returned) in [(&described[0], "small", 1, "u8"), (&described[1], "large", 8, "u64")] {
        assert_eq!(said.0[0], (Field::Parameter, b"config".to_vec()));
        let name = String::from_utf8(said.0[1].1.clone()).expect("UTF-8");
        assert_eq!(name, format!("&exuvia_guest::tests::{module}::Config"));
        assert_eq!(said.0[2..4], [(Field::TypeSize, number(size)), (Field::TypeAlign, number(size))]);
        assert_eq!(said.0[4], (Field::TypeName, returned.as_bytes().to_vec()));
        assert_eq!(said.0.len(), 7);
    }
}
