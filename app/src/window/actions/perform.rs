//! What each action does to the view and the model, or asks of others.

use std::path::PathBuf;

use eframe::egui::Theme;
use exuvia_runtime::session::Command;

use super::super::dock::Panel;
use super::super::lab::Ask;
use super::super::new_guest::NewState;
use super::super::open_guest::OpenState;
use super::super::palette::PaletteState;
use super::super::panels::change::Against;
use super::super::panels::versions_state::Step;
use super::super::view_state::{FocusWish, Overlay, Page, ViewState};
use super::Action;
use crate::chores::Chore;
use crate::editor::Place;
use crate::model::Model;
use crate::model::change::unified;
use crate::settings::{LanguageChoice, SCALE, Settings, ThemeChoice};
use crate::text::Language;

/// What an action comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// The view changed, or nothing did.
    Done,
    /// The engine is asked.
    Send(Command),
    /// A chore is to be done.
    Chore(Chore),
    /// The window itself is asked.
    Window(WindowWish),
}

/// What only the window's app can do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WindowWish {
    /// Bring a panel into view.
    ShowPanel(Panel),
    /// All panels where they were at first.
    ResetLayout,
    /// Open a guest in place of the one that is open.
    OpenGuest(PathBuf),
    /// Put a text into the clipboard.
    Copy(String),
    /// The settings are these from now on.
    Set(Settings),
    /// Close the window.
    Close,
    /// Something of the experiment.
    Experiment(Ask),
    /// A picture of the window, or of one panel.
    Screenshot(Option<Panel>),
    /// Into figure mode, or out of it.
    ToggleFigureMode,
}

/// Does what an action says to the view and the model, and says what else is to be done. An
/// action that is not possible now does nothing.
pub(crate) fn perform(action: Action, model: &mut Model, view: &mut ViewState) -> Outcome {
    if !action.is_possible(model) {
        return Outcome::Done;
    }
    match action {
        Action::Build => return Outcome::Send(Command::Build),
        Action::CancelBuild => return Outcome::Send(Command::CancelBuild),
        Action::RollBack => return Outcome::Send(Command::RollBack),
        Action::RollForward => return Outcome::Send(Command::RollForward),
        Action::Activate(version) => return Outcome::Send(Command::Activate { version }),
        Action::ActivateSelected => {
            if let Some(version) = view.guest.selected.filter(|version| Action::Activate(*version).is_possible(model)) {
                return Outcome::Send(Command::Activate { version });
            }
        }
        Action::ActivateWithItsState(version) => return Outcome::Send(Command::ActivateWithItsState { version }),
        Action::ActivateSelectedWithItsState => {
            let selected = view.guest.selected;
            if let Some(version) = selected.filter(|it| Action::ActivateWithItsState(*it).is_possible(model)) {
                return Outcome::Send(Command::ActivateWithItsState { version });
            }
        }
        Action::Keep(version, keep) => return Outcome::Send(Command::Keep { version, keep }),
        Action::KeepSelected => {
            if let Some(row) = view.chosen(model).and_then(|version| model.history.version(version)) {
                return Outcome::Send(Command::Keep { version: row.record.number, keep: !row.marks.keep });
            }
        }
        Action::RestartGuest => {
            model.close_fault();
            return Outcome::Send(Command::RestartGuest);
        }
        Action::ToggleAutoReload => {
            let on = !model.auto_reload;
            // The switch and the setting of the same name are one.
            if view.settings.auto_reload != on {
                view.settings.auto_reload = on;
                view.guest.questions.push(Chore::SaveSettings(view.settings.clone()));
            }
            return Outcome::Send(Command::SetAutoReload { on });
        }
        Action::Call(text) => {
            if let Some(text) = view.check_call(&text) {
                let id = model.calls.ask(&text);
                return Outcome::Send(Command::Call { id, text });
            }
        }
        Action::Pin(text) => {
            if let Some(text) = view.check_call(&text) {
                return Outcome::Send(Command::Pin { text });
            }
        }
        Action::PinEntered => return perform(Action::Pin(view.guest.call_text.trim().to_owned()), model, view),
        Action::Unpin(text) => return Outcome::Send(Command::Unpin { text }),
        Action::EditCall(text) => {
            view.guest.call_text = text;
            view.guest.call_error = None;
            view.guest.focus = Some(FocusWish::CallField);
            return Outcome::Window(WindowWish::ShowPanel(Panel::Calls));
        }
        Action::Select(version) => view.select(version),
        Action::SelectNewer => view.step(model, Step::Newer),
        Action::SelectOlder => view.step(model, Step::Older),
        Action::SelectNewest => view.step(model, Step::Newest),
        Action::SelectOldest => view.step(model, Step::Oldest),
        Action::SelectPageNewer => view.step(model, Step::PageNewer),
        Action::SelectPageOlder => view.step(model, Step::PageOlder),
        Action::FindVersion => {
            view.page = Page::Workbench;
            view.guest.focus = Some(FocusWish::VersionFilter);
            return Outcome::Window(WindowWish::ShowPanel(Panel::Versions));
        }
        Action::Note(version, text) => return Outcome::Send(Command::Note { version, text }),
        Action::NoteSelected => {
            if let Some(version) = view.chosen(model) {
                return perform(Action::Open(Overlay::EditNote(version)), model, view);
            }
        }
        Action::Remove(version) => return Outcome::Send(Command::Remove { version }),
        Action::RemoveSelected => view.guest.overlay = view.chosen(model).map(Overlay::RemoveVersion),
        Action::ShowFailure(failure) => {
            view.guest.details.failure = Some(failure);
            view.guest.shown_failure = Some(failure);
            return Outcome::Window(WindowWish::ShowPanel(Panel::Problems));
        }
        Action::ShowLatestProblems => view.guest.shown_failure = None,
        Action::ClearOutput => model.output.clear(),
        Action::NextProblem | Action::PreviousProblem => {
            let shown = view.guest.problems.shown(model, view.guest.shown_failure);
            if view.guest.problems.step(&shown, action == Action::NextProblem) {
                view.page = Page::Workbench;
                return Outcome::Window(WindowWish::ShowPanel(Panel::Problems));
            }
        }
        Action::OpenPlace(place) => {
            view.guest.toasts.forget_editor();
            return Outcome::Chore(Chore::OpenInEditor { place, setting: view.settings.editor.clone() });
        }
        Action::Copy(text) => return Outcome::Window(WindowWish::Copy(text)),
        Action::CopyProblems => {
            let shown = view.guest.problems.shown(model, view.guest.shown_failure);
            return copy(view.guest.problems.text(&shown, view.language));
        }
        Action::CopyOutput => return copy(view.guest.output.text(&model.output)),
        Action::CopyLog => return copy(view.guest.log.text(&model.log, view.language, view.utc_offset)),
        Action::FocusCallField => {
            view.page = Page::Workbench;
            view.guest.focus = Some(FocusWish::WholeCallField);
            return Outcome::Window(WindowWish::ShowPanel(Panel::Calls));
        }
        Action::ShowPanel(panel) => {
            view.page = Page::Workbench;
            return Outcome::Window(WindowWish::ShowPanel(panel));
        }
        Action::CompareSelected => return compare(view, Against::Before),
        Action::CompareWithSaved => return compare(view, Against::Saved),
        Action::Compare(from, to) => {
            let against = Against::Pair { from, to, selected: view.guest.selected };
            return compare(view, against);
        }
        Action::CopyDiff => {
            if let Some(shown) = model.changes.shown() {
                return Outcome::Window(WindowWish::Copy(unified(shown.files())));
            }
        }
        Action::NextChange | Action::PreviousChange => {
            view.page = Page::Workbench;
            view.guest.change.jump = Some(action == Action::NextChange);
            return Outcome::Window(WindowWish::ShowPanel(Panel::Change));
        }
        Action::ReadState => return Outcome::Send(Command::ReadState),
        Action::ReadMemory => return Outcome::Send(Command::ReadMemory),
        Action::ResetLayout => return Outcome::Window(WindowWish::ResetLayout),
        Action::ShowPage(page) => view.page = page,
        Action::Open(Overlay::OpenGuest) if view.guest.overlay != Some(Overlay::OpenGuest) => {
            view.guest.open_guest = OpenState::default();
            view.guest.overlay = Some(Overlay::OpenGuest);
        }
        Action::Open(Overlay::NewGuest) if view.guest.overlay != Some(Overlay::NewGuest) => {
            view.guest.new_guest = NewState::default();
            view.guest.overlay = Some(Overlay::NewGuest);
        }
        Action::Open(Overlay::Palette) if view.guest.overlay != Some(Overlay::Palette) => {
            view.guest.palette = PaletteState::default();
            view.guest.overlay = Some(Overlay::Palette);
        }
        Action::Open(overlay) => {
            if let Overlay::EditNote(version) = overlay {
                let note = model.history.version(version).map(|row| row.marks.note.clone());
                view.guest.versions.note.begin(note.unwrap_or_default());
            }
            view.guest.overlay = (view.guest.overlay != Some(overlay)).then_some(overlay);
        }
        Action::CloseOverlay => view.guest.overlay = None,
        Action::OpenGuest(path) => {
            view.guest.overlay = None;
            view.page = Page::Workbench;
            return Outcome::Window(WindowWish::OpenGuest(path));
        }
        Action::TrySample => {
            view.guest.welcome.getting_sample = true;
            return Outcome::Chore(Chore::FindSample { here: view.places.here.clone() });
        }
        Action::CreateGuest { folder, name, split } => {
            view.guest.new_guest.begin(&folder);
            return Outcome::Chore(Chore::CreateGuest { folder, name, split });
        }
        Action::ForgetRecent(manifest) => {
            view.remembered.recent.retain(|guest| guest.manifest != manifest);
            return Outcome::Chore(Chore::SaveRemembered(view.remembered.clone()));
        }
        Action::DismissCode => view.guest.welcome.code = None,
        Action::EditFile(file) => return edit(file, view),
        Action::EditManifest => {
            if let Some(guest) = &model.guest {
                return edit(guest.manifest.clone(), view);
            }
        }
        Action::CopyGuestPath => {
            if let Some(folder) = model.guest.as_ref().and_then(|guest| guest.manifest.parent()) {
                return Outcome::Window(WindowWish::Copy(folder.display().to_string()));
            }
        }
        Action::BeginCall(text) => {
            view.guest.call_text = text;
            view.guest.call_error = None;
            view.guest.calls.begin();
            return Outcome::Window(WindowWish::ShowPanel(Panel::Calls));
        }
        Action::Set(settings) => return set(*settings),
        Action::SwitchTheme => {
            // What is chosen for a figure is no setting.
            if let Some(figure) = &mut view.figure {
                figure.theme = if view.is_dark { Theme::Light } else { Theme::Dark };
                return set(view.settings.clone());
            }
            let theme = if view.is_dark { ThemeChoice::Light } else { ThemeChoice::Dark };
            return set(Settings { theme, ..view.settings.clone() });
        }
        Action::SwitchLanguage => {
            let language = match view.language {
                Language::English => LanguageChoice::Chinese,
                Language::Chinese => LanguageChoice::English,
            };
            return set(Settings { language, ..view.settings.clone() });
        }
        Action::ToggleAlwaysOnTop => {
            return set(Settings { always_on_top: !view.settings.always_on_top, ..view.settings.clone() });
        }
        Action::ZoomIn => return set(scaled(view, 0.1)),
        Action::ZoomOut => return set(scaled(view, -0.1)),
        Action::ZoomReset => return set(Settings { scale: 1.0, ..view.settings.clone() }),
        Action::Quit => return Outcome::Window(WindowWish::Close),
        Action::RunExperiment => return experiment(view, Ask::RunAll),
        Action::StepExperiment => return experiment(view, Ask::Step),
        Action::ResetExperiment => return experiment(view, Ask::Reset),
        Action::StopExperiment => return Outcome::Window(WindowWish::Experiment(Ask::Stop)),
        Action::ToggleThreadLocal => return experiment(view, Ask::ToggleThreadLocal),
        Action::Screenshot => return Outcome::Window(WindowWish::Screenshot(None)),
        Action::ScreenshotOf(panel) => {
            view.page = Page::Workbench;
            return Outcome::Window(WindowWish::Screenshot(Some(panel)));
        }
        Action::ToggleFigureMode => return Outcome::Window(WindowWish::ToggleFigureMode),
    }
    Outcome::Done
}

/// The comparison that is asked for comes into view; the app asks the engine for it.
fn compare(view: &mut ViewState, against: Against) -> Outcome {
    view.page = Page::Workbench;
    view.guest.change.against = against;
    Outcome::Window(WindowWish::ShowPanel(Panel::Change))
}

/// Nothing is not put on the clipboard: what was there may still be wanted.
fn copy(text: String) -> Outcome {
    if text.is_empty() { Outcome::Done } else { Outcome::Window(WindowWish::Copy(text)) }
}

/// The file from its beginning.
fn edit(file: PathBuf, view: &mut ViewState) -> Outcome {
    view.guest.toasts.forget_editor();
    let place = Place { file, line: 1, column: 1 };
    Outcome::Chore(Chore::OpenInEditor { place, setting: view.settings.editor.clone() })
}

/// Whatever is asked of the experiment is looked at on its page.
fn experiment(view: &mut ViewState, ask: Ask) -> Outcome {
    view.page = Page::Experiment;
    Outcome::Window(WindowWish::Experiment(ask))
}

fn set(settings: Settings) -> Outcome {
    Outcome::Window(WindowWish::Set(settings))
}

/// The settings with everything drawn larger or smaller, within the limits.
fn scaled(view: &ViewState, by: f32) -> Settings {
    let (least, most) = SCALE.into_inner();
    let scale = ((view.settings.scale + by) * 10.0).round() / 10.0;
    Settings { scale: scale.max(least).min(most), ..view.settings.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::*;
    use crate::window::view_state::GuestView;
    use exuvia_runtime::ids::VersionNumber;
    use exuvia_runtime::session::Event;
    use exuvia_runtime::session::status::Phase;

    fn model() -> Model {
        let mut model = Model::default();
        let versions = vec![version(1, 9), version(3, 5), version(4, 1)];
        for event in [opened(versions, vec![], &["greet(1)"]), activated(3), status(Phase::Idle, Some(3))] {
            model.apply(event, NOW);
        }
        model
    }

    #[test]
    fn actions_become_commands() {
        let v = VersionNumber;
        for (action, expected) in [
            (Action::Build, Some(Command::Build)),
            (Action::CancelBuild, None),
            (Action::RollBack, Some(Command::RollBack)),
            (Action::RollForward, Some(Command::RollForward)),
            (Action::Activate(v(1)), Some(Command::Activate { version: v(1) })),
            (Action::Activate(v(3)), None),
            (Action::Activate(v(2)), None),
            (Action::ActivateSelected, None),
            (Action::Keep(v(1), true), Some(Command::Keep { version: v(1), keep: true })),
            (Action::Keep(v(1), false), None),
            (Action::Keep(v(2), true), None),
            (Action::KeepSelected, Some(Command::Keep { version: v(3), keep: true })),
            (Action::Note(v(1), "fine".to_owned()), Some(Command::Note { version: v(1), text: "fine".to_owned() })),
            (Action::Note(v(2), "fine".to_owned()), None),
            (Action::Remove(v(1)), Some(Command::Remove { version: v(1) })),
            (Action::Remove(v(3)), None),
            (Action::RestartGuest, Some(Command::RestartGuest)),
            (Action::ToggleAutoReload, Some(Command::SetAutoReload { on: false })),
            (Action::Call(" greet(2) ".to_owned()), Some(Command::Call { id: 1, text: "greet(2)".to_owned() })),
            (Action::Call("greet(World)".to_owned()), None),
            (Action::Pin("greet(2)".to_owned()), Some(Command::Pin { text: "greet(2)".to_owned() })),
            (Action::Pin("greet(1)".to_owned()), None),
            (Action::Unpin("greet(1)".to_owned()), Some(Command::Unpin { text: "greet(1)".to_owned() })),
        ] {
            let outcome = perform(action.clone(), &mut model(), &mut ViewState::default());
            assert_eq!(outcome, expected.map_or(Outcome::Done, Outcome::Send), "{action:?}");
        }
        let mut building = model();
        building.apply(
            Event::BuildStarted {
                generation: exuvia_runtime::ids::Generation(9),
                cause: exuvia_runtime::history::record::Cause::Asked,
            },
            NOW,
        );
        assert_eq!(
            perform(Action::CancelBuild, &mut building, &mut ViewState::default()),
            Outcome::Send(Command::CancelBuild)
        );
    }

    #[test]
    fn the_selection_walks_from_the_active_version_and_stops_at_the_ends() {
        for (start, actions, selected) in [
            (None, vec![Action::SelectOlder], 1),
            (None, vec![Action::SelectNewer], 4),
            (Some(1), vec![Action::SelectOlder], 1),
            (Some(1), vec![Action::SelectNewer, Action::SelectNewer, Action::SelectNewer], 4),
            (Some(2), vec![Action::SelectNewer], 3),
        ] {
            let (mut model, mut view) = (
                model(),
                ViewState {
                    guest: GuestView { selected: start.map(VersionNumber), ..GuestView::default() },
                    ..ViewState::default()
                },
            );
            for action in actions {
                perform(action, &mut model, &mut view);
            }
            assert_eq!(view.guest.selected, Some(VersionNumber(selected)), "from {start:?}");
            assert_eq!(view.guest.focus, Some(FocusWish::Version(VersionNumber(selected))));
        }
    }

    #[test]
    fn a_text_that_is_no_call_is_explained() {
        let (mut model, mut view) = (model(), ViewState::default());
        perform(Action::Call("greet".to_owned()), &mut model, &mut view);
        assert!(view.guest.call_error.as_ref().is_some_and(|error| error.contains("no argument list")), "{view:?}");
        assert_eq!(model.calls.log().len(), 0);
        perform(Action::Call("greet()".to_owned()), &mut model, &mut view);
        assert_eq!(view.guest.call_error, None);
    }

    #[test]
    fn nothing_can_be_asked_of_a_session_that_has_ended() {
        let mut model = model();
        model.apply(Event::Ended, NOW);
        for action in
            [Action::Build, Action::RollBack, Action::Activate(VersionNumber(1)), Action::Pin("a()".to_owned())]
        {
            assert_eq!(perform(action.clone(), &mut model, &mut ViewState::default()), Outcome::Done, "{action:?}");
        }
        assert_eq!(perform(Action::Quit, &mut model, &mut ViewState::default()), Outcome::Window(WindowWish::Close));
    }
}
