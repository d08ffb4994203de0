//! The lower panels and their tabs: problems, output, log.

use eframe::egui::{Align, Button, Frame, Label, Layout, Margin, RichText, ScrollArea, TextStyle, Ui};
use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::Stream;
use exuvia_runtime::session::status::Tone;

use super::actions::Action;
use super::ansi_text;
use super::theme::Palette;
use super::view_state::{Tab, ViewState};
use super::widgets::{Offer, action_button, empty_state, named_action_button};
use crate::model::{Counts, Life, Log, Model, Output, Problems, ProblemsOf, words};

/// What the lower panels show.
#[derive(Debug)]
pub(crate) struct LowerView<'a> {
    /// The tab that is shown.
    pub(crate) tab: Tab,
    /// The tabs and their titles.
    pub(crate) tabs: Vec<(Tab, String, Option<Tone>)>,
    /// The problems.
    pub(crate) problems: ProblemsView,
    /// The output.
    pub(crate) output: &'a Output,
    /// Whether there is output to clear.
    pub(crate) clear: Offer,
    /// The log.
    pub(crate) log: &'a Log,
    /// The time that ages count from.
    pub(crate) now: Timestamp,
}

/// What the problems' panel shows.
#[derive(Debug)]
pub(crate) struct ProblemsView {
    /// Whose problems they are.
    pub(crate) of: String,
    /// Whether these are of an earlier attempt, chosen in the list of versions.
    pub(crate) chosen: bool,
    /// The problems.
    pub(crate) problems: Problems,
    /// What stands there as long as there are none.
    pub(crate) empty: (&'static str, &'static str),
}

impl<'a> LowerView<'a> {
    /// What the model says.
    pub(crate) fn new(model: &'a Model, view: &ViewState, now: Timestamp) -> Self {
        let counts = model.problems.counts();
        let output = match model.output.len() {
            0 => "Output".to_owned(),
            lines => format!("Output ({lines})"),
        };
        let tone = match counts {
            Counts { errors: 0, warnings: 0 } => None,
            Counts { errors: 0, .. } => Some(Tone::Attention),
            Counts { .. } => Some(Tone::Bad),
        };
        Self {
            tab: view.tab,
            tabs: vec![
                (Tab::Problems, problems_title(counts), tone),
                (Tab::Output, output, None),
                (Tab::Log, "Log".to_owned(), None),
            ],
            problems: ProblemsView::new(model, view),
            output: &model.output,
            clear: Offer::new(Action::ClearOutput, model),
            log: &model.log,
            now,
        }
    }
}

fn problems_title(counts: Counts) -> String {
    let errors = words::count(counts.errors, "error");
    let warnings = words::count(counts.warnings, "warning");
    match counts {
        Counts { errors: 0, warnings: 0 } => "Problems".to_owned(),
        Counts { warnings: 0, .. } => format!("Problems ({errors})"),
        Counts { errors: 0, .. } => format!("Problems ({warnings})"),
        Counts { .. } => format!("Problems ({errors}, {warnings})"),
    }
}

impl ProblemsView {
    fn new(model: &Model, view: &ViewState) -> Self {
        let chosen = view.shown_failure.and_then(|key| model.history.failure(key));
        let problems = chosen.map_or_else(|| model.problems.clone(), Problems::of_failure);
        let of = match problems.of {
            Some(ProblemsOf::Generation(generation)) => generation.to_string(),
            Some(ProblemsOf::Version(version)) => version.to_string(),
            None => String::new(),
        };
        let empty = match (&model.life, problems.of, &model.building) {
            (Life::OpenFailed { .. }, ..) => ("No guest", "There is nothing to build."),
            (_, Some(_), _) => ("No problems", "The latest attempt was built without errors or warnings."),
            (_, None, Some(_)) => ("No problems yet", "The compiler's messages appear here when cargo is done."),
            (_, None, None) => ("No problems", "The compiler's messages about the latest attempt appear here."),
        };
        Self { of, chosen: chosen.is_some(), problems, empty }
    }
}

/// Draws the tabs and the one panel that is shown.
pub(crate) fn lower_ui(ui: &mut Ui, view: &LowerView<'_>) -> Option<Action> {
    // Tabs and what belongs to them share a line where both fit.
    let action = if ui.available_width() >= 460.0 {
        let right = Layout::right_to_left(Align::Center);
        ui.horizontal(|ui| tabs_ui(ui, view).or(ui.with_layout(right, |ui| extra_ui(ui, view)).inner)).inner
    } else {
        ui.horizontal_wrapped(|ui| tabs_ui(ui, view).or(extra_ui(ui, view))).inner
    };
    let palette = Palette::at(ui);
    Frame::new().fill(palette.well).corner_radius(4).inner_margin(Margin::symmetric(10, 6)).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        match view.tab {
            Tab::Problems => problems_ui(ui, &view.problems),
            Tab::Output => output_ui(ui, view.output),
            Tab::Log => log_ui(ui, view.log, view.now),
        }
    });
    action
}

fn tabs_ui(ui: &mut Ui, view: &LowerView<'_>) -> Option<Action> {
    let mut action = None;
    for (tab, title, tone) in &view.tabs {
        let mut text = RichText::new(title);
        if let Some(tone) = tone {
            text = text.color(Palette::at(ui).tone(*tone));
        }
        let offer = Offer { action: Action::ShowTab(*tab), possible: true };
        action = named_action_button(ui, &offer, Button::selectable(*tab == view.tab, text)).or(action);
    }
    action
}

/// What belongs to the tab that is shown.
fn extra_ui(ui: &mut Ui, view: &LowerView<'_>) -> Option<Action> {
    let mut action = None;
    if view.tab == Tab::Output {
        action = action_button(ui, &view.clear);
    }
    if view.tab == Tab::Problems && !view.problems.of.is_empty() {
        if view.problems.chosen {
            action = action_button(ui, &Offer { action: Action::ShowLatestProblems, possible: true });
        }
        ui.label(RichText::new(format!("of {}", view.problems.of)).small().weak());
    }
    action
}

fn problems_ui(ui: &mut Ui, view: &ProblemsView) {
    if view.problems.items.is_empty() {
        empty_state(ui, view.empty.0, view.empty.1);
        return;
    }
    let font = TextStyle::Monospace.resolve(ui.style());
    let palette = Palette::at(ui);
    ScrollArea::both().id_salt("problems").auto_shrink(false).show(ui, |ui| {
        for problem in &view.problems.items {
            ui.add(Label::new(ansi_text::layout(&problem.rendered, &font, palette)).extend());
            ui.add_space(8.0);
        }
    });
}

fn output_ui(ui: &mut Ui, output: &Output) {
    if output.is_empty() {
        empty_state(
            ui,
            "No output yet",
            "What the guest writes with println! or eprintln! appears here, with the version that wrote it.",
        );
        return;
    }
    let palette = Palette::at(ui);
    let font = TextStyle::Monospace.resolve(ui.style());
    let height = ui.fonts_mut(|fonts| fonts.row_height(&font));
    ui.spacing_mut().item_spacing.y = 2.0;
    // It follows the end until somebody scrolls up, and again when they are back at the end.
    ScrollArea::both().id_salt("output").auto_shrink(false).stick_to_bottom(true).show_rows(
        ui,
        height,
        output.len(),
        |ui, rows| {
            for line in output.range(rows) {
                ui.horizontal(|ui| {
                    let (stream, color) = match line.stream {
                        Stream::Stdout => ("out", palette.weak),
                        Stream::Stderr => ("err", palette.tone(Tone::Attention)),
                    };
                    let mark = format!("{:>4} {stream}", line.version.to_string());
                    ui.add(Label::new(RichText::new(mark).monospace().color(color)).selectable(false));
                    ui.add(Label::new(RichText::new(&line.text).monospace()).extend());
                });
            }
        },
    );
}

fn log_ui(ui: &mut Ui, log: &Log, now: Timestamp) {
    if log.entries().len() == 0 {
        empty_state(ui, "Nothing happened yet", "Builds, activations, faults and notices of this session appear here.");
        return;
    }
    let palette = Palette::at(ui);
    ScrollArea::vertical().id_salt("log").auto_shrink(false).stick_to_bottom(true).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for entry in log.entries() {
            let color = entry.tone.map_or(palette.text, |tone| palette.tone(tone));
            ui.horizontal_top(|ui| {
                let age = RichText::new(words::age(entry.at, now)).small().weak();
                ui.add_sized([72.0, 18.0], Label::new(age).selectable(false).halign(Align::Min));
                ui.add(Label::new(RichText::new(&entry.text).color(color)).wrap());
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKey;
    use crate::model::samples::*;
    use exuvia_runtime::session::Event;

    #[test]
    fn titles_count() {
        for (errors, warnings, title) in [
            (0, 0, "Problems"),
            (1, 0, "Problems (1 error)"),
            (0, 2, "Problems (2 warnings)"),
            (2, 1, "Problems (2 errors, 1 warning)"),
        ] {
            assert_eq!(problems_title(Counts { errors, warnings }), title);
        }
    }

    #[test]
    fn an_earlier_failure_can_be_looked_at_again() {
        let mut model = Model::default();
        let old = failure(3, 60);
        let view = ViewState { shown_failure: Some(FailureKey::of(&old)), ..ViewState::default() };
        model.apply(opened(vec![], vec![old], &[]), NOW);
        model.apply(Event::Recorded { row: Box::new(version(1, 0)) }, NOW);
        let latest = ProblemsView::new(&model, &ViewState::default());
        assert_eq!((latest.of.as_str(), latest.chosen, latest.problems.items.len()), ("v1", false, 0));
        let chosen = ProblemsView::new(&model, &view);
        assert_eq!((chosen.of.as_str(), chosen.chosen, chosen.problems.items.len()), ("generation 3", true, 2));
    }
}
