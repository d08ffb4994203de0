//! Calls that are typed, begun and answered.

use exuvia_runtime::load::ExportRecord;

use super::*;

#[test]
fn of_a_long_answer_the_window_keeps_the_beginning() {
    let mut window = Window::running();
    let answer = returned(&"x".repeat(100_000));
    let (version, call) = (VersionNumber(2), "greet(\"World\")".to_owned());
    window.hear([
        Event::PinnedResult { version, call: call.clone(), answer: answer.clone() },
        Event::Answered { id: 7, call, version: Some(version), answer, micros: 85 },
    ]);
    let shown: Vec<_> =
        window.harness.query_all_by_label_contains("xxx").filter_map(|node| node.accesskit_node().value()).collect();
    assert_eq!(shown.len(), 3, "in its row, as the pin's latest result, and below the call");
    for text in shown {
        assert!(text.ends_with("x… (96000 more characters)\"") && text.len() < 4_100, "{text}");
    }
}

#[test]
fn a_call_is_typed_and_entered() {
    let mut window = Window::running();
    window.type_call("greet(\"Ann\")");
    window.press(Modifiers::NONE, Key::Enter);
    let text = "greet(\"Ann\")".to_owned();
    assert_eq!(window.sent(), [Command::Call { id: 1, text: text.clone() }]);
    let field = window.harness.get_by_role_and_label(Role::TextInput, "Call to make");
    assert!(field.is_focused(), "ready for the next call");
    let answer = returned("Hello, Ann");
    window.hear([Event::Answered { id: 1, call: text.clone(), version: Some(VersionNumber(2)), answer, micros: 85 }]);
    assert!(window.shows("\"Hello, Ann\"") && window.shows("v2 · 85 µs"));
    window.click("Pin");
    assert_eq!(window.sent(), [Command::Pin { text }]);
    window.click("Unpin greet(\"World\")");
    assert_eq!(window.sent(), [Command::Unpin { text: "greet(\"World\")".to_owned() }]);
}

#[test]
fn what_is_no_call_is_explained_and_not_sent() {
    let mut window = Window::running();
    window.type_call("greet(Ann)");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.sent(), []);
    assert!(window.shows("are not JSON values"));
}

#[test]
fn an_export_begins_a_call() {
    let mut window = Window::running();
    assert!(window.shows("Greets somebody."));
    window.click("fn greet(name: &str) -> String");
    let field = window.harness.get_by_role_and_label(Role::TextInput, "Call to make");
    assert_eq!(field.value().as_deref(), Some("greet(\"World\")"));
    let argument = window.harness.get_by_role_and_label(Role::TextInput, "name: &str");
    assert_eq!(argument.value().as_deref(), Some("World"));
    assert!(argument.is_focused());
}

#[test]
fn the_field_is_entered_with_its_text_selected() {
    let mut window = Window::running();
    window.type_call("greet(\"a\")");
    window.press(Modifiers::NONE, Key::Escape);
    window.type_call("tick()");
    let field = window.harness.get_by_role_and_label(Role::TextInput, "Call to make");
    assert_eq!(field.value().as_deref(), Some("tick()"), "what was typed took its place");
}

#[test]
fn the_button_says_what_it_would_do_with_what_is_entered() {
    let mut window = Window::running();
    window.type_call("greet(\"World\")");
    window.click("Unpin");
    assert_eq!(window.sent(), [Command::Unpin { text: "greet(\"World\")".to_owned() }]);
    window.type_call("greet(\"b\")");
    window.click("Pin");
    assert_eq!(window.sent(), [Command::Pin { text: "greet(\"b\")".to_owned() }]);
    window.type_call("greet(\"World\")");
    window.speak_chinese();
    assert!(window.harness.query_by_label("取消固定").is_some() && window.harness.query_by_label("固定").is_none());
}

#[test]
fn what_can_be_called_does_not_look_disabled() {
    for theme in [Theme::Dark, Theme::Light] {
        let mut window = Window::sized(1280.0, 720.0, theme);
        window.hear(running());
        let palette = super::super::theme::Palette::of_visuals(&window.harness.ctx.style_of(theme).visuals);
        let painted = window.painted();
        let color = |text: &str| painted.iter().find(|(shown, ..)| shown == text).map(|(_, _, color)| *color);
        assert_eq!(color("fn greet(name: &str) -> String"), Some(palette.strong));
        assert_eq!(color("Greets somebody."), Some(palette.text));
        let veil = window.harness.ctx.style_of(theme).spacing.scroll.fade.strength;
        assert_eq!(veil, 0.0, "nothing lies over a list's edges");
    }
}

#[test]
fn what_can_be_called_stays_where_it_is_after_the_first_call() {
    for (width, height) in [(1280.0, 720.0), (560.0, 900.0)] {
        let mut window = Window::sized(width, height, Theme::Dark);
        window.hear(running());
        window.click("Calls");
        let place = |window: &Window| window.harness.get_by_label("fn greet(name: &str) -> String").rect();
        let before = place(&window);
        window.type_call("greet(\"b\")");
        window.press(Modifiers::NONE, Key::Enter);
        let (version, call) = (Some(VersionNumber(2)), "greet(\"b\")".to_owned());
        window.hear([Event::Answered { id: 1, call, version, answer: returned("Hello"), micros: 85 }]);
        assert!(window.shows("v2 · 85 µs"));
        // The arguments' fields come in above.
        let after = place(&window);
        assert_eq!(before.left(), after.left(), "{width}");
        let answer = window.harness.get_by_label("Answer").rect();
        assert!(answer.top() <= after.top(), "{width}: {answer:?}, {after:?}");
    }
}

#[test]
fn a_pin_that_changes_the_state_says_so() {
    let mut window = Window::running();
    let words = "changes the state at each version";
    assert!(!window.shows(words), "greet reads nothing");
    let mut row = version(3, 0);
    row.record.exports =
        vec![ExportRecord { state: exuvia_runtime::load::StateAccess::Changes, ..row.record.exports[0].clone() }];
    window.hear([Event::Recorded { row: Box::new(row) }, activated(3)]);
    let marked = |window: &Window, words: &str| window.harness.query_by_label(words).is_some();
    assert!(marked(&window, words) || marked(&window, "changes it each time"));
    window.speak_chinese();
    assert!(marked(&window, "每个版本都会更改状态") || marked(&window, "每次都更改状态"));
}
