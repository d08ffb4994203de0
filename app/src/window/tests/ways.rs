//! Ways between the pages, and back.

use eframe::egui::CursorIcon;
use eframe::egui::accesskit::Toggled;
use exuvia_runtime::session::status::Status;

use super::*;
use crate::window::dock::Panel;
use crate::window::view_state::Page;

fn page(window: &Window) -> Page {
    window.harness.state().view.page
}

#[test]
fn each_page_is_left_as_it_was_come_to_and_by_its_button_and_by_esc() {
    for (asked, key, title) in [(Page::Settings, Key::Comma, "Editor command"), (Page::Experiment, Key::E, "Run all")] {
        let mut window = Window::running();
        let ways: [fn(&mut Window, Key); 3] = [
            |window, key| window.press(Modifiers::COMMAND, key),
            |window, _| window.press(Modifiers::NONE, Key::Escape),
            |window, _| window.click("Back to the workbench"),
        ];
        for way in ways {
            window.press(Modifiers::COMMAND, key);
            assert_eq!(page(&window), asked);
            assert!(window.shows(title), "{title}");
            way(&mut window, key);
            assert_eq!(page(&window), Page::Workbench, "{asked:?}");
        }
    }
}

#[test]
fn without_a_guest_the_way_back_is_the_welcome_page() {
    let mut window = Window::started(1280.0, 720.0, Theme::Dark, false, Loaded::default());
    window.harness.run();
    window.press(Modifiers::COMMAND, Key::Comma);
    window.click("Back to the welcome page");
    assert_eq!(page(&window), Page::Welcome);
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(page(&window), Page::Welcome, "there is nothing behind it");
}

#[test]
fn esc_ends_what_is_above_or_typed_before_it_leaves_the_page_and_stops_no_build_there() {
    let mut window = Window::running();
    window.hear([Event::BuildStarted { generation: Generation(7), cause: Cause::Asked }]);
    window.press(Modifiers::COMMAND, Key::Comma);
    window.press(Modifiers::NONE, Key::F1);
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(page(&window), Page::Settings, "the sheet was closed");
    window.harness.get_by_role_and_label(Role::TextInput, "Editor command").focus();
    window.harness.run();
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(page(&window), Page::Settings, "the field was left");
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!((page(&window), window.sent()), (Page::Workbench, vec![]));
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(window.sent(), [Command::CancelBuild], "on the workbench it is the build's");
}

#[test]
fn the_experiments_button_shows_that_one_is_there_and_leads_back() {
    let mut window = Window::sized(1440.0, 900.0, Theme::Dark);
    window.hear(running());
    for (shown, expected) in [(false, Page::Experiment), (true, Page::Workbench)] {
        let button = window.harness.get_by_role_and_label(Role::Button, "Experiment");
        assert_eq!(button.accesskit_node().toggled(), Some(Toggled::from(shown)));
        window.click("Experiment");
        assert_eq!(page(&window), expected);
    }
}

#[test]
fn words_of_trouble_lead_to_the_panel_that_says_more() {
    for (name, panel) in [
        ("build failed, nothing loaded yet: show Problems", Panel::Problems),
        ("there is no older version: show Log", Panel::Log),
    ] {
        let mut window = Window::running();
        let status = Status { phase: Phase::BuildFailed, running: None };
        window.hear([
            Event::Status { text: status.text(), status },
            Event::CommandRefused { message: "there is no older version".to_owned() },
        ]);
        window.press(Modifiers::COMMAND, Key::Num3);
        window.press(Modifiers::COMMAND, Key::Comma);
        window.harness.get_by_role_and_label(Role::Button, name).hover();
        window.harness.run();
        assert_eq!(window.harness.output().platform_output.cursor_icon, CursorIcon::PointingHand, "{name}");
        window.click(name);
        assert_eq!(page(&window), Page::Workbench, "{name}");
        assert!(window.harness.state().dock.is_shown(panel), "{name}");
    }
}
