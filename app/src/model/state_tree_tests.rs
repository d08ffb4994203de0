//! What is to hold of the state's tree.

use serde_json::json;

use super::*;

/// `path value mark`, indented, a row a line.
fn words(rows: &[StateRow]) -> Vec<String> {
    let line = |row: &StateRow| {
        let preview = match &row.preview {
            Preview::Text(text) | Preview::Plain(text) => text.clone(),
            Preview::Fields(n) => format!("{{{n}}}"),
            Preview::Items(n) => format!("[{n}]"),
            Preview::More(n) => format!("… {n} more"),
        };
        let mark = row.mark.map_or(String::new(), |mark| format!(" {mark:?}"));
        let open = row.open.map_or("", |open| if open { "- " } else { "+ " });
        format!("{}{open}{} {preview}{mark}", "  ".repeat(row.depth), row.path)
    };
    rows.iter().map(line).collect()
}

fn shown(now: &Value, at_swap: &Value, before: Option<&Value>) -> Vec<String> {
    words(&rows(now, Some(at_swap), before, &Folding::default()))
}

#[test]
fn what_differs_from_the_last_swap_is_marked_by_path() {
    let old = json!({"n": 1, "p": {"x": 1, "y": 2}, "list": [1, 2], "gone": true});
    for (now, lines) in [
        (
            old.clone(),
            vec!["n 1", "- p {2}", "  p.x 1", "  p.y 2", "- list [2]", "  list[0] 1", "  list[1] 2", "gone true"],
        ),
        (
            json!({"n": 2, "p": {"x": 1, "y": 3}, "list": [1], "more": null}),
            vec![
                "n 2 Changed",
                "- p {2} Changed",
                "  p.x 1",
                "  p.y 3 Changed",
                "- list [1] Changed",
                "  list[0] 1",
                "  list[1] 2 Removed",
                "more null Added",
                "gone true Removed",
            ],
        ),
        (json!([1]), vec!["[0] 1"]),
        (json!(7), vec![" 7 Changed"]),
    ] {
        assert_eq!(shown(&now, &old, None), lines, "{now}");
    }
}

#[test]
fn after_a_migration_new_and_dropped_fields_are_named() {
    let before = json!({"n": 1, "old": "x", "p": {"x": 1}, "e": [{"hp": 1}]});
    let at_swap = json!({"n": 1, "new": 0, "p": {"x": 1, "y": 2}, "e": [{"hp": 1, "mp": 0}]});
    let mut later = at_swap.clone();
    later["new"] = json!(5);
    assert_eq!(shown(&later, &at_swap, Some(&before))[1], "new 5 NewChanged");
    assert_eq!(
        shown(&at_swap, &at_swap, Some(&before)),
        [
            "n 1",
            "new 0 New",
            "- p {2}",
            "  p.x 1",
            "  p.y 2 New",
            "- e [1]",
            "  - e[0] {2}",
            "    e[0].hp 1",
            "    e[0].mp 0 New",
            "old \"x\" Dropped",
        ]
    );
}

#[test]
fn what_is_long_is_cut_and_can_be_unfolded_in_steps() {
    let value = json!({"cells": vec![0; 10_000]});
    let mut folding = Folding::default();
    assert_eq!(words(&rows(&value, None, None, &folding)), ["+ cells [10000]"], "long lists begin closed");
    folding.toggle("cells");
    let open = words(&rows(&value, None, None, &folding));
    assert_eq!((open.len(), open[101].as_str()), (102, "  cells … 9900 more"));
    folding.show_more("cells");
    let more = words(&rows(&value, None, None, &folding));
    assert_eq!((more.len(), more[601].as_str()), (602, "  cells … 9400 more"));
    folding.toggle("cells");
    assert_eq!(rows(&value, None, None, &folding).len(), 1);
}

#[test]
fn a_filter_finds_names_and_values_at_any_depth() {
    let value = json!({"a": {"b": {"c": {"Name": "Ann"}}}, "list": [10, 20, 31], "other": "x"});
    for (filter, lines) in [
        ("name", vec!["- a {1}", "  - a.b {1}", "    - a.b.c {1}", "      a.b.c.Name \"Ann\""]),
        ("ANN", vec!["- a {1}", "  - a.b {1}", "    - a.b.c {1}", "      a.b.c.Name \"Ann\""]),
        ("31", vec!["- list [3]", "  list[2] 31"]),
        ("list", vec!["+ list [3]"]),
        ("nowhere", vec![]),
    ] {
        let folding = Folding { filter: filter.to_owned(), ..Folding::default() };
        assert_eq!(words(&rows(&value, None, None, &folding)), lines, "{filter}");
    }
    let many = Folding { filter: "0".to_owned(), ..Folding::default() };
    assert!(rows(&json!(vec![0; 10_000]), None, None, &many).len() <= FOUND);
}

#[test]
fn every_path_leads_back_to_its_value() {
    let value = json!({"a": [{"b.c": 1, "d]\"[": {"": 2}}], "名": {"x_1": 3}});
    let folding = Folding { filter: String::new(), ..Folding::default() };
    let rows = rows(&value, None, None, &folding);
    assert!(rows.len() >= 6, "{rows:?}");
    for row in rows {
        let found = value_at(&value, &row.path).unwrap_or_else(|| panic!("{}", row.path));
        assert_eq!(preview(found).0, row.preview, "{}", row.path);
    }
    assert_eq!(value_at(&value, ""), Some(&value));
    for gone in ["a[1]", "b", "a[0].x", "a[x]", "[\"unclosed"] {
        assert_eq!(value_at(&value, gone), None, "{gone}");
    }
}
