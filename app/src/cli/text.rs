//! Events in words: what `exuvia watch` prints for people. Pure functions.

use std::fmt::Write as _;

use exuvia_runtime::build::BuildPath;
use exuvia_runtime::build::diagnostic::{Diagnostic, Level};
use exuvia_runtime::history::record::{Durations, Failure, VersionRow};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::status::Tone;
use exuvia_runtime::session::{Event, Retirement, WatchMode};
use exuvia_runtime::swap::verdict::VerdictKind;

use crate::model::advice::{Advice, slow_phases};
use crate::model::words::{bytes, count, duration};
use crate::text::Language;

/// Width of the first column.
const LABEL: usize = 9;

/// What is said about an event.
struct Said {
    label: &'static str,
    tone: Option<Tone>,
    text: String,
    /// The compiler's words, which follow on lines of their own.
    rendering: String,
}

/// The event in words: one line, followed by the compiler's rendering where there is one. `None`
/// for what the guest wrote, which is joined to lines first.
pub(super) fn describe(event: &Event, colors: bool) -> Option<String> {
    let Said { label, tone, text, rendering } = said(event, colors)?;
    let mut line = painted(tone.filter(|_| colors), &format!("{label:<LABEL$}"));
    line.push(' ');
    // A message of several lines stays in its column.
    line.push_str(&text.trim_end().replace('\n', &format!("\n{:LABEL$} ", "")));
    if !rendering.is_empty() {
        line.push('\n');
        line.push_str(rendering.trim_end());
    }
    Some(line.trim_end().to_owned())
}

fn painted(tone: Option<Tone>, text: &str) -> String {
    // SGR colours: ECMA-48, 8.3.117.
    let color = match tone {
        None => return text.to_owned(),
        Some(Tone::Good) => 32,
        Some(Tone::Busy) => 36,
        Some(Tone::Attention) => 33,
        Some(Tone::Bad) => 31,
    };
    format!("\u{1b}[{color}m{text}\u{1b}[0m")
}

fn said(event: &Event, colors: bool) -> Option<Said> {
    let plain = |label, text: String| Said { label, tone: None, text, rendering: String::new() };
    let toned = |label, tone, text: String| Said { tone: Some(tone), ..plain(label, text) };
    Some(match event {
        Event::Opened { guest, versions, failures, pins } => {
            let mut text = format!("{}: {}", guest.name, count(versions.len(), "kept version"));
            if !failures.is_empty() {
                let _ = write!(text, ", {}", count(failures.len(), "failed build"));
            }
            if !pins.is_empty() {
                let _ = write!(text, "; pinned: {}", pins.join(", "));
            }
            plain("opened", text)
        }
        Event::OpenFailed { message } => toned("no guest", Tone::Bad, message.clone()),
        Event::Watching { mode, files } => {
            let files = count(*files, "file");
            match mode {
                WatchMode::Native => plain("watching", files),
                WatchMode::Polling { reason } => plain("watching", format!("{files}, by polling: {reason}")),
                WatchMode::Blind { reason } => {
                    toned("blind", Tone::Attention, format!("changes are not noticed: {reason}"))
                }
            }
        }
        Event::BuildStarted { generation, cause } => {
            toned("building", Tone::Busy, format!("{generation} ({})", cause.text()))
        }
        // What cargo says beside its bar says enough in a log.
        Event::BuildProgress { done: Some(_), .. } => return None,
        Event::BuildProgress { text, .. } => plain("", text.trim().to_owned()),
        Event::Superseded { generation, by } => plain("stopped", format!("{generation}, for {by}")),
        Event::Cancelled { generation } => plain("cancelled", generation.to_string()),
        Event::NothingChanged { generation, reason } => plain("unchanged", format!("{generation}: {reason}")),
        Event::Failed { record } => Said {
            rendering: rendering(&record.failure, colors),
            ..toned(
                "failed",
                Tone::Bad,
                format!("{} ({}): {}", record.generation, record.cause.text(), record.failure.message()),
            )
        },
        Event::Recorded { row } => recorded(row, colors),
        Event::Activated { version, from, verdict, durations } => {
            let from = match from {
                Some(from) if from == version => " runs again".to_owned(),
                Some(from) => format!(" (was {from})"),
                None => String::new(),
            };
            let tone = if verdict.kind == VerdictKind::Hot { Tone::Good } else { Tone::Attention };
            toned("running", tone, format!("{version}{from}: {verdict}{}", times(durations)))
        }
        Event::NotActivated { version, message } => {
            toned("not done", Tone::Bad, format!("{version} was not activated: {message}"))
        }
        Event::Marked { version, marks } if marks.keep => plain("kept", format!("{version} is never pruned")),
        Event::Marked { version, .. } => plain("not kept", format!("{version} may be pruned")),
        Event::PinnedResult { version, call, answer } => {
            let tone = if answer.is_returned() { Tone::Good } else { Tone::Bad };
            toned("pinned", tone, format!("{version} {call} = {answer}"))
        }
        Event::Pins { pins } if pins.is_empty() => plain("pins", "none".to_owned()),
        Event::Pins { pins } => plain("pins", pins.join(", ")),
        Event::Answered { call, version, answer, micros, .. } => {
            let tone = if answer.is_returned() { Tone::Good } else { Tone::Bad };
            let version = version.map_or(String::new(), |version| format!("{version} "));
            toned("answer", tone, format!("{version}{call} = {answer} ({})", duration(*micros)))
        }
        Event::Output { .. }
        | Event::State { .. }
        | Event::Memory { .. }
        | Event::Saved { .. }
        | Event::Compared { .. } => return None,
        Event::Fault { version, fault } => toned("fault", Tone::Bad, format!("{version}: {fault}")),
        Event::Retired { version, retirement } => {
            let fate = match retirement {
                Retirement::Unmapped => "closed and unmapped".to_owned(),
                Retirement::Kept { why, bytes: size } => format!("kept mapped ({}): {why}", bytes(*size)),
                Retirement::Unchecked => "closed; this system does not tell whether it is unmapped".to_owned(),
            };
            plain("retired", format!("{version}: {fate}"))
        }
        Event::Killed { version, ending, snapshot } => {
            let goes_on = if *snapshot { "goes on from its last snapshot" } else { "is started again" };
            toned("killed", Tone::Attention, format!("the runner, from outside: {ending}; {version} {goes_on}"))
        }
        Event::RunnerReplaced { version, reason, micros } => {
            plain("runner", format!("a fresh one took over with {version} ({}): {reason}", duration(*micros)))
        }
        Event::BaseLibrary { crates, bytes, micros } => plain(
            "linked",
            format!("{crates} crates into a base library of {} MiB, in {}", bytes >> 20, duration(*micros)),
        ),
        Event::Pruned { versions } => plain("pruned", numbers(versions)),
        Event::AutoReload { on: true } => plain("auto", "on: a change starts a build".to_owned()),
        Event::AutoReload { on: false } => plain("auto", "off: `build` starts a build".to_owned()),
        Event::CommandRefused { message } => toned("not done", Tone::Attention, message.clone()),
        Event::Notice { message } => plain("note", message.clone()),
        Event::Status { status, text } => toned("status", status.tone(), text.clone()),
        Event::Ended => plain("ended", String::new()),
    })
}

fn recorded(row: &VersionRow, colors: bool) -> Said {
    let record = &row.record;
    let warnings = match record.warnings.iter().filter(|warning| warning.level != Level::Note).count() {
        0 => String::new(),
        some => format!("; {}", count(some, "warning")),
    };
    let head = format!("{} ({})", record.number, record.cause.text());
    // The stages were told with the activation.
    let path = match &record.path {
        BuildPath::Cargo { why: None } => String::new(),
        path => format!(", by {path}"),
    };
    let took = format!(" in {}{path}", duration(record.durations.total()));
    let rendering = rendered(&record.warnings, colors);
    let (label, tone, text) = match record.verdict.kind {
        VerdictKind::Refused => {
            ("refused", Some(Tone::Bad), format!("{head}{took}: {}{warnings}", record.verdict.reason))
        }
        _ => ("recorded", None, format!("{head}{took}{warnings}")),
    };
    Said { label, tone, text, rendering }
}

/// `, 645 ms: build 640 ms, stage 2.1 ms`, with the parts of a slow build; nothing where nothing was measured.
fn times(durations: &Durations) -> String {
    let stages: Vec<String> = durations
        .stages()
        .iter()
        .filter_map(|(stage, micros)| {
            let phases = if *stage == "build" { phases(durations) } else { String::new() };
            micros.filter(|micros| *micros > 0).map(|micros| format!("{stage} {}{phases}", duration(micros)))
        })
        .collect();
    if stages.is_empty() { String::new() } else { format!(", {}: {}", duration(durations.total()), stages.join(", ")) }
}

/// ` (front end 1.2 s, link 300 ms)`, of a replay that was slow.
fn phases(durations: &Durations) -> String {
    let Some(phases) = slow_phases(durations) else { return String::new() };
    let known = phases.named().into_iter().filter_map(|(phase, micros)| Some(format!("{phase} {}", duration(micros?))));
    let known = known.collect::<Vec<_>>().join(", ");
    if known.is_empty() { known } else { format!(" ({known})") }
}

/// What would make reloads quicker.
pub(super) fn advice(advice: Advice, colors: bool) -> String {
    format!(
        "{} {}",
        painted(Some(Tone::Attention).filter(|_| colors), &format!("{:<LABEL$}", "advice")),
        Language::English.advice(advice)
    )
}

fn numbers(versions: &[VersionNumber]) -> String {
    versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What the compiler said about a failure, as it said it.
pub(super) fn rendering(failure: &Failure, colors: bool) -> String {
    match failure {
        Failure::Build { diagnostics, stderr, .. } => {
            let mut text = rendered(diagnostics, colors);
            text.push_str(&exuvia_runtime::build::diagnostic::strip_ansi(stderr));
            text
        }
        Failure::Load { .. } => String::new(),
    }
}

fn rendered(diagnostics: &[Diagnostic], colors: bool) -> String {
    let text = |diagnostic: &Diagnostic| if colors { diagnostic.rendered.clone() } else { diagnostic.plain() };
    diagnostics.iter().map(|diagnostic| format!("{}\n", text(diagnostic).trim_end())).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
