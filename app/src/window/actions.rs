//! Everything that a user can do, in one enum. Menus, buttons and keys all go through it: each
//! action has its name, tooltip, shortcuts and conditions here and nowhere else.

use eframe::egui::{Key, KeyboardShortcut, Modifiers, gui_zoom::kb_shortcuts};
use exuvia_runtime::ids::VersionNumber;

use super::view_state::Tab;
use crate::model::{FailureKey, Life, Model};

/// Something that a user can do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// Build now.
    Build,
    /// Stop the running build.
    CancelBuild,
    /// Activate the next older version.
    RollBack,
    /// Activate the next newer version.
    RollForward,
    /// Activate this version.
    Activate(VersionNumber),
    /// Activate the selected version.
    ActivateSelected,
    /// Keep a version in the history, or no longer.
    Keep(VersionNumber, bool),
    /// The other of the two for the selected version, or else for the active one.
    KeepSelected,
    /// Start the active version with fresh state.
    RestartGuest,
    /// Switch auto-reload.
    ToggleAutoReload,
    /// Call an export.
    Call(String),
    /// Pin a call.
    Pin(String),
    /// Pin or call what the entry field holds.
    PinEntered,
    /// Remove a pinned call.
    Unpin(String),
    /// Put a call into the entry field.
    EditCall(String),
    /// Select a version.
    Select(VersionNumber),
    /// Select the next newer version.
    SelectNewer,
    /// Select the next older version.
    SelectOlder,
    /// Show the problems of a failed generation.
    ShowFailure(FailureKey),
    /// Show the problems of the latest attempt again.
    ShowLatestProblems,
    /// Show one of the lower panels.
    ShowTab(Tab),
    /// Forget the output.
    ClearOutput,
    /// Put the text cursor into the entry field.
    FocusCallField,
    /// Light or dark.
    SwitchTheme,
    /// Larger text.
    ZoomIn,
    /// Smaller text.
    ZoomOut,
    /// Text in its usual size.
    ZoomReset,
    /// Close the window and end the session.
    Quit,
}

/// Who listens to a shortcut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Always.
    Everywhere,
    /// Only while nothing or a version's row has the keyboard.
    Versions,
    /// Only while no menu is open, which the key would close.
    NoMenu,
    /// While no text is typed: the key moves the text cursor.
    NotTyping,
    /// egui itself listens.
    Egui,
}

/// A key, and when it counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shortcut {
    /// The key.
    pub(crate) key: KeyboardShortcut,
    /// When it counts.
    pub(crate) reach: Reach,
}

const fn on(modifiers: Modifiers, key: Key, reach: Reach) -> Shortcut {
    Shortcut { key: KeyboardShortcut::new(modifiers, key), reach }
}

const COMMAND: Modifiers = Modifiers::COMMAND;
const COMMAND_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// The actions that stand in the menu and have shortcuts, grouped as the menu shows them.
pub(crate) const MENU: &[&[Action]] = &[
    &[Action::Build, Action::CancelBuild, Action::ToggleAutoReload],
    &[Action::RollBack, Action::RollForward, Action::ActivateSelected, Action::RestartGuest],
    &[Action::SelectNewer, Action::SelectOlder, Action::KeepSelected],
    &[Action::FocusCallField, Action::PinEntered],
    &[Action::ShowTab(Tab::Problems), Action::ShowTab(Tab::Output), Action::ShowTab(Tab::Log), Action::ClearOutput],
    &[Action::SwitchTheme, Action::ZoomIn, Action::ZoomOut, Action::ZoomReset],
    &[Action::Quit],
];

impl Action {
    /// Its name, as buttons and menus show it.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Build => "Build now",
            Self::CancelBuild => "Cancel build",
            Self::RollBack => "Roll back",
            Self::RollForward => "Roll forward",
            Self::Activate(version) => return format!("Activate {version}"),
            Self::ActivateSelected => "Activate the selected version",
            Self::Keep(version, true) => return format!("Keep {version}"),
            Self::Keep(version, false) => return format!("Release {version}"),
            Self::KeepSelected => "Keep or release the selected version",
            Self::RestartGuest => "Restart guest",
            Self::ToggleAutoReload => "Auto-reload",
            Self::Call(_) => "Call",
            Self::Pin(_) => "Pin",
            Self::PinEntered => "Pin the entered call",
            Self::Unpin(_) => "Unpin",
            Self::EditCall(_) => "Edit call",
            Self::Select(version) => return format!("Select {version}"),
            Self::SelectNewer => "Select the next newer version",
            Self::SelectOlder => "Select the next older version",
            Self::ShowFailure(_) => "Show its problems",
            Self::ShowLatestProblems => "Show the latest attempt",
            Self::ShowTab(Tab::Problems) => "Show problems",
            Self::ShowTab(Tab::Output) => "Show output",
            Self::ShowTab(Tab::Log) => "Show log",
            Self::ClearOutput => "Clear output",
            Self::FocusCallField => "Enter a call",
            Self::SwitchTheme => "Switch theme",
            Self::ZoomIn => "Larger text",
            Self::ZoomOut => "Smaller text",
            Self::ZoomReset => "Usual text size",
            Self::Quit => "Quit",
        }
        .to_owned()
    }

    /// What it does, in a sentence.
    pub(crate) fn tooltip(&self) -> String {
        match self {
            Self::Build => "Build the guest, whether or not a file has changed",
            Self::CancelBuild => "Stop cargo; what runs goes on",
            Self::RollBack => "Activate the next older version; the state is carried along",
            Self::RollForward => "Activate the next newer version; the state is carried along",
            Self::Activate(version) => {
                return format!("Call {version} from now on, without a build; the state is carried along");
            }
            Self::ActivateSelected => "Call the selected version from now on, without a build",
            Self::Keep(version, true) => return format!("Never remove {version} from the history"),
            Self::Keep(version, false) => {
                return format!("Let {version} be removed from the history when it is old");
            }
            Self::KeepSelected => "Never remove the selected version (or else the active one) from the history; once more: let it go when it is old",
            Self::RestartGuest => "Start the active version in a new runner, with fresh state",
            Self::ToggleAutoReload => "Build and activate when a file is saved",
            Self::Call(_) => "Call the active version (Enter)",
            Self::Pin(_) | Self::PinEntered => {
                "Evaluate this call after each activation; each version keeps its result"
            }
            Self::Unpin(_) => "Do not evaluate this call any more",
            Self::EditCall(_) => "Put it into the entry field",
            Self::Select(_) => "Select this version; a double click or Enter activates it",
            Self::SelectNewer => "Select the version above",
            Self::SelectOlder => "Select the version below",
            Self::ShowFailure(_) => "Show the problems of this generation",
            Self::ShowLatestProblems => "Show the problems of the latest attempt again",
            Self::ShowTab(Tab::Problems) => "What the compiler said about the latest attempt",
            Self::ShowTab(Tab::Output) => "What the guest wrote to stdout and stderr",
            Self::ShowTab(Tab::Log) => "What happened in this session",
            Self::ClearOutput => "Forget what the guest wrote so far",
            Self::FocusCallField => "Put the text cursor into the field for a call",
            Self::SwitchTheme => "Light or dark",
            Self::ZoomIn => "Make everything larger",
            Self::ZoomOut => "Make everything smaller",
            Self::ZoomReset => "Back to the usual size",
            Self::Quit => "Close the window, stop builds and end the guest",
        }
        .to_owned()
    }

    /// Its shortcuts; the first one is shown.
    pub(crate) fn shortcuts(&self) -> &'static [Shortcut] {
        use Reach::{Egui, Everywhere, NoMenu, NotTyping, Versions};
        match self {
            Self::Build => const { &[on(COMMAND, Key::B, Everywhere)] },
            Self::CancelBuild => const { &[on(Modifiers::NONE, Key::Escape, NoMenu)] },
            // As in a browser. The brackets also count while a call is typed, where Alt and an
            // arrow move the text cursor; they do not exist on every keyboard.
            Self::RollBack => {
                const { &[on(Modifiers::ALT, Key::ArrowLeft, NotTyping), on(COMMAND, Key::OpenBracket, Everywhere)] }
            }
            Self::RollForward => {
                const { &[on(Modifiers::ALT, Key::ArrowRight, NotTyping), on(COMMAND, Key::CloseBracket, Everywhere)] }
            }
            Self::ActivateSelected => const { &[on(Modifiers::NONE, Key::Enter, Versions)] },
            Self::SelectNewer => const { &[on(Modifiers::NONE, Key::ArrowUp, Versions)] },
            Self::SelectOlder => const { &[on(Modifiers::NONE, Key::ArrowDown, Versions)] },
            // As browsers keep a page.
            Self::KeepSelected => const { &[on(COMMAND, Key::D, Everywhere)] },
            Self::RestartGuest => const { &[on(COMMAND_SHIFT, Key::R, Everywhere)] },
            Self::ToggleAutoReload => const { &[on(COMMAND_SHIFT, Key::A, Everywhere)] },
            Self::FocusCallField => const { &[on(COMMAND, Key::L, Everywhere)] },
            Self::PinEntered => const { &[on(COMMAND, Key::P, Everywhere)] },
            Self::ShowTab(Tab::Problems) => const { &[on(COMMAND, Key::Num1, Everywhere)] },
            Self::ShowTab(Tab::Output) => const { &[on(COMMAND, Key::Num2, Everywhere)] },
            Self::ShowTab(Tab::Log) => const { &[on(COMMAND, Key::Num3, Everywhere)] },
            Self::SwitchTheme => const { &[on(COMMAND_SHIFT, Key::T, Everywhere)] },
            Self::ZoomIn => const { &[Shortcut { key: kb_shortcuts::ZOOM_IN, reach: Egui }] },
            Self::ZoomOut => const { &[Shortcut { key: kb_shortcuts::ZOOM_OUT, reach: Egui }] },
            Self::ZoomReset => const { &[Shortcut { key: kb_shortcuts::ZOOM_RESET, reach: Egui }] },
            Self::Quit => const { &[on(COMMAND, Key::Q, Everywhere)] },
            Self::Activate(_)
            | Self::Keep(..)
            | Self::Call(_)
            | Self::Pin(_)
            | Self::Unpin(_)
            | Self::EditCall(_)
            | Self::Select(_)
            | Self::ShowFailure(_)
            | Self::ShowLatestProblems
            | Self::ClearOutput => &[],
        }
    }

    /// Whether it can be done now.
    pub(crate) fn is_possible(&self, model: &Model) -> bool {
        let open = model.life == Life::Open;
        let history = &model.history;
        match self {
            Self::Build | Self::ToggleAutoReload => open,
            Self::CancelBuild => model.building.is_some(),
            Self::RollBack => open && model.active.is_some_and(|active| history.older(active).is_some()),
            Self::RollForward => open && model.active.is_some_and(|active| history.newer(active).is_some()),
            Self::Activate(version) => open && model.active != Some(*version) && history.version(*version).is_some(),
            Self::Keep(version, keep) => open && history.version(*version).is_some_and(|row| row.marks.keep != *keep),
            Self::ActivateSelected | Self::KeepSelected => open && history.numbers().next().is_some(),
            Self::RestartGuest | Self::Call(_) => open && model.active.is_some(),
            Self::Pin(call) => open && !model.calls.is_pinned(call),
            Self::PinEntered | Self::Unpin(_) => open,
            Self::SelectNewer | Self::SelectOlder => history.numbers().next().is_some(),
            Self::ClearOutput => !model.output.is_empty(),
            Self::EditCall(_)
            | Self::Select(_)
            | Self::ShowFailure(_)
            | Self::ShowLatestProblems
            | Self::ShowTab(_)
            | Self::FocusCallField
            | Self::SwitchTheme
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ZoomReset
            | Self::Quit => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let mut keys: Vec<_> =
            MENU.iter().copied().flatten().flat_map(Action::shortcuts).map(|shortcut| shortcut.key).collect();
        let all = keys.len();
        keys.sort_by_key(|key| format!("{key:?}"));
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[test]
    fn keys_that_edit_text_do_not_count_while_typing() {
        for action in MENU.iter().copied().flatten() {
            for shortcut in action.shortcuts().iter().filter(|shortcut| shortcut.key.conflicts_with_text_editing()) {
                assert_ne!(shortcut.reach, Reach::Everywhere, "{action:?}");
            }
        }
    }
}
