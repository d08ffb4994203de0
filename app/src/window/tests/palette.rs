//! The palette: any action by its name.

use super::*;

#[test]
fn the_palette_is_empty_each_time_it_is_opened() {
    let mut window = Window::running();
    for _ in 0..2 {
        window.press(Modifiers::COMMAND, Key::K);
        window.harness.get_by_role_and_label(Role::TextInput, "Find an action").type_text("roll back");
        window.harness.run();
        window.press(Modifiers::NONE, Key::Enter);
        assert_eq!(window.sent(), [Command::RollBack]);
    }
}
