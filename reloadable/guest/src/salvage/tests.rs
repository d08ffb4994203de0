//! Real types with one edit each: what is kept, and what is named.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Debug;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Node, Report, salvage};
use crate::codec;

/// Carries `old` over into `New`, and gives the new state and what became of the fields.
fn carried<New: Default + Serialize + DeserializeOwned>(old: &impl Serialize) -> (New, Report) {
    let bytes = codec::encode(old).expect("encodes");
    let tree = Node::read(&bytes).expect("reads");
    let mut fresh = || codec::encode(&New::default()).ok();
    salvage(&PhantomData::<New>, &tree, &mut fresh).expect("something is salvaged")
}

/// The report in one line.
fn told(report: &Report) -> String {
    let mut told = vec![format!("{} kept", report.kept)];
    for (word, paths) in [("defaulted", &report.defaulted), ("dropped", &report.dropped)] {
        told.extend(paths.iter().map(|path| format!("{word} {path}")));
    }
    told.extend(report.reset.iter().map(|(path, why)| format!("reset {path} ({why})")));
    told.join("; ")
}

#[track_caller]
fn check<New>(old: &impl Serialize, new: &New, report: &str)
where
    New: Default + Debug + PartialEq + Serialize + DeserializeOwned,
{
    let (got, said) = carried::<New>(old);
    assert_eq!((&got, told(&said).as_str()), (new, report));
}

/// Declares types for a test, with what all of them derive.
macro_rules! types {
    ($($(#[$meta:meta])* $kind:ident $name:ident $body:tt)*) => {$(
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        $(#[$meta])*
        $kind $name $body
    )*};
}

types! {
    #[derive(Default)]
    struct Enemy { name: String, hp: i32 }
    #[derive(Default)]
    struct Old { title: String, score: u32, enemies: Vec<Enemy>, by_name: BTreeMap<String, Enemy>, best: Option<Enemy> }
}

fn old() -> Old {
    let enemy = |name: &str, hp| Enemy { name: name.to_owned(), hp };
    Old {
        title: "cave".to_owned(),
        score: 7,
        enemies: vec![enemy("bat", 3), enemy("rat", 4)],
        by_name: BTreeMap::from([("cat".to_owned(), enemy("cat", 9))]),
        best: Some(enemy("bat", 3)),
    }
}

#[test]
fn the_same_shape_is_kept_as_it_is() {
    check(&old(), &old(), "10 kept");
}

#[test]
fn fields_may_come_go_and_change_their_order_at_any_depth() {
    types! {
        #[derive(Default)]
        struct Foe { mp: u8, name: String }
        struct New { enemies: Vec<Foe>, by_name: HashMap<String, Foe>, best: Option<Foe>, lives: u8, title: String }
    }
    impl Default for New {
        fn default() -> Self {
            let title = "fresh".to_owned();
            Self { lives: 3, title, enemies: Vec::new(), by_name: HashMap::new(), best: None }
        }
    }
    let foe = |name: &str| Foe { mp: 0, name: name.to_owned() };
    let new = New {
        enemies: vec![foe("bat"), foe("rat")],
        by_name: HashMap::from([("cat".to_owned(), foe("cat"))]),
        best: Some(foe("bat")),
        lives: 3,
        title: "cave".to_owned(),
    };
    check(
        &old(),
        &new,
        "5 kept; defaulted lives; defaulted enemies[0].mp; defaulted enemies[1].mp; defaulted by_name.cat.mp; \
         defaulted best.mp; dropped score; dropped enemies[0].hp; dropped enemies[1].hp; dropped by_name.cat.hp; \
         dropped best.hp",
    );
}

#[test]
fn a_field_of_another_type_costs_only_itself() {
    types! {
        #[derive(Default)]
        struct Foe { name: String, hp: String }
        struct New { title: i32, score: u32, enemies: Vec<Foe>, by_name: BTreeMap<String, Foe>, best: Option<Foe> }
    }
    impl Default for New {
        fn default() -> Self {
            Self { title: 5, score: 1, enemies: Vec::new(), by_name: BTreeMap::new(), best: None }
        }
    }
    let foe = |name: &str| Foe { name: name.to_owned(), hp: String::new() };
    let new = New {
        title: 5,
        score: 7,
        enemies: vec![foe("bat"), foe("rat")],
        by_name: BTreeMap::from([("cat".to_owned(), foe("cat"))]),
        best: Some(foe("bat")),
    };
    let was = "(was number, now string)";
    check(
        &old(),
        &new,
        &format!(
            "5 kept; reset title (was string, now number); reset enemies[0].hp {was}; reset enemies[1].hp {was}; \
             reset by_name.cat.hp {was}; reset best.hp {was}"
        ),
    );
}

#[test]
fn other_names_need_no_second_field() {
    types! {
        #[derive(Default)]
        struct Foe { #[serde(alias = "hp")] life: i32, name: String, armour: u8 }
        #[derive(Default)]
        struct New { #[serde(alias = "title")] name: String, #[serde(alias = "score")] points: u32, enemies: Vec<Foe>, extra: u8 }
    }
    let foe = |name: &str, life| Foe { life, name: name.to_owned(), armour: 0 };
    let new = New { name: "cave".to_owned(), points: 7, enemies: vec![foe("bat", 3), foe("rat", 4)], extra: 0 };
    check(
        &old(),
        &new,
        "6 kept; defaulted extra; defaulted enemies[0].armour; defaulted enemies[1].armour; dropped by_name; dropped best",
    );
}

#[test]
fn of_two_names_for_one_field_its_own_wins() {
    types! {
        #[derive(Default)]
        struct Before { zero: u8, hp: u8, life: u8 }
        #[derive(Default)]
        struct After { #[serde(alias = "hp", alias = "zero")] life: u8 }
    }
    check(&Before { zero: 1, hp: 2, life: 3 }, &After { life: 3 }, "1 kept; dropped zero; dropped hp");
}

types! {
    enum Shape { Unit, Gone, Newtype(u32), Pair(u32, String), Fields { w: u32, h: u32 } }
    enum Changed { Unit(u8), Newtype, Pair(u32, String, bool), Fields { w: u32, h: String, d: u8 }, Other }
}

#[test]
fn variants_may_change_their_kind_and_go() {
    types! {
        #[derive(Default)]
        struct Before { shapes: Vec<Shape>, after: u8 }
        #[derive(Default)]
        struct After { shapes: Vec<Changed>, after: u8 }
    }
    let shapes = vec![
        Shape::Unit,
        Shape::Gone,
        Shape::Newtype(1),
        Shape::Pair(2, "p".to_owned()),
        Shape::Fields { w: 3, h: 4 },
        Shape::Gone,
    ];
    let after = vec![
        Changed::Unit(0),
        Changed::Unit(0),
        Changed::Newtype,
        Changed::Pair(2, "p".to_owned(), false),
        Changed::Fields { w: 3, h: String::new(), d: 0 },
        Changed::Unit(0),
    ];
    check(
        &Before { shapes, after: 6 },
        &After { shapes: after, after: 6 },
        "5 kept; defaulted shapes[0].Unit; defaulted shapes[3].Pair[2]; defaulted shapes[4].Fields.d; \
         dropped shapes[2].Newtype; reset shapes[1] (the variant `Gone` is no more); \
         reset shapes[4].Fields.h (was number, now string); reset shapes[5] (the variant `Gone` is no more)",
    );
}

#[test]
fn what_an_option_cannot_hold_empties_it() {
    types! {
        #[derive(Default)]
        struct Before { a: Option<String>, b: Vec<Option<u32>>, c: u8, d: Option<u8> }
        struct After { a: Option<u32>, b: Vec<Option<u8>>, c: Option<u8>, d: u8 }
    }
    impl Default for After {
        fn default() -> Self {
            Self { a: Some(4), b: Vec::new(), c: None, d: 9 }
        }
    }
    let before = Before { a: Some("x".to_owned()), b: vec![Some(1), Some(300), None], c: 2, d: None };
    check(
        &before,
        &After { a: Some(4), b: vec![Some(1), None, None], c: Some(2), d: 9 },
        "3 kept; reset a (was string, now number); reset b[1] (300 does not fit u8); reset d (was nothing, now number)",
    );
}

#[test]
fn tuples_arrays_numbers_and_keys() {
    types! {
        #[derive(Default)]
        struct Before {
            pair: (u8, String), triple: [i32; 3], wide: i128, huge: u128, half: f64, whole: i32, letter: char, word: String,
            numbered: BTreeMap<u16, u8>, named: BTreeMap<String, u8>, unit: (), set: BTreeSet<String>,
        }
        #[derive(Default)]
        struct After {
            pair: (u8, u8, bool), triple: [i32; 2], wide: i128, huge: u128, half: i32, whole: f32, letter: String, word: char,
            numbered: BTreeMap<u8, u8>, named: BTreeMap<u8, u8>, unit: (), set: BTreeSet<String>,
        }
    }
    let before = Before {
        pair: (1, "x".to_owned()),
        triple: [1, 2, 3],
        wide: i128::MIN,
        huge: u128::MAX,
        half: 0.5,
        whole: 3,
        letter: 'l',
        word: "word".to_owned(),
        numbered: BTreeMap::from([(1, 1), (300, 2)]),
        named: BTreeMap::from([("a".to_owned(), 1)]),
        unit: (),
        set: BTreeSet::from(["s".to_owned()]),
    };
    let after = After {
        pair: (1, 0, false),
        triple: [1, 2],
        wide: i128::MIN,
        huge: u128::MAX,
        whole: 3.0,
        letter: "l".to_owned(),
        numbered: BTreeMap::from([(1, 1)]),
        set: BTreeSet::from(["s".to_owned()]),
        ..After::default()
    };
    check(
        &before,
        &after,
        "10 kept; defaulted pair[2]; dropped triple[2]; dropped numbered.300; dropped named.a; \
         reset pair[1] (was string, now number); reset half (0.5 does not fit i32); \
         reset word (the text of 4 bytes is no single character)",
    );
}

#[test]
fn a_list_is_not_read_as_fields() {
    types! {
        #[derive(Default)]
        struct Before { place: (i32, i32), n: u8 }
        #[derive(Default)]
        struct Point { x: i32, y: i32 }
        #[derive(Default)]
        struct After { place: Point, n: u8 }
    }
    check(
        &Before { place: (1, 2), n: 3 },
        &After { n: 3, ..After::default() },
        "1 kept; reset place (was list, now fields)",
    );
}

/// Accepts even numbers only.
#[derive(Debug, Clone, Default, PartialEq, PartialOrd, Eq, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32")]
struct Even(u32);

impl TryFrom<u32> for Even {
    type Error = String;
    fn try_from(it: u32) -> Result<Self, String> {
        if it.is_multiple_of(2) { Ok(Self(it)) } else { Err(format!("{it} is odd")) }
    }
}

#[test]
fn a_check_of_the_authors_own_resets_the_nearest_field() {
    types! {
        #[derive(Default)]
        struct Before { all: Vec<u32>, one: u32, far: String, keyed: BTreeMap<u32, u8> }
        #[derive(Default)]
        struct After { all: Vec<Even>, one: Even, far: Option<std::net::Ipv4Addr>, keyed: BTreeMap<Even, u8> }
    }
    let before =
        Before { all: vec![1, 2, 3, 4], one: 5, far: "nowhere".to_owned(), keyed: BTreeMap::from([(1, 1), (2, 2)]) };
    let after = After {
        all: vec![Even(0), Even(2), Even(0), Even(4)],
        keyed: BTreeMap::from([(Even(2), 2)]),
        ..After::default()
    };
    check(
        &before,
        &after,
        "3 kept; dropped keyed.1; reset all[0] (1 is odd); reset all[2] (3 is odd); reset one (5 is odd); \
         reset far (invalid IPv4 address syntax)",
    );
}

#[test]
fn flattened_untagged_and_tagged_types_do_not_cost_the_other_fields() {
    types! {
        #[derive(Default)]
        struct Inner { x: i32, y: i32 }
        #[serde(untagged)]
        enum Id { Number(u32), Name(String) }
        #[serde(tag = "kind")]
        enum Tagged { One { a: u8 }, Two { b: String } }
        struct Before { #[serde(flatten)] inner: Inner, id: Id, tagged: Tagged, n: u8 }
        #[derive(Default)]
        struct Inside { x: i32, y: String, z: u8 }
        struct After { #[serde(flatten)] inner: Inside, id: Id, tagged: Tagged, n: u8, more: u8 }
    }
    impl Default for After {
        fn default() -> Self {
            let tagged = Tagged::One { a: 0 };
            Self { inner: Inside::default(), id: Id::Number(0), tagged, n: 0, more: 2 }
        }
    }
    let inner = Inner { x: 1, y: 2 };
    let tagged = Tagged::Two { b: "b".to_owned() };
    let before = Before { inner, id: Id::Name("me".to_owned()), tagged: tagged.clone(), n: 4 };
    let inner = Inside { x: 1, y: String::new(), z: 0 };
    let (after, report) = carried::<After>(&before);
    assert_eq!((after.inner, after.n, after.more), (inner, 4, 2), "{report:?}");
    assert_eq!((after.id, after.tagged), (Id::Name("me".to_owned()), tagged), "{report:?}");
    assert_eq!(report.reset, [("y".to_owned(), "was number, now string".to_owned())]);
}

#[test]
fn unknown_fields_that_a_type_forbids_are_dropped() {
    types! {
        #[derive(Default)]
        #[serde(deny_unknown_fields)]
        struct Strict { score: u32 }
    }
    check(&old(), &Strict { score: 7 }, "1 kept; dropped title; dropped enemies; dropped by_name; dropped best");
}

#[test]
fn recursive_types_are_made_up_without_end_nowhere() {
    types! {
        enum Tree { Twig(Box<Tree>), Fork { left: Box<Tree>, right: Box<Tree> }, Leaf }
        #[derive(Default)]
        struct Before { trees: Vec<u8>, n: u8 }
        #[derive(Default)]
        struct After { trees: Vec<Tree>, n: u8 }
    }
    check(
        &Before { trees: vec![1], n: 2 },
        &After { trees: vec![Tree::Leaf], n: 2 },
        "1 kept; reset trees[0] (was number, now variant)",
    );
}

#[test]
fn a_key_that_is_no_name_costs_itself_only() {
    types! {
        #[derive(Default)]
        struct After { a: u8 }
    }
    // {"a": 1, [1]: 2, {"b": 1}: 3, true: 4, -1: 5}
    let bytes = [0x85, 0xa1, b'a', 1, 0x91, 1, 2, 0x81, 0xa1, b'b', 1, 3, 0xc3, 4, 0xff, 5];
    let tree = Node::read(&bytes).expect("reads");
    let mut fresh = || codec::encode(&After::default()).ok();
    let (after, report) = salvage(&PhantomData::<After>, &tree, &mut fresh).expect("something is salvaged");
    let all = "1 kept; dropped (list); dropped (fields); dropped true; dropped -1";
    assert_eq!((after.a, told(&report).as_str()), (1, all));
}

#[test]
fn nothing_salvageable_is_said() {
    let bytes = codec::encode(&7).expect("encodes");
    let tree = Node::read(&bytes).expect("reads");
    assert_eq!(salvage(&PhantomData::<Even>, &tree, &mut || None).expect_err("odd"), "7 is odd");
}

/// Work is bounded although each of the elements fails on its own: what cannot be had finely is had
/// coarsely.
#[test]
fn a_large_state_of_which_much_fails_costs_bounded_work() {
    types! {
        #[derive(Default)]
        struct Before { many: Vec<u32>, n: u8 }
        #[derive(Default)]
        struct After { many: Vec<Even>, n: u8 }
    }
    let before = Before { many: (0..100_000).collect(), n: 3 };
    let (after, report) = carried::<After>(&before);
    assert_eq!((after.n, after.many.len(), report.reset.len()), (3, 0, 1));
}

#[test]
fn an_unchanged_type_needs_no_fresh_state() {
    let bytes = codec::encode(&old()).expect("encodes");
    let tree = Node::read(&bytes).expect("reads");
    let mut made = || unreachable!("a fresh state was made");
    salvage(&PhantomData::<Old>, &tree, &mut made).expect("is taken over");
}
