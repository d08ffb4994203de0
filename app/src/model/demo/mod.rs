//! A made-up session, the same on every machine and at any time: what the docs' pictures and
//! `exuvia figure --sample` show. The experiment's facts in it are recorded ones.

mod history;
mod replies;

use exuvia_runtime::experiment::{ExperimentEvent, Report};
use exuvia_runtime::ids::Timestamp;

pub use history::{Tail, events};
pub use replies::replies;

use crate::settings::{RecentGuest, Remembered};

/// When the sample takes place: 2026-11-20 14:30 UTC.
pub const NOW: Timestamp = Timestamp(1_795_185_000_000);

/// A run of `exuvia experiment --json`, with the folders' names changed.
const EXPERIMENT: &str = include_str!("experiment.json");

/// What the experiment told in a recorded run.
///
/// # Panics
/// If the recorded run is none; a test would have said so.
#[must_use]
pub fn experiment() -> Vec<ExperimentEvent> {
    let report: Report = serde_json::from_str(EXPERIMENT).expect("a recorded run can be read");
    let mut events = vec![
        ExperimentEvent::Started { thread_local: report.thread_local },
        ExperimentEvent::Prepared { prepared: report.prepared.clone() },
    ];
    for lane in &report.lanes {
        events.extend(lane.steps.iter().map(|step| ExperimentEvent::Step { lane: lane.lane, step: step.clone() }));
        let (facts, explanation) = (lane.facts.clone(), lane.explanation.clone());
        events.push(ExperimentEvent::LaneEnded { lane: lane.lane, facts, explanation });
    }
    events.push(ExperimentEvent::Done { report });
    events
}

/// Guests that were opened before.
#[must_use]
pub fn remembered() -> Remembered {
    let mut remembered = Remembered::default();
    for (name, hours) in [("hopper", 50), ("mandelbrot", 26), ("greetings", 1)] {
        let manifest = format!("/home/ada/{name}/Cargo.toml").into();
        let at = Timestamp(NOW.0 - hours * 3_600_000);
        remembered.opened(RecentGuest { name: name.to_owned(), manifest, at });
    }
    remembered
}

#[cfg(test)]
mod tests {
    use exuvia_runtime::experiment::explain;
    use exuvia_runtime::session::status::Tone;

    use super::*;
    use crate::model::Model;
    use crate::text::Language;

    #[test]
    fn the_recorded_runs_explanations_follow_from_its_facts() {
        let mut ended = 0;
        for event in experiment() {
            if let ExperimentEvent::LaneEnded { lane, facts, explanation } = event {
                assert_eq!(explain(lane, &facts), explanation, "{lane:?}");
                ended += 1;
            }
        }
        assert_eq!(ended, 4);
    }

    #[test]
    fn the_sample_ends_as_its_tail_says() {
        for (tail, status, tone, errors) in [
            (Tail::Runs, "running v8 = saved source", Tone::Good, 0),
            (Tail::BuildFailed, "build failed, still running v8", Tone::Bad, 1),
        ] {
            let mut model = Model::default();
            let mut last = Timestamp(0);
            for (at, event) in events(tail) {
                assert!(at >= last && at <= NOW, "times run forward: {at:?}");
                last = at;
                model.apply(event, at);
            }
            assert_eq!(model.status_text(Language::English), status);
            assert_eq!((model.tone(), model.problems.counts().errors), (tone, errors));
            assert!(model.output.len() > 5 && model.history.numbers().count() == 8 && !model.exports().is_empty());
        }
    }
}
