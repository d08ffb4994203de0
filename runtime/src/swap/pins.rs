//! Pinned calls: what the host asks of every version that is activated.

use std::collections::BTreeSet;

use super::clause::Clause;
use super::host::Host;
use crate::call::{Answer, Call};
use crate::history::record::PinnedResult;
use crate::ids::VersionNumber;
use crate::load::StateAccess;
use crate::runner::{Fault, Request, Response};
use crate::session::Event;
use crate::value;

impl Host {
    /// Pins a call that is well formed, and evaluates it on what runs.
    pub(super) fn pin(&mut self, text: &str) {
        let text = match text.parse::<Call>() {
            Ok(call) => call.to_string(),
            Err(error) => return self.event(Event::CommandRefused { message: error.to_string() }),
        };
        if self.pins.contains(&text) {
            return self.event(Event::CommandRefused { message: format!("{text} is pinned already") });
        }
        self.pins.push(text.clone());
        self.pins_changed();
        let Some(version) = self.active.as_ref().map(|active| active.version) else { return };
        match self.evaluate(version, &text) {
            Ok(answer) => {
                self.event(Event::PinnedResult { version, call: text.clone(), answer: answer.clone() });
                if let Some(active) = &mut self.active {
                    active.pinned.note(&text, &answer);
                }
                if let Some(active) = self.active.clone() {
                    let kept = self.keep_state(&active, &text);
                    let fell = kept.is_err();
                    self.after_keeping(&active, kept);
                    if fell {
                        return;
                    }
                }
                self.keep_results(version, vec![PinnedResult { call: text, answer }]);
            }
            // A call that ends the process would end each version from now on.
            Err(fault) => {
                self.pins.retain(|pin| *pin != text);
                self.pins_changed();
                self.event(Event::CommandRefused { message: format!("{text} is not pinned: {fault}") });
                self.faults.clear();
                self.recover(&fault);
            }
        }
    }

    /// The state has changed: pinned calls that read it are evaluated again, on what runs. Those that change it
    /// are not: that would go on for ever.
    pub(super) fn evaluate_readers(&mut self) {
        let Some(active) = self.active.clone() else { return };
        let version = active.version;
        let mut results = Vec::new();
        for text in self.pins.clone() {
            let reads = active.access(&text) == Some(StateAccess::Reads);
            if !reads {
                continue;
            }
            match self.evaluate(version, &text) {
                Ok(answer) => {
                    self.event(Event::PinnedResult { version, call: text.clone(), answer: answer.clone() });
                    if let Some(active) = &mut self.active {
                        active.pinned.note(&text, &answer);
                    }
                    results.push(PinnedResult { call: text, answer });
                }
                // With this state it would end each version that goes on.
                Err(fault) => {
                    self.pins.retain(|pin| *pin != text);
                    self.pins_changed();
                    self.event(Event::Notice { message: format!("{text} is no longer pinned: {fault}") });
                    self.faults.clear();
                    self.recover(&fault);
                    break;
                }
            }
        }
        if !results.is_empty() {
            self.keep_results(version, results);
        }
    }

    /// Writes down what pinned calls came to, in place of what they came to before.
    fn keep_results(&mut self, version: VersionNumber, results: Vec<PinnedResult>) {
        self.mark(version, |marks| {
            for result in results {
                match marks.pinned_results.iter_mut().find(|kept| kept.call == result.call) {
                    Some(kept) => *kept = result,
                    None => marks.pinned_results.push(result),
                }
            }
        });
    }

    /// Unpins a call.
    pub(super) fn unpin(&mut self, text: &str) {
        let wanted = text.parse::<Call>().map_or_else(|_| text.to_owned(), |call| call.to_string());
        let before = self.pins.len();
        self.pins.retain(|pin| *pin != wanted);
        if self.pins.len() == before {
            let pinned = if self.pins.is_empty() { "nothing".to_owned() } else { self.pins.join(", ") };
            return self
                .event(Event::CommandRefused { message: format!("{wanted} is not pinned; pinned is: {pinned}") });
        }
        self.pins_changed();
    }

    fn pins_changed(&mut self) {
        // The manifest's calls are kept by the manifest.
        let own: Vec<String> =
            self.pins.iter().filter(|pin| !self.project.settings.calls.contains(pin)).cloned().collect();
        let kept = self.store.set_pins(&own, &self.pins);
        self.notice_history(kept);
        self.event(Event::Pins { pins: self.pins.clone() });
    }

    /// Which pinned calls a candidate can no longer answer, and why. Only a call that does fit what
    /// runs can be lost: one that never fitted (a slip of the pen) refuses nothing.
    pub(super) fn unfit_pins(&mut self, version: VersionNumber) -> Result<Vec<Clause>, Fault> {
        let mut unfit = Vec::new();
        let Some(active) = self.active.clone() else { return Ok(unfit) };
        for text in self.pins.clone().into_iter().filter(|text| !active.pinned.unfit.contains(text)) {
            // Pins were well formed when they were pinned.
            let Ok(call) = text.parse::<Call>() else { continue };
            let Ok(arguments) = value::pack_arguments(&call.arguments) else { continue };
            let argument_count = call.arguments.len();
            let request = Request::Check { version, export: call.export.clone(), argument_count, arguments };
            match self.ask(&request)? {
                Response::Checked(Ok(())) => {}
                Response::Checked(Err(why)) => {
                    let before = active.exports.iter().find(|export| export.name == call.export);
                    let before = before.map(|export| format!("{}: {}", active.version, export.signature));
                    unfit.push(Clause::PinUnfit { call: text, why, before });
                }
                other => return Err(self.broken(&request, &other)),
            }
        }
        Ok(unfit)
    }

    /// Evaluates all pinned calls on a version.
    pub(super) fn evaluate_pins(&mut self, version: VersionNumber) -> Result<Vec<PinnedResult>, Fault> {
        let mut results = Vec::new();
        for call in self.pins.clone() {
            let answer = self.evaluate(version, &call)?;
            self.event(Event::PinnedResult { version, call: call.clone(), answer: answer.clone() });
            results.push(PinnedResult { call, answer });
        }
        Ok(results)
    }
}

/// What a version's pinned calls came to, as far as the next version is measured by it.
#[derive(Debug, Clone, Default)]
pub(super) struct PinnedOutcomes {
    /// Calls that panicked.
    pub panicking: BTreeSet<String>,
    /// Calls that were refused: no such export, or arguments that do not fit.
    pub unfit: BTreeSet<String>,
}

impl PinnedOutcomes {
    pub(super) fn of(results: &[PinnedResult]) -> Self {
        let mut outcomes = Self::default();
        for result in results {
            outcomes.note(&result.call, &result.answer);
        }
        outcomes
    }

    fn note(&mut self, call: &str, answer: &Answer) {
        self.panicking.remove(call);
        self.unfit.remove(call);
        match answer {
            Answer::Panicked { .. } => drop(self.panicking.insert(call.to_owned())),
            Answer::Refused { .. } => drop(self.unfit.insert(call.to_owned())),
            _ => {}
        }
    }
}
