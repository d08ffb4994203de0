//! The line below: what runs, what is built, how changes are noticed, and the newest word of the log.

use std::time::Duration;

use eframe::egui::{Label, ProgressBar, RichText, Sense, Sides, Ui};
use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::WatchMode;
use exuvia_runtime::session::status::Tone;

use super::actions::Action;
use super::dock::Panel;
use super::figure::shown;
use super::leads;
use super::theme::Palette;
use super::widgets::{leads_to, truncated};
use crate::model::{Life, Log, LogEntry, LogLine, Model};
use crate::text::Language;

/// What the line shows.
#[derive(Debug, PartialEq)]
pub(crate) struct StatusLineView {
    /// What runs and what is built.
    pub(crate) doing: String,
    /// How far the build is, from 0 to 1, where cargo says so.
    pub(crate) built: Option<f32>,
    /// The newest line of the log.
    pub(crate) newest: Option<(String, Option<Tone>)>,
    /// The panel that says more about it, if it tells of trouble.
    pub(crate) leads_to: Option<Panel>,
    /// How changes are noticed, and what is to be known about it.
    pub(crate) watching: (String, Option<Tone>, String),
}

impl StatusLineView {
    /// What the model says.
    pub(crate) fn new(model: &Model, l: Language, now: Timestamp) -> Self {
        let runs = model.active.map_or(l.nothing_runs().to_owned(), |version| l.runs(version));
        let doing = match &model.building {
            Some(building) => {
                let said = building.progress.as_deref().unwrap_or(l.cargo_started());
                let progress = match building.units {
                    Some((done, total)) => l.units(done, total, said),
                    None => said.to_owned(),
                };
                l.building_line(&runs, building.generation.0, &l.cause(&building.cause), &progress)
            }
            None => runs,
        };
        let auto = if model.auto_reload { "" } else { l.auto_reload_off() };
        let watching = match &model.watching {
            _ if model.life != Life::Open => (l.not_watching().to_owned(), None, l.not_watching_hint().to_owned()),
            None => (l.not_watching_yet().to_owned(), None, l.not_watching_yet_hint().to_owned()),
            Some(watching) => {
                let files = l.files(watching.files);
                match &watching.mode {
                    WatchMode::Native => (format!("{}{auto}", l.watching(&files)), None, l.watching_hint().to_owned()),
                    WatchMode::Polling { reason } => {
                        (format!("{}{auto}", l.polling(&files)), Some(Tone::Attention), reason.clone())
                    }
                    WatchMode::Blind { reason } => (l.blind().to_owned(), Some(Tone::Bad), reason.clone()),
                }
            }
        };
        let built = model.building.as_ref().and_then(|building| building.units).map(share);
        let mut newest = model.log.entries().rev();
        let newest = newest.find(|entry| left(entry, now).is_none_or(|left| !left.is_zero()));
        let leads_to = newest.and_then(|entry| leads::of_line(model, &entry.line));
        let newest = newest.map(|entry| (l.log_line(&entry.line), entry.line.tone()));
        Self { doing, built, newest, leads_to, watching }
    }
}

/// How long it is said here that the editor did not open. It changes nothing of what runs, and stays in the log.
const EDITOR_FAILED: Duration = Duration::from_secs(10);

/// How much longer an entry may stand in the line, if there is an end to it.
fn left(entry: &LogEntry, now: Timestamp) -> Option<Duration> {
    let passes = matches!(entry.line, LogLine::EditorFailed { .. });
    passes.then(|| EDITOR_FAILED.saturating_sub(Duration::from_millis(now.0.saturating_sub(entry.at.0))))
}

/// When the line says something else by itself.
pub(super) fn next_change(log: &Log, now: Timestamp) -> Option<Duration> {
    let left = log.newest().and_then(|newest| left(newest, now));
    // A little later, so that it is over by then.
    left.filter(|left| !left.is_zero()).map(|left| left + Duration::from_millis(10))
}

#[expect(clippy::cast_precision_loss, reason = "a bar has fewer pixels than an f32 has digits")]
fn share((done, total): (u32, u32)) -> f32 {
    done as f32 / total.max(1) as f32
}

/// Draws the line.
pub(crate) fn status_line_ui(ui: &mut Ui, view: &StatusLineView) -> Option<Action> {
    let palette = Palette::at(ui);
    let mut action = None;
    let color = |tone: &Option<Tone>| tone.map_or(palette.weak, |tone| palette.tone(tone));
    Sides::new().height(18.0).shrink_left().truncate().show(
        ui,
        |ui| {
            if let Some(built) = view.built {
                ui.add(ProgressBar::new(built).desired_width(90.0).desired_height(8.0).fill(palette.tone(Tone::Busy)));
            }
            truncated(ui, RichText::new(shown(ui, &view.doing)).small().color(palette.text));
            if let Some((text, tone)) = &view.newest {
                ui.separator();
                // A message may have several lines; here is room for one.
                let text = shown(ui, text);
                let first = text.lines().next().unwrap_or_default();
                let label = Label::new(RichText::new(first).small().color(color(tone))).truncate().selectable(false);
                let label = if view.leads_to.is_some() { label.sense(Sense::click()) } else { label };
                let label = ui.add(label).on_hover_text(&*text);
                action = view.leads_to.and_then(|panel| leads_to(ui, &label, first, panel));
            }
        },
        |ui| {
            let (text, tone, hint) = &view.watching;
            truncated(ui, RichText::new(text).small().color(color(tone))).on_hover_text(shown(ui, hint));
        },
    );
    action
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::EditorError;
    use crate::model::samples::*;
    use exuvia_runtime::history::record::Cause;
    use exuvia_runtime::ids::Generation;
    use exuvia_runtime::session::Event;

    #[test]
    fn that_an_editor_did_not_open_is_not_said_for_ever() {
        let mut model = Model::default();
        model.apply(Event::Ended, NOW);
        model.log.note(LogLine::EditorFailed { error: EditorError::NoEditor }, NOW);
        for (seconds, says_it) in [(0, true), (9, true), (10, false), (1_000, false)] {
            let now = Timestamp(NOW.0 + seconds * 1_000);
            let (text, _) = StatusLineView::new(&model, Language::English, now).newest.expect("a line");
            assert_eq!(text.contains("Editor command"), says_it, "{text}");
            assert_eq!(next_change(&model.log, now).is_some(), says_it);
        }
    }

    #[test]
    fn the_line_says_what_runs_and_how_changes_are_noticed() {
        let mut model = Model::default();
        assert_eq!(StatusLineView::new(&model, Language::English, NOW).watching.0, "not watching");
        model.apply(opened(vec![version(1, 1)], vec![], &[]), NOW);
        assert_eq!(StatusLineView::new(&model, Language::English, NOW).watching.0, "not watching yet");
        model.apply(activated(1), NOW);
        model.apply(Event::Watching { mode: WatchMode::Native, files: 12 }, NOW);
        model.apply(Event::BuildStarted { generation: Generation(2), cause: Cause::Asked }, NOW);
        let view = StatusLineView::new(&model, Language::English, NOW);
        assert_eq!(view.doing, "v1 runs · build 2 (asked): cargo was started");
        assert_eq!(view.watching.0, "watching 12 files");
        let polling = WatchMode::Polling { reason: "too many watches".to_owned() };
        model.apply(Event::Watching { mode: polling, files: 1 }, NOW);
        model.apply(Event::AutoReload { on: false }, NOW);
        let view = StatusLineView::new(&model, Language::English, NOW);
        assert_eq!(
            view.watching,
            ("polling 1 file, auto-reload is off".to_owned(), Some(Tone::Attention), "too many watches".to_owned())
        );
    }
}
