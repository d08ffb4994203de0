//! The keys of each action, and when they count.

use eframe::egui::os::OperatingSystem;
use eframe::egui::{Context, Event, Id, Key, KeyboardShortcut, Memory, Modifiers, Popup, gui_zoom::kb_shortcuts};

use super::super::dock::Panel;
use super::super::view_state::{Overlay, Page};
use super::{Action, all};

/// Who listens to a shortcut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Always.
    Everywhere,
    /// Only while nothing or a version's row has the keyboard.
    Versions,
    /// While no text is typed and no menu is open: the key moves the text cursor, or closes the menu.
    NotTyping,
    /// While no menu is open, and in a line of text, too, unless the key moves the text cursor there as the system
    /// has it: on macOS Alt and an arrow go by words.
    InLines,
    /// Only while the experiment page is shown.
    Experiment,
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

impl Shortcut {
    /// Whether this is the key that was pressed, as egui compares them: extra Shift and Alt pass.
    pub(crate) fn is(&self, pressed: KeyboardShortcut) -> bool {
        self.key.logical_key == pressed.logical_key && pressed.modifiers.matches_logically(self.key.modifiers)
    }

    /// The key as it stands on the keyboard.
    pub(crate) fn text(&self, ctx: &Context) -> String {
        let text = ctx.format_shortcut(&self.key);
        // egui writes the names of these in full.
        [("OpenBracket", "["), ("CloseBracket", "]"), ("Comma", ","), ("Escape", "Esc")]
            .into_iter()
            .fold(text, |text, (name, sign)| text.replace(name, sign))
    }
}

const fn on(modifiers: Modifiers, key: Key, reach: Reach) -> Shortcut {
    Shortcut { key: KeyboardShortcut::new(modifiers, key), reach }
}

const COMMAND: Modifiers = Modifiers::COMMAND;
const COMMAND_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const NONE: Modifiers = Modifiers::NONE;

impl Action {
    /// Its shortcuts; the first one is shown.
    pub(crate) fn shortcuts(&self) -> &'static [Shortcut] {
        use Reach::{Egui, Everywhere, Experiment, InLines, NotTyping, Versions};
        match self {
            Self::Build => const { &[on(COMMAND, Key::B, Everywhere)] },
            // While text is typed, Esc leaves the field.
            Self::CancelBuild => const { &[on(NONE, Key::Escape, NotTyping)] },
            // As in a browser. The brackets count where Alt and an arrow do not; they do not exist on every keyboard.
            Self::RollBack => {
                const { &[on(Modifiers::ALT, Key::ArrowLeft, InLines), on(COMMAND, Key::OpenBracket, Everywhere)] }
            }
            Self::RollForward => {
                const { &[on(Modifiers::ALT, Key::ArrowRight, InLines), on(COMMAND, Key::CloseBracket, Everywhere)] }
            }
            Self::ActivateSelected => const { &[on(NONE, Key::Enter, Versions)] },
            Self::ActivateSelectedWithItsState => const { &[on(Modifiers::SHIFT, Key::Enter, Versions)] },
            Self::SelectNewer => const { &[on(NONE, Key::ArrowUp, Versions)] },
            Self::SelectOlder => const { &[on(NONE, Key::ArrowDown, Versions)] },
            Self::SelectNewest => const { &[on(NONE, Key::Home, Versions)] },
            Self::SelectOldest => const { &[on(NONE, Key::End, Versions)] },
            Self::SelectPageNewer => const { &[on(NONE, Key::PageUp, Versions)] },
            Self::SelectPageOlder => const { &[on(NONE, Key::PageDown, Versions)] },
            Self::FindVersion => const { &[on(COMMAND, Key::F, Everywhere)] },
            Self::NoteSelected => const { &[on(NONE, Key::F2, Versions), on(NONE, Key::N, Versions)] },
            Self::RemoveSelected => const { &[on(NONE, Key::Delete, Versions)] },
            // As browsers keep a page.
            Self::KeepSelected => const { &[on(COMMAND, Key::D, Everywhere), on(NONE, Key::P, Versions)] },
            Self::RestartGuest => const { &[on(COMMAND_SHIFT, Key::R, Everywhere)] },
            Self::ToggleAutoReload => const { &[on(COMMAND_SHIFT, Key::A, Everywhere)] },
            Self::FocusCallField => const { &[on(COMMAND, Key::L, Everywhere)] },
            Self::PinEntered => const { &[on(COMMAND, Key::P, Everywhere)] },
            Self::ShowPanel(Panel::Problems) => const { &[on(COMMAND, Key::Num1, Everywhere)] },
            Self::ShowPanel(Panel::Output) => const { &[on(COMMAND, Key::Num2, Everywhere)] },
            Self::ShowPanel(Panel::Timeline) => const { &[on(COMMAND, Key::Num3, Everywhere)] },
            Self::ShowPanel(Panel::Log) => const { &[on(COMMAND, Key::Num4, Everywhere)] },
            Self::ShowPanel(Panel::State) => const { &[on(COMMAND, Key::Num5, Everywhere)] },
            Self::ShowPanel(Panel::Change) => const { &[on(COMMAND, Key::Num6, Everywhere)] },
            Self::ShowPanel(Panel::Details) => const { &[on(COMMAND, Key::Num7, Everywhere)] },
            Self::ShowPanel(Panel::Memory) => const { &[on(COMMAND, Key::Num8, Everywhere)] },
            Self::ShowPanel(Panel::Calls) => const { &[on(COMMAND, Key::Num9, Everywhere)] },
            Self::ShowPanel(Panel::Versions) => const { &[on(COMMAND_SHIFT, Key::H, Everywhere)] },
            Self::ShowPage(Page::Workbench) => const { &[on(COMMAND_SHIFT, Key::W, Everywhere)] },
            Self::ShowPage(Page::Experiment) => const { &[on(COMMAND, Key::E, Everywhere)] },
            Self::ShowPage(Page::Settings) => const { &[on(COMMAND, Key::Comma, Everywhere)] },
            Self::Open(Overlay::Palette) => const { &[on(COMMAND, Key::K, Everywhere)] },
            Self::Open(Overlay::Shortcuts) => const { &[on(NONE, Key::F1, Everywhere)] },
            Self::Open(Overlay::OpenGuest) => const { &[on(COMMAND, Key::O, Everywhere)] },
            Self::Open(Overlay::NewGuest) => const { &[on(COMMAND, Key::N, Everywhere)] },
            Self::SwitchTheme => const { &[on(COMMAND_SHIFT, Key::T, Everywhere)] },
            Self::ZoomIn => const { &[Shortcut { key: kb_shortcuts::ZOOM_IN, reach: Egui }] },
            Self::ZoomOut => const { &[Shortcut { key: kb_shortcuts::ZOOM_OUT, reach: Egui }] },
            Self::ZoomReset => const { &[Shortcut { key: kb_shortcuts::ZOOM_RESET, reach: Egui }] },
            Self::CompareSelected => const { &[on(NONE, Key::D, Versions)] },
            Self::NextChange => const { &[on(NONE, Key::F7, NotTyping)] },
            Self::PreviousChange => const { &[on(Modifiers::SHIFT, Key::F7, NotTyping)] },
            Self::NextProblem => const { &[on(NONE, Key::F8, Everywhere)] },
            Self::PreviousProblem => const { &[on(Modifiers::SHIFT, Key::F8, Everywhere)] },
            Self::Quit => const { &[on(COMMAND, Key::Q, Everywhere)] },
            // As debuggers have them.
            Self::RunExperiment => const { &[on(NONE, Key::F5, Experiment)] },
            Self::StepExperiment => const { &[on(NONE, Key::F10, Experiment)] },
            Self::ResetExperiment => const { &[on(COMMAND_SHIFT, Key::F5, Experiment)] },
            Self::StopExperiment => const { &[on(Modifiers::SHIFT, Key::F5, Experiment)] },
            Self::ToggleThreadLocal => const { &[on(NONE, Key::F9, Experiment)] },
            Self::Screenshot => const { &[on(NONE, Key::F12, Everywhere)] },
            Self::ToggleFigureMode => const { &[on(COMMAND_SHIFT, Key::F, Everywhere)] },
            Self::CompareWithSaved
            | Self::Compare(..)
            | Self::CopyDiff
            | Self::ReadState
            | Self::ReadMemory
            | Self::Activate(_)
            | Self::ActivateWithItsState(_)
            | Self::Keep(..)
            | Self::Select(_)
            | Self::Note(..)
            | Self::Remove(_)
            | Self::Open(Overlay::EditNote(_) | Overlay::RemoveVersion(_))
            | Self::Call(_)
            | Self::Pin(_)
            | Self::Unpin(_)
            | Self::EditCall(_)
            | Self::ShowFailure(_)
            | Self::ShowLatestProblems
            | Self::ClearOutput
            | Self::OpenPlace(_)
            | Self::Copy(_)
            | Self::CopyProblems
            | Self::CopyOutput
            | Self::CopyLog
            | Self::ResetLayout
            | Self::ShowPage(Page::Welcome)
            | Self::TrySample
            | Self::CreateGuest { .. }
            | Self::ForgetRecent(_)
            | Self::DismissCode
            | Self::EditFile(_)
            | Self::EditManifest
            | Self::CopyGuestPath
            | Self::BeginCall(_)
            | Self::Set(_)
            | Self::CloseOverlay
            | Self::OpenGuest(_)
            | Self::SwitchLanguage
            | Self::ToggleAlwaysOnTop
            | Self::ScreenshotOf(_) => &[],
        }
    }
}

/// The first key pressed from this event on, and which event it is.
pub(crate) fn next_press(events: &[Event], from: usize) -> Option<(usize, KeyboardShortcut)> {
    events.iter().enumerate().skip(from).find_map(|(index, event)| match event {
        Event::Key { key, modifiers, pressed: true, .. } => Some((index, KeyboardShortcut::new(*modifiers, *key))),
        _ => None,
    })
}

/// The shortcuts that count now, those with more modifiers first: egui lets extra Shift and Alt
/// pass. `page` is the one that is shown; `was_typing`: whether text was typed when the window was drawn
/// last; `is_row` says whether a widget is a row of the list of versions.
pub(crate) fn listening(
    ctx: &Context,
    page: Page,
    was_typing: bool,
    is_row: impl Fn(Id) -> bool,
) -> Vec<(&'static Shortcut, &'static Action)> {
    let on_list = ctx.memory(Memory::focused).is_none_or(is_row);
    // With Esc, egui takes the keyboard away from a field before anybody sees the key.
    let typing = was_typing || ctx.text_edit_focused();
    let menu = Popup::is_any_open(ctx);
    let mac = ctx.os() == OperatingSystem::Mac;
    let listens = |shortcut: &Shortcut| match shortcut.reach {
        Reach::Everywhere => true,
        // Whoever looks at another page does not see what the key would do.
        Reach::Versions => page == Page::Workbench && on_list && !menu,
        Reach::NotTyping => !typing && !menu,
        Reach::InLines => !(menu || typing && mac),
        Reach::Experiment => page == Page::Experiment && !menu,
        Reach::Egui => false,
    };
    let mut shortcuts: Vec<_> = all()
        .flat_map(|action| action.shortcuts().iter().map(move |shortcut| (shortcut, action)))
        .filter(|(shortcut, _)| listens(shortcut))
        .collect();
    shortcuts.sort_by_key(|(Shortcut { key, .. }, _)| {
        let modifiers = key.modifiers;
        std::cmp::Reverse(u8::from(modifiers.shift) + u8::from(modifiers.alt) + u8::from(modifiers.command))
    });
    shortcuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let mut keys: Vec<_> = all().flat_map(Action::shortcuts).map(|shortcut| shortcut.key).collect();
        let count = keys.len();
        keys.sort_by_key(|key| format!("{key:?}"));
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn keys_that_edit_text_do_not_count_while_typing() {
        for action in all() {
            // F1 to F12 are on egui's list of keys that edit text, but edit none.
            let function = |key: Key| key.name().starts_with('F') && key.name().len() > 1;
            let edits = |key: KeyboardShortcut| !function(key.logical_key) && key.conflicts_with_text_editing();
            for shortcut in action.shortcuts().iter().filter(|shortcut| edits(shortcut.key)) {
                assert_ne!(shortcut.reach, Reach::Everywhere, "{action:?}");
            }
        }
    }
}
