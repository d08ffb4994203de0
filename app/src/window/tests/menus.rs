//! The menus of the bar above, by pointer and by keyboard.

use super::super::view_state::{Overlay, Page};
use super::*;

#[test]
fn the_menu_lists_actions_with_their_shortcuts() {
    let mut window = Window::running();
    window.click("Menu");
    assert!(window.shows("Enter a call"));
    window.click("Restart guest Ctrl+Shift+R");
    assert_eq!(window.sent(), [Command::RestartGuest]);
}

#[test]
fn the_menu_is_walked_through_with_the_arrows() {
    let mut window = Window::running();
    for times in ["the first time", "again, from its beginning"] {
        window.click("Menu");
        let focused = |window: &Window, label: &str| window.harness.get_by_label_contains(label).is_focused();
        assert!(focused(&window, "Open a guest Ctrl"), "{times}");
        window.press(Modifiers::NONE, Key::ArrowDown);
        assert!(focused(&window, "New guest Ctrl"), "{times}");
        window.press(Modifiers::NONE, Key::ArrowUp);
        assert!(focused(&window, "Open a guest Ctrl"), "{times}");
        // Once around to the last entry, which is scrolled to.
        window.press(Modifiers::NONE, Key::ArrowUp);
        let last = window.harness.get_by_label_contains("Quit");
        assert!(last.is_focused(), "{times}");
        assert!(last.rect().bottom() < 720.0 && last.rect().top() > 300.0, "{times}: {:?}", last.rect());
        window.press(Modifiers::NONE, Key::Escape);
        assert!(!window.shows("Quit"), "{times}");
    }
    assert_eq!(window.sent(), []);
}

#[test]
fn the_menu_is_as_high_as_the_window_and_its_words_lie_side_by_side() {
    for (width, height) in [(1280.0, 720.0), (1440.0, 1200.0), (760.0, 420.0)] {
        let mut window = Window::sized(width, height, Theme::Dark);
        window.hear(running());
        window.click("Menu");
        let first = window.harness.get_by_label_contains("Open a guest Ctrl").rect();
        let seen = window.harness.query_all_by_role(Role::Button).map(|node| node.rect());
        let column: Vec<_> = seen.filter(|rect| rect.left() == first.left() && rect.bottom() < height).collect();
        let lowest = column.iter().map(Rect::bottom).fold(0.0, f32::max);
        assert!(lowest > height - 60.0 || height > 1000.0, "{height}: {lowest}");
        assert!(first.top() < 80.0, "{height}: {first:?}");
        window.harness.get_by_label_contains("Open a guest Ctrl").hover();
        window.harness.run_steps(30);
        let said = "Open another crate in place of this one";
        let tooltip = window.harness.query_all_by_label_contains(said).last().expect("a tooltip").rect();
        assert!(tooltip.right() <= first.left() || tooltip.left() >= first.right(), "{tooltip:?} covers {first:?}");
    }
}

#[test]
fn what_somebody_new_looks_for_is_seen_without_scrolling() {
    let mut window = Window::sized(1440.0, 900.0, Theme::Dark);
    window.hear(running());
    window.click("Menu");
    for label in ["Workbench Ctrl", "Settings Ctrl", "Keyboard shortcuts F1", "中文 (Chinese)"] {
        let rect = window.harness.get_by_label_contains(label).rect();
        assert!(rect.bottom() < 450.0, "{label}: {rect:?}");
    }
}

#[test]
fn what_has_no_room_in_the_bar_is_behind_a_named_button_at_its_end() {
    // As wide as the window is in points: 1280 pixels at 150 % are 853.
    for width in [480.0, 640.0, 720.0, 853.0, 960.0, 1100.0, 1280.0, 1440.0] {
        for language in [LanguageChoice::English, LanguageChoice::Chinese] {
            let mut window = Window::with(width, 480.0, Theme::Dark, language);
            window.hear(running());
            let l = window.harness.state().view.language;
            let actions = [
                Action::ToggleAutoReload.label(l),
                Action::Build.label(l),
                Action::RollBack.label(l),
                Action::RollForward.label(l),
                Action::RestartGuest.label(l),
                l.theme().to_owned(),
                Action::ShowPage(Page::Experiment).label(l),
                Action::Open(Overlay::Palette).label(l),
                l.menu().to_owned(),
            ];
            let bar = |window: &Window, label: &str| {
                let places = window.harness.query_all_by_label(label).map(|node| node.rect());
                places.filter(|rect| rect.top() < 40.0).collect::<Vec<_>>()
            };
            let places: Vec<_> = actions.iter().map(|label| bar(&window, label)).collect();
            let mut seen: Vec<_> = places.iter().flatten().chain(&bar(&window, l.more_actions())).copied().collect();
            seen.sort_by(|a, b| a.left().total_cmp(&b.left()));
            assert!(seen.windows(2).all(|pair| pair[0].right() <= pair[1].left()), "{width}: {seen:?}");
            assert!(seen.iter().all(|rect| rect.left() >= 140.0 && rect.right() <= width), "{width}: {seen:?}");
            let missing: Vec<_> = actions.iter().zip(&places).filter(|(_, places)| places.is_empty()).collect();
            assert!(missing.is_empty() || width < 1280.0, "{width}: {missing:?}");
            assert!(!missing.is_empty() || width > 720.0, "{width}: all of them have no room");
            if missing.is_empty() {
                assert!(!window.shows(l.more_actions()));
                continue;
            }
            window.click(l.more_actions());
            for (label, _) in missing {
                // Theme goes by what it does there, and shortcuts stand behind.
                let label = if label == l.theme() { Action::SwitchTheme.label(l) } else { label.clone() };
                let below = window.harness.query_all_by_label_contains(&label).map(|node| node.rect());
                let below: Vec<_> = below.collect();
                assert!(
                    below.iter().any(|rect| rect.top() > 32.0 && rect.right() <= width),
                    "{width}: {label} {below:?}"
                );
            }
        }
    }
}

#[test]
fn an_action_behind_the_bars_last_button_is_done() {
    let mut window = Window::sized(640.0, 480.0, Theme::Dark);
    window.hear(running());
    window.click("More actions");
    window.click("Restart guest Ctrl+Shift+R");
    assert_eq!(window.sent(), [Command::RestartGuest]);
}
