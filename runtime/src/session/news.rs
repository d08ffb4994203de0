//! What the host tells, and what follows from it for the status.

use super::Event;
use super::actor::Actor;
use super::check::Replayed;
use super::pause::{Tried, Turn};
use super::status::Phase;
use crate::build::BuildPath;
use crate::history::record::{Failure, Standing, VersionRow};
use crate::swap::News;

impl<T: Fn(Event)> Actor<T> {
    pub(super) fn news(&mut self, news: News) {
        match news {
            News::Event(event) => {
                self.observe(&event);
                let tried = match &*event {
                    Event::Recorded { row } => Some((row.record.number, row.marks.standing.clone())),
                    _ => None,
                };
                (self.tell)(*event);
                if let Some((version, standing)) = tried {
                    self.tried(Tried::Version(version), &standing);
                }
            }
            News::SameAs { generation, version } => {
                if let Some(sources) = self.with_host.get(&generation) {
                    self.sources.also_build(version, sources.clone());
                }
            }
            News::FaultedAtLoad { generation, fault } => {
                self.tried(Tried::Build(generation), &Standing::Faulted { fault });
            }
            News::Stopped(reason) => self.phase = Phase::Stopped { reason },
            News::Active(active) => self.active = active,
            News::Idle => {
                if matches!(self.phase, Phase::Activating | Phase::Opening) {
                    self.phase = Phase::Idle;
                }
                if std::mem::take(&mut self.owes_a_look) {
                    self.look_around();
                }
            }
        }
    }

    /// What was built was tried.
    fn tried(&mut self, tried: Tried, standing: &Standing) {
        match self.probations.note(tried, standing, self.auto_reload) {
            Turn::None => {}
            Turn::Pause(reason) => {
                self.set_auto_reload(false);
                self.phase = Phase::Stopped { reason };
            }
            Turn::Resume => {
                self.set_auto_reload(true);
                // Whatever was saved meanwhile.
                self.consider(None, false);
            }
        }
    }

    /// The status follows from what the host tells.
    fn observe(&mut self, event: &Event) {
        let is_building = self.running.is_some();
        let mut phase = None;
        match event {
            Event::Recorded { row } => {
                let VersionRow { record, marks } = &**row;
                self.with_host.remove(&record.generation);
                let is_replayed = matches!(record.path, BuildPath::Replay { .. }) && marks.standing == Standing::Good;
                let replayed = || Replayed {
                    sources: record.sources.clone(),
                    hash: record.artifact.hash.clone(),
                    cause: record.cause.clone(),
                    is_whole: record.path.base().is_none(),
                };
                self.unchecked.recorded(record.number, is_replayed.then(replayed), self.config.check_after);
                self.rows.insert(record.number, marks.standing.clone());
                self.sources.built(record.number, record.sources.clone());
                phase = Some(match marks.standing {
                    Standing::Refused => Phase::Refused { refused: record.number },
                    Standing::Faulted { .. } => Phase::Faulted { faulted: record.number },
                    Standing::Good | Standing::Probation => Phase::Idle,
                });
            }
            Event::Marked { version, marks } => {
                self.rows.insert(*version, marks.standing.clone());
                let tried = matches!(self.phase, Phase::Activating);
                let faulted = tried && matches!(marks.standing, Standing::Faulted { .. });
                phase = faulted.then_some(Phase::Faulted { faulted: *version });
            }
            Event::Failed { record } => {
                self.with_host.remove(&record.generation);
                let is_load = matches!(record.failure, Failure::Load { .. });
                phase = Some(if is_load { Phase::LoadFailed } else { Phase::BuildFailed });
            }
            Event::NothingChanged { generation, .. } => {
                self.with_host.remove(generation);
                phase = Some(Phase::Idle);
            }
            Event::Activated { version, .. } => {
                self.active = Some(*version);
                // A version just built is recorded after it runs; the host does one at a time.
                if let (false, Some(sources)) = (self.sources.knows(*version), self.with_host.values().next()) {
                    self.sources.built(*version, sources.clone());
                }
                phase = (!matches!(self.phase, Phase::Activating | Phase::Faulted { .. })).then_some(Phase::Idle);
            }
            Event::Fault { version, .. } => phase = Some(Phase::Faulted { faulted: *version }),
            // What faulted and was started again has shown that it works.
            Event::Answered { answer, .. } if matches!(self.phase, Phase::Faulted { .. }) && answer.is_returned() => {
                phase = Some(Phase::Idle);
            }
            Event::Pruned { versions } => {
                self.rows.retain(|number, _| !versions.contains(number));
                self.sources.forget(versions);
            }
            _ => {}
        }
        if let (Some(phase), false) = (phase, is_building) {
            self.phase = phase;
        }
    }
}
