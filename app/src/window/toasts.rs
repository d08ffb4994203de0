//! Quiet notices at the window's lower edge: what a save came to, what fell, and the way back. They never
//! take the keyboard and go by themselves. How they are drawn is told in `lines`.

mod lines;

use std::path::PathBuf;
use std::time::Duration;

use eframe::egui::Pos2;
use exuvia_runtime::history::record::{Failure, Standing};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::status::Tone;
use exuvia_runtime::session::{Event, Retirement};
use exuvia_runtime::stage;
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};

use super::actions::Action;
use super::dock::Panel;
use super::view_state::Page;
use super::widgets::Offer;
use crate::editor::EditorError;
use crate::model::{FailureKey, Model, Problems, words};
use crate::text::Language;

pub(super) use lines::{ToastsView, toasts_ui};

/// Something to be noticed.
#[derive(Debug, Clone, PartialEq)]
enum Notice {
    /// A version took another one's place.
    Reloaded { version: VersionNumber, from: VersionNumber, verdict: Verdict },
    /// A generation became no version.
    Failed { key: FailureKey, is_load: bool, title: String },
    /// A version faulted; what runs now, once something does.
    Faulted { version: VersionNumber, fault: String, runs: Option<VersionNumber> },
    /// Somebody else has ended the runner; its version goes on.
    Killed { version: VersionNumber, ending: String, snapshot: bool },
    /// A version was refused.
    Refused { version: VersionNumber, verdict: Verdict },
    /// A version that was asked for does not run.
    NotActivated { version: VersionNumber, message: String },
    /// Something that was asked for could not be done.
    NotDone { message: String },
    /// A version's library is still in memory.
    KeptMapped { version: VersionNumber, why: String, bytes: u64 },
    /// A picture was written.
    Saved { text: String },
    /// A file was not opened in the editor.
    EditorFailed { error: EditorError, file: PathBuf },
}

/// Whether an event of a session tells of something that went wrong with the guest.
pub(super) fn is_bad(event: &Event) -> bool {
    !matches!(event, Event::CommandRefused { .. }) && Notice::of(event).is_some_and(|notice| notice.tone() == Tone::Bad)
}

impl Notice {
    /// What is to be noticed of an event. What the engine starts again by itself comes with a fault;
    /// the first version takes nobody's place.
    fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::Activated { version, from: Some(from), verdict, .. }
                if from != version && verdict.kind != VerdictKind::Restarted =>
            {
                Self::Reloaded { version: *version, from: *from, verdict: verdict.clone() }
            }
            Event::Failed { record } => {
                let problems = Problems::of_failure(record);
                let title = problems.items.first().map_or_else(String::new, |problem| problem.title.clone());
                let is_load = matches!(record.failure, Failure::Load { .. });
                Self::Failed { key: FailureKey::of(record), is_load, title }
            }
            Event::Recorded { row } => match &row.marks.standing {
                Standing::Faulted { fault } => {
                    Self::Faulted { version: row.record.number, fault: fault.clone(), runs: None }
                }
                Standing::Refused => Self::Refused { version: row.record.number, verdict: row.record.verdict.clone() },
                Standing::Good | Standing::Probation => return None,
            },
            Event::Fault { version, fault } => Self::Faulted { version: *version, fault: fault.clone(), runs: None },
            Event::Killed { version, ending, snapshot } => {
                Self::Killed { version: *version, ending: ending.clone(), snapshot: *snapshot }
            }
            Event::NotActivated { version, message } => {
                Self::NotActivated { version: *version, message: message.clone() }
            }
            Event::CommandRefused { message } => Self::NotDone { message: message.clone() },
            Event::Retired { version, retirement: Retirement::Kept { why, bytes } } if why != stage::ON_BASE => {
                Self::KeptMapped { version: *version, why: why.clone(), bytes: *bytes }
            }
            _ => return None,
        })
    }

    /// Whether it makes an earlier one pointless: only the latest attempt counts, and of the same
    /// version the latest word.
    fn replaces(&self, earlier: &Self) -> bool {
        use Notice::{EditorFailed, Failed, Faulted, KeptMapped, Killed, NotActivated, NotDone, Refused, Reloaded};
        match (self, earlier) {
            (Reloaded { .. } | Failed { .. } | Refused { .. }, Reloaded { .. } | Failed { .. } | Refused { .. })
            | (NotDone { .. }, NotDone { .. })
            | (EditorFailed { .. }, EditorFailed { .. })
            | (Killed { .. }, Killed { .. }) => true,
            (Faulted { version, .. }, Faulted { version: earlier, .. } | Reloaded { version: earlier, .. })
            | (KeptMapped { version, .. }, KeptMapped { version: earlier, .. })
            | (NotActivated { version, .. }, NotActivated { version: earlier, .. }) => version == earlier,
            _ => false,
        }
    }

    fn tone(&self) -> Tone {
        match self {
            Self::Saved { .. } => Tone::Good,
            Self::Reloaded { verdict, .. } if verdict.kind == VerdictKind::Hot => Tone::Good,
            Self::Reloaded { verdict, .. } if verdict.kind == VerdictKind::Migrated => Tone::Busy,
            Self::Reloaded { .. }
            | Self::KeptMapped { .. }
            | Self::EditorFailed { .. }
            | Self::Killed { .. }
            | Self::Faulted { runs: Some(_), .. } => Tone::Attention,
            _ => Tone::Bad,
        }
    }

    /// In a few words, and what else is to be known.
    fn words(&self, l: Language) -> (String, String) {
        match self {
            Self::Reloaded { version, verdict, .. } => {
                (l.toast_reloaded(*version, l.verdict(verdict.kind)), l.reason(verdict))
            }
            Self::Failed { is_load: false, title, .. } => (l.toast_build_failed().to_owned(), title.clone()),
            Self::Failed { is_load: true, title, .. } => (l.toast_load_failed().to_owned(), title.clone()),
            Self::Faulted { version, fault, runs } => {
                let title = match runs {
                    None => l.toast_faulted(*version),
                    Some(runs) if runs == version => l.toast_faulted_again(*version),
                    Some(runs) if runs < version => l.toast_faulted_back(*version, *runs),
                    Some(runs) => l.toast_faulted_on(*version, *runs),
                };
                (title, fault.clone())
            }
            Self::Killed { version, ending, snapshot } => {
                (l.toast_killed().to_owned(), l.killed_goes_on(ending, *version, *snapshot))
            }
            Self::Refused { version, verdict } => (l.toast_refused(*version), l.reason(verdict)),
            Self::NotActivated { version, message } => (l.toast_not_activated(*version), message.clone()),
            Self::NotDone { message } => (l.toast_not_done().to_owned(), message.clone()),
            Self::Saved { text } => (l.toast_saved().to_owned(), text.clone()),
            Self::EditorFailed { error, .. } => (l.toast_editor().to_owned(), l.editor_error(error)),
            Self::KeptMapped { version, why, bytes } => {
                (l.toast_mapped(*version), l.toast_mapped_why(&words::bytes(*bytes), why))
            }
        }
    }

    /// The ways back or on, and what their buttons say; only those that lead somewhere now.
    fn offers(&self, model: &Model, l: Language) -> Vec<(Offer, String)> {
        let problems = |words: &str| (Action::ShowPanel(Panel::Problems), words.to_owned());
        let ways = match self {
            // Once another one runs, it would undo something else.
            Self::Reloaded { version, from, .. } if model.active == Some(*version) => {
                vec![(Action::Activate(*from), l.roll_to(*from, *version))]
            }
            Self::Reloaded { .. }
            | Self::Killed { .. }
            | Self::NotActivated { .. }
            | Self::NotDone { .. }
            | Self::Saved { .. } => vec![],
            Self::EditorFailed { error, file } => {
                let copy = (Action::Copy(file.display().to_string()), l.copy_path().to_owned());
                let settings = (Action::ShowPage(Page::Settings), l.toast_settings().to_owned());
                // No other editor finds what is gone.
                let helps = !matches!(error, EditorError::NoFile { .. });
                std::iter::once(copy).chain(helps.then_some(settings)).collect()
            }
            Self::Failed { key, .. } => vec![(Action::ShowFailure(*key), l.toast_show_problems().to_owned())],
            Self::Faulted { version, .. } => {
                let way = if model.active == Some(*version) {
                    model.history.older(*version).map(|older| (Action::Activate(older), l.roll_back_to(older)))
                } else {
                    Some((Action::Activate(*version), l.toast_activate_again(*version)))
                };
                way.into_iter().chain([problems(l.toast_show_why())]).collect()
            }
            Self::Refused { .. } => vec![problems(l.toast_show_problems())],
            Self::KeptMapped { .. } => vec![(Action::ShowPanel(Panel::Memory), l.toast_show_memory().to_owned())],
        };
        let offers = ways.into_iter().map(|(action, words)| (Offer::new(action, model), words));
        offers.filter(|(offer, _)| offer.possible).collect()
    }
}

/// A notice that is shown.
#[derive(Debug)]
struct Toast {
    id: u64,
    notice: Notice,
    /// When it goes, in the window's seconds; `None`: it was not drawn yet.
    until: Option<f64>,
}

/// How long a notice stays, and how long after the pointer has left it, in seconds.
const STAYS: f64 = 6.0;
const STAYS_AFTER_HOVER: f64 = 2.0;

/// No more than this many at once; the oldest goes.
const MOST: usize = 3;

/// The notices that are shown, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Toasts {
    shown: Vec<Toast>,
    next: u64,
    /// Where the pointer was when the newest one was drawn first.
    resting: Option<Pos2>,
}

impl Toasts {
    /// Takes an event in, before the model does; `active` is what ran until then.
    pub(crate) fn hear(&mut self, event: &Event, active: Option<VersionNumber>) {
        if matches!(event, Event::BuildStarted { .. } | Event::NothingChanged { .. } | Event::Recorded { .. }) {
            // What failed before is no longer the latest word.
            self.shown.retain(|toast| !matches!(toast.notice, Notice::Failed { .. }));
        }
        // A candidate that fell has left what ran in front, or the engine has told what it put there.
        let running = match event {
            Event::Activated { version, .. } => Some(*version),
            Event::Recorded { .. } => active,
            _ => None,
        };
        if let Some(mut notice) = Notice::of(event) {
            if let (Notice::Faulted { runs, .. }, Event::Recorded { .. }) = (&mut notice, event) {
                *runs = running;
            }
            self.add(notice);
        }
        if matches!(event, Event::Activated { .. }) {
            self.say_what_runs(running);
        }
    }

    /// After a fault something runs again: its notice says so, and is there to be read anew.
    fn say_what_runs(&mut self, running: Option<VersionNumber>) {
        for toast in &mut self.shown {
            if let Notice::Faulted { runs: runs @ None, .. } = &mut toast.notice {
                (*runs, toast.until) = (running, None);
            }
        }
    }

    /// A picture was written, and where.
    pub(crate) fn say_saved(&mut self, text: &str) {
        self.add(Notice::Saved { text: text.to_owned() });
    }

    /// A file was asked for and not opened in the editor.
    pub(crate) fn say_editor_failed(&mut self, error: EditorError, file: PathBuf) {
        self.add(Notice::EditorFailed { error, file });
    }

    /// What was said of the editor is no longer true.
    pub(crate) fn forget_editor(&mut self) {
        self.shown.retain(|toast| !matches!(toast.notice, Notice::EditorFailed { .. }));
    }

    fn add(&mut self, notice: Notice) {
        self.shown.retain(|toast| !notice.replaces(&toast.notice));
        self.shown.push(Toast { id: self.next, notice, until: None });
        self.next += 1;
        let too_many = self.shown.len().saturating_sub(MOST);
        self.shown.drain(..too_many);
    }

    /// Lets go what has been shown long enough, and says when the next one goes. While somebody
    /// reads them (the pointer or the keyboard is there) none goes.
    fn pass(&mut self, time: f64, held: bool) -> Option<Duration> {
        for toast in &mut self.shown {
            let until = *toast.until.get_or_insert(time + STAYS);
            if held {
                toast.until = Some(until.max(time + STAYS_AFTER_HOVER));
            }
        }
        if held {
            return None;
        }
        self.shown.retain(|toast| toast.until.is_none_or(|until| until > time));
        let next = self.shown.iter().filter_map(|toast| toast.until).reduce(f64::min)?;
        // A little later, so that it is over by then.
        Some(Duration::from_secs_f64(next - time + 0.01))
    }
}

#[cfg(test)]
#[path = "toasts_tests.rs"]
mod tests;
