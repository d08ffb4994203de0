//! Problems: what the compiler said about the latest attempt, or why it did not load.

use eframe::egui::{Label, RichText, ScrollArea, TextStyle, Ui};
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::ansi_text;
use super::super::theme::Palette;
use super::super::view_state::ViewState;
use super::super::widgets::{Offer, action_button, empty_state, well};
use crate::model::{Counts, Life, Model, Problems, ProblemsOf};
use crate::text::Language;

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

/// The tab's title, and its colour's meaning.
pub(crate) fn title(model: &Model, l: Language) -> (String, Option<Tone>) {
    let counts = model.problems.counts();
    let tone = match counts {
        Counts { errors: 0, warnings: 0 } => None,
        Counts { errors: 0, .. } => Some(Tone::Attention),
        Counts { .. } => Some(Tone::Bad),
    };
    (counted(counts, l), tone)
}

fn counted(counts: Counts, l: Language) -> String {
    let title = l.problems_title();
    let (errors, warnings) = (l.errors(counts.errors), l.warnings(counts.warnings));
    match counts {
        Counts { errors: 0, warnings: 0 } => title.to_owned(),
        Counts { warnings: 0, .. } => format!("{title} ({errors})"),
        Counts { errors: 0, .. } => format!("{title} ({warnings})"),
        Counts { .. } => format!("{title} ({errors}, {warnings})"),
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

/// Draws the panel.
pub(crate) fn problems_ui(ui: &mut Ui, model: &Model, state: &ViewState) -> Option<Action> {
    let view = ProblemsView::new(model, state);
    let mut action = None;
    if !view.of.is_empty() {
        ui.horizontal(|ui| {
            ui.label(RichText::new(format!("of {}", view.of)).small().weak());
            if view.chosen {
                action = action_button(ui, &Offer { action: Action::ShowLatestProblems, possible: true });
            }
        });
    }
    well(ui, |ui| list_ui(ui, &view));
    action
}

fn list_ui(ui: &mut Ui, view: &ProblemsView) {
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
            assert_eq!(counted(Counts { errors, warnings }, Language::English), title);
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
