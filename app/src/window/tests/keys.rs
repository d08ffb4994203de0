//! The keyboard: shortcuts, and when they do not count.

use eframe::egui::{self, os::OperatingSystem};

use super::*;

#[test]
fn the_keyboard_selects_and_activates() {
    let mut window = Window::running();
    window.press(Modifiers::NONE, Key::ArrowDown);
    let row = window.harness.get_by_label("v1, Hot, lib.rs, 9 min ago");
    assert!(row.is_focused());
    assert_eq!(row.accesskit_node().is_selected(), Some(true));
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.sent(), [Command::Activate { version: VersionNumber(1) }]);
    window.press(Modifiers::NONE, Key::ArrowUp);
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.sent(), [], "v2 is active already");
    for _ in 0..3 {
        window.press(Modifiers::NONE, Key::ArrowUp);
    }
    assert!(window.harness.get_by_label("v3, Hot, lib.rs, 1 min ago").is_focused());
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.sent(), [Command::Activate { version: VersionNumber(3) }]);
}

#[test]
fn keys_of_one_frame_count_in_their_order() {
    let mut window = Window::running();
    for (keys, version) in [(vec![Key::ArrowDown, Key::Enter], 1), (vec![Key::ArrowUp, Key::ArrowUp, Key::Enter], 3)] {
        // The harness would give each a frame of its own.
        let events = &mut window.harness.input_mut().events;
        events.extend(keys.into_iter().flat_map(|key| [true, false].map(|pressed| event(key, pressed))));
        window.harness.run();
        assert_eq!(window.sent(), [Command::Activate { version: VersionNumber(version) }]);
    }
}

fn event(key: Key, pressed: bool) -> egui::Event {
    egui::Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE }
}

#[test]
fn shortcuts_are_commands() {
    let mut window = Window::running();
    for (modifiers, key, command) in [
        (Modifiers::COMMAND, Key::B, Command::Build),
        (Modifiers::ALT, Key::ArrowLeft, Command::RollBack),
        (Modifiers::COMMAND, Key::CloseBracket, Command::RollForward),
        (Modifiers::COMMAND | Modifiers::SHIFT, Key::R, Command::RestartGuest),
        (Modifiers::COMMAND | Modifiers::SHIFT, Key::A, Command::SetAutoReload { on: false }),
    ] {
        window.press(modifiers, key);
        assert_eq!(window.sent(), [command]);
    }
}

#[test]
fn keys_that_are_typed_do_nothing_else() {
    let mut window = Window::running();
    window.type_call("a");
    for key in [Key::ArrowUp, Key::ArrowDown, Key::ArrowLeft] {
        window.press(Modifiers::NONE, key);
    }
    assert_eq!(window.sent(), []);
    window.press(Modifiers::COMMAND, Key::OpenBracket);
    assert_eq!(window.sent(), [Command::RollBack]);
}

#[test]
fn alt_and_an_arrow_roll_while_a_call_is_typed_but_on_macos_they_go_by_words() {
    for (os, expected) in [
        (OperatingSystem::Nix, vec![Command::RollBack, Command::RollForward]),
        (OperatingSystem::Windows, vec![Command::RollBack, Command::RollForward]),
        (OperatingSystem::Mac, vec![]),
    ] {
        let mut window = Window::running();
        window.harness.ctx.set_os(os);
        window.type_call("a");
        window.press(Modifiers::ALT, Key::ArrowLeft);
        window.press(Modifiers::ALT, Key::ArrowRight);
        assert_eq!(window.sent(), expected, "{os:?}");
    }
}
