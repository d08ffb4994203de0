//! Where the words of trouble above and below lead: to the panel that says more.

use exuvia_runtime::session::status::Phase;
use exuvia_runtime::swap::verdict::VerdictKind;

use super::dock::Panel;
use crate::model::{Life, LogLine, Model};

/// The panel that says more about the status, if it tells of trouble.
pub(super) fn of_status(model: &Model) -> Option<Panel> {
    match model.phase().filter(|_| model.life == Life::Open)? {
        Phase::BuildFailed | Phase::LoadFailed | Phase::Refused { .. } => Some(Panel::Problems),
        Phase::Faulted { .. } => Some(of_fault(model)),
        Phase::Stopped { .. } => Some(Panel::Log),
        Phase::Opening | Phase::Building { .. } | Phase::Activating | Phase::Idle => None,
    }
}

/// The panel that says more about a line of the log, if it tells of trouble.
pub(super) fn of_line(model: &Model, line: &LogLine) -> Option<Panel> {
    // Without a guest there are no panels.
    if matches!(model.life, Life::NoGuest | Life::OpenFailed { .. }) {
        return None;
    }
    match line {
        LogLine::Failed { .. } => Some(Panel::Problems),
        LogLine::Recorded { verdict, .. } if verdict.kind == VerdictKind::Refused => Some(Panel::Problems),
        LogLine::Fault { .. } => Some(of_fault(model)),
        LogLine::Refused { .. }
        | LogLine::Blind { .. }
        | LogLine::NotActivated { .. }
        | LogLine::EditorFailed { .. }
        | LogLine::Killed { .. }
        | LogLine::OpenFailed { .. } => Some(Panel::Log),
        LogLine::Recorded { .. }
        | LogLine::Opened { .. }
        | LogLine::Polling { .. }
        | LogLine::BuildStarted { .. }
        | LogLine::Superseded { .. }
        | LogLine::Cancelled { .. }
        | LogLine::NothingChanged { .. }
        | LogLine::Activated { .. }
        | LogLine::KeptMapped { .. }
        | LogLine::RunnerReplaced { .. }
        | LogLine::BaseLibrary { .. }
        | LogLine::Advice { .. }
        | LogLine::Pruned { .. }
        | LogLine::AutoReload { .. }
        | LogLine::Notice { .. }
        | LogLine::PictureSaved { .. }
        | LogLine::Copied
        | LogLine::Ended
        | LogLine::EditorOpened { .. } => None,
    }
}

/// An open fault stands among the problems; one that was answered is only in the log.
fn of_fault(model: &Model) -> Panel {
    if model.problems.items.is_empty() { Panel::Log } else { Panel::Problems }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::*;
    use exuvia_runtime::ids::{Generation, VersionNumber};
    use exuvia_runtime::session::Event;
    use exuvia_runtime::session::status::{Status, Tone};
    use exuvia_runtime::swap::verdict::Verdict;

    fn open() -> Model {
        let mut model = Model::default();
        model.apply(opened(vec![version(1, 1)], vec![], &[]), NOW);
        model
    }

    #[test]
    fn the_status_leads_to_what_says_more() {
        for (phase, expected) in [
            (Phase::BuildFailed, Some(Panel::Problems)),
            (Phase::LoadFailed, Some(Panel::Problems)),
            (Phase::Refused { refused: VersionNumber(2) }, Some(Panel::Problems)),
            (Phase::Faulted { faulted: VersionNumber(1) }, Some(Panel::Log)),
            (Phase::Stopped { reason: "too many faults".to_owned() }, Some(Panel::Log)),
            (Phase::Building { generation: Generation(2) }, None),
            (Phase::Idle, None),
        ] {
            let mut model = open();
            let status = Status { phase: phase.clone(), running: None };
            let event = Event::Status { text: status.text(), status };
            model.apply(event, NOW);
            assert_eq!(of_status(&model), expected, "{phase:?}");
            model.apply(Event::Ended, NOW);
            assert_eq!(of_status(&model), None, "{phase:?}");
        }
    }

    #[test]
    fn each_red_line_leads_somewhere_and_no_other_does() {
        let message = || "why".to_owned();
        let recorded = |kind| LogLine::Recorded { version: VersionNumber(2), verdict: Verdict::new(kind, "why") };
        for (line, expected) in [
            (LogLine::Failed { generation: Generation(2), message: message() }, Some(Panel::Problems)),
            (recorded(VerdictKind::Refused), Some(Panel::Problems)),
            (recorded(VerdictKind::Hot), None),
            (LogLine::Fault { version: VersionNumber(1), fault: message() }, Some(Panel::Log)),
            (LogLine::Refused { message: message() }, Some(Panel::Log)),
            (LogLine::Blind { reason: message() }, Some(Panel::Log)),
            (LogLine::NotActivated { version: VersionNumber(2), message: message() }, Some(Panel::Log)),
            (LogLine::Notice { message: message() }, None),
            (LogLine::Ended, None),
        ] {
            let mut model = open();
            assert_eq!(of_line(&model, &line), expected, "{line:?}");
            assert_eq!(line.tone() == Some(Tone::Bad), expected.is_some(), "{line:?}");
            model.life = Life::NoGuest;
            assert_eq!(of_line(&model, &line), None, "{line:?}");
        }
    }
}
