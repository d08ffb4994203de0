//! Cargo's words, as facts: its JSON messages on stdout and its progress on stderr.

use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use cargo_metadata::diagnostic::DiagnosticLevel;
use cargo_metadata::{Message, TargetKind};

use super::diagnostic::{Diagnostic, Level, Place, strip_ansi};
use super::progress;

/// What one build has said so far.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The guest's library, and whether cargo found it fresh.
    pub artifact: Option<(PathBuf, bool)>,
    /// The compiler's messages, in its order, with the root files of their crates.
    pub told: Vec<(PathBuf, Diagnostic)>,
}

impl Heard {
    /// Takes in one message. `package` is the guest's package id.
    pub(super) fn take(&mut self, message: Message, package: &str) {
        match message {
            Message::CompilerArtifact(artifact)
                if artifact.package_id.repr == package && artifact.target.kind.contains(&TargetKind::CDyLib) =>
            {
                let library = artifact
                    .filenames
                    .iter()
                    .find(|file| file.extension() == Some(std::env::consts::DLL_EXTENSION))
                    .map(|file| file.clone().into_std_path_buf());
                self.artifact = library.map(|library| (library, artifact.fresh));
            }
            Message::CompilerMessage(message) => {
                let root = message.target.src_path.into_std_path_buf();
                self.told.extend(diagnostic(message.message).map(|diagnostic| (root, diagnostic)));
            }
            _ => {}
        }
    }

    pub(super) fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.told.iter().map(|(_, diagnostic)| diagnostic).filter(|diagnostic| diagnostic.level == Level::Error)
    }

    /// The compiler's messages alone.
    pub(super) fn diagnostics(self) -> Vec<Diagnostic> {
        self.told.into_iter().map(|(_, diagnostic)| diagnostic).collect()
    }
}

/// A message of the compiler, if it says anything by itself.
pub(super) fn diagnostic(message: cargo_metadata::diagnostic::Diagnostic) -> Option<Diagnostic> {
    let level = match message.level {
        DiagnosticLevel::Error | DiagnosticLevel::Ice => Level::Error,
        DiagnosticLevel::Warning => Level::Warning,
        _ => Level::Note,
    };
    // rustc sums up at the end ("aborting due to 2 previous errors"): no code, no place.
    if message.spans.is_empty() && message.code.is_none() && is_summary(&message.message) {
        return None;
    }
    let place = message.spans.iter().find(|span| span.is_primary).map(|span| Place {
        file: PathBuf::from(&span.file_name),
        line: span.line_start,
        column: span.column_start,
    });
    Some(Diagnostic {
        level,
        rendered: message.rendered.unwrap_or_else(|| message.message.clone()),
        message: message.message,
        code: message.code.map(|code| code.code),
        place,
    })
}

fn is_summary(message: &str) -> bool {
    message.starts_with("aborting due to")
        || message.starts_with("For more information about")
        || message.starts_with("Some errors have detailed explanations")
        || (message.ends_with("emitted") && message.contains("warning"))
}

/// The one line that stands for a failed build.
pub(super) fn summary(errors: &[&Diagnostic], stderr: &str) -> String {
    match errors {
        [] => stderr
            .lines()
            .map(|line| line.strip_prefix("error: ").unwrap_or(line).trim())
            .find(|line| !line.is_empty() && !is_progress(line))
            .unwrap_or("cargo failed without a word")
            .to_owned(),
        [only] => only.message.clone(),
        [first, rest @ ..] => format!("{} (and {} more)", first.message, rest.len()),
    }
}

/// Whether a line of cargo's stderr tells of progress: its words are right-aligned to column 12.
pub(super) fn is_progress(line: &str) -> bool {
    let word = line.trim_start().split(' ').next().unwrap_or_default();
    [
        "Compiling",
        "Building",
        "Blocking",
        "Updating",
        "Downloading",
        "Downloaded",
        "Locking",
        "Adding",
        "Fresh",
        "Dirty",
        "Finished",
    ]
    .contains(&word)
}

/// Takes in cargo's stdout to its end. `package` is the guest's package id.
pub(super) fn hear(stdout: impl Read, package: &str) -> Heard {
    let mut heard = Heard::default();
    for line in progress::pieces(stdout) {
        // A line that is no message was printed by something that cargo ran.
        if let Ok(message) = serde_json::from_str::<Message>(&line) {
            heard.take(message, package);
        }
    }
    heard
}

/// Takes in whatever cargo may write, and gives how many messages that were: for whoever tries this
/// with nonsense.
pub(crate) fn understand(stdout: &[u8], stderr: &[u8]) -> usize {
    let heard = hear(stdout, "path+file:///guest#0.1.0");
    let mut understood = heard.told.len() + usize::from(heard.artifact.is_some());
    let (mut tail, mut told, mut wait) = (Tail::default(), progress::Told::default(), LockWait::default());
    for line in progress::pieces(stderr) {
        wait.line(&line, Instant::now());
        let bar = progress::bar(&line).and_then(|bar| told.news(bar));
        understood += usize::from(bar.is_some());
        if bar.is_none() && !progress::is_drawn(&line) && !is_progress(&line) {
            tail.push(&line);
        }
    }
    // The line that stands for it is made of whatever was heard.
    let line = summary(&heard.errors().collect::<Vec<_>>(), &tail.text());
    if line.is_empty() { 0 } else { understood }
}

/// Time that cargo says it waits for a lock: from its word on, until anything else happens.
#[derive(Debug, Default)]
pub(super) struct LockWait {
    since: Option<Instant>,
    total: Duration,
}

impl LockWait {
    /// A line of stderr came.
    pub(super) fn line(&mut self, line: &str, now: Instant) {
        self.anything(now);
        if line.trim_start().starts_with("Blocking waiting for file lock") {
            self.since = Some(now);
        }
    }

    /// Anything else came.
    pub(super) fn anything(&mut self, now: Instant) {
        if let Some(since) = self.since.take() {
            self.total += now.duration_since(since);
        }
    }

    /// The sum.
    pub(super) fn total(&self) -> Duration {
        self.total
    }
}

/// The last lines of cargo's stderr, without colours.
#[derive(Debug, Default)]
pub(super) struct Tail {
    lines: std::collections::VecDeque<String>,
}

impl Tail {
    /// How many lines are kept.
    const LINES: usize = 400;

    pub(super) fn push(&mut self, line: &str) {
        if self.lines.len() == Self::LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(strip_ansi(line));
    }

    pub(super) fn text(&self) -> String {
        self.lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(message: &str) -> Diagnostic {
        Diagnostic {
            level: Level::Error,
            message: message.to_owned(),
            code: None,
            place: None,
            rendered: message.to_owned(),
        }
    }

    #[test]
    fn a_failed_build_has_one_line() {
        let (a, b) = (error("expected `;`"), error("mismatched types"));
        for (errors, stderr, line) in [
            (&[&a][..], "", "expected `;`"),
            (&[&a, &b], "", "expected `;` (and 1 more)"),
            (
                &[],
                "   Compiling x v0.1.0\nerror: failed to parse manifest at `Cargo.toml`\n\nCaused by:\n  x",
                "failed to parse manifest at `Cargo.toml`",
            ),
            (&[], "", "cargo failed without a word"),
        ] {
            assert_eq!(summary(errors, stderr), line);
        }
    }

    #[test]
    fn the_wait_for_a_lock_is_counted_until_the_next_word() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut wait = LockWait::default();
        wait.line("   Compiling a v1.0.0", at(0));
        wait.line("    Blocking waiting for file lock on build directory", at(10));
        wait.line("   Compiling b v1.0.0", at(60));
        wait.line("    Blocking waiting for file lock on package cache", at(100));
        wait.anything(at(105));
        wait.anything(at(500));
        assert_eq!(wait.total(), Duration::from_millis(55));
    }
}
