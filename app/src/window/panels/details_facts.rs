//! The facts about a version or a failed generation, in groups. Pure.

use exuvia_runtime::history::record::{Cause, Durations, FailedRecord, Failure, Standing, VersionRow};
use exuvia_runtime::ids::{Generation, Timestamp};
use exuvia_runtime::load::ExportRecord;
use exuvia_runtime::session::status::Tone;
use exuvia_runtime::swap::verdict::{Carried, Verdict, VerdictKind};

use crate::model::exports::{ExportChange, canonical, changes};
use crate::model::timeline::{Phase, Stage};
use crate::model::{Model, words};
use crate::text::Language;

/// Something that is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Fact {
    /// What it is about.
    pub(crate) name: String,
    /// What is known.
    pub(crate) value: String,
    /// The colour's meaning.
    pub(crate) tone: Option<Tone>,
    /// What is copied, where copying is worth a button.
    pub(crate) copy: Option<String>,
    /// Whether it is source text, a path, or the like.
    pub(crate) code: bool,
    /// What its name, or its value, means.
    pub(crate) hint: Option<&'static str>,
}

impl Fact {
    fn new(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: value.into(), ..Self::default() }
    }

    fn code(name: &str, value: impl Into<String>) -> Self {
        Self { code: true, ..Self::new(name, value) }
    }

    fn toned(self, tone: Tone) -> Self {
        Self { tone: Some(tone), ..self }
    }

    fn hinted(self, hint: &'static str) -> Self {
        Self { hint: Some(hint).filter(|hint| !hint.is_empty()), ..self }
    }

    fn copied(self, text: impl Into<String>) -> Self {
        Self { copy: Some(text.into()), ..self }
    }
}

/// Facts that belong together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    /// What they are about.
    pub(crate) title: String,
    /// The facts.
    pub(crate) facts: Vec<Fact>,
}

fn group(title: impl Into<String>, facts: Vec<Fact>) -> Group {
    Group { title: title.into(), facts }
}

/// What is known of a version.
pub(super) fn of_version(model: &Model, row: &VersionRow, l: Language, now: Timestamp) -> Vec<Group> {
    let record = &row.record;
    let mut groups = vec![
        group(l.details_outcome(), outcome(row, l, now)),
        group(l.details_artifact(), artifact(row, l)),
        group(l.details_stamp(), stamp(row, l)),
        group(l.details_stages(), stages(&record.durations, l)),
    ];
    let verdict = row.marks.last_verdict.as_ref().unwrap_or(&record.verdict);
    if let Some(carried) = &verdict.carried {
        groups.insert(1, group(l.details_fields(), fields(carried, l)));
    }
    let before = model.history.below(record.number).and_then(|number| model.history.version(number));
    if let Some(before) = before {
        let title = l.details_exports_since(before.record.number);
        groups.push(group(title, export_changes(&before.record.exports, &record.exports, l)));
    }
    let mut all: Vec<_> = record.exports.iter().map(exported).collect();
    if all.is_empty() {
        all.push(Fact::new("", l.details_no_exports()));
    }
    groups.push(group(l.details_exports(record.exports.len()), all));
    groups
}

fn outcome(row: &VersionRow, l: Language, now: Timestamp) -> Vec<Fact> {
    let first = &row.record.verdict;
    let verdict = row.marks.last_verdict.as_ref().unwrap_or(first);
    let said = |name, verdict: &Verdict| {
        Fact::new(name, l.verdict_said(verdict)).toned(tone(verdict)).hinted(l.verdict_means(verdict.kind))
    };
    let mut facts = vec![said(l.details_verdict(), verdict)];
    if verdict != first {
        facts.push(said(l.details_first_verdict(), first));
    }
    let (standing, tone) = match &row.marks.standing {
        Standing::Probation => (l.details_probation().to_owned(), Tone::Busy),
        Standing::Good => (l.details_good().to_owned(), Tone::Good),
        Standing::Refused => (l.details_refused().to_owned(), Tone::Bad),
        Standing::Faulted { fault } => (l.details_faulted(fault), Tone::Bad),
    };
    facts.push(Fact::new(l.details_standing(), standing).toned(tone));
    if row.marks.keep {
        facts.push(Fact::new("", l.details_kept()));
    }
    if !row.marks.note.is_empty() {
        facts.push(Fact::new(l.details_note(), row.marks.note.clone()));
    }
    if let Some(left) = &row.marks.left_state {
        let value = format!("{} · {}", words::bytes(left.bytes), l.age(left.at, now));
        facts.push(Fact::new(l.details_left_state(), value));
    }
    let record = &row.record;
    facts.extend(cause(&record.cause, l));
    facts.push(when(l.details_built(), record.built_at, now, l));
    facts.extend(l.build_path(&record.path).map(|path| Fact::new(l.built_by(), path)));
    facts.push(build(record.generation, l));
    if !record.warnings.is_empty() {
        facts.push(Fact::new(l.details_warnings(), record.warnings.len().to_string()).toned(Tone::Attention));
    }
    facts
}

/// What became of the state's fields: one fact for each kind, with a line for each path.
fn fields(carried: &Carried, l: Language) -> Vec<Fact> {
    let mut facts = vec![Fact::new(
        l.details_fields_kept(),
        if carried.kept == 1 { l.details_fields_value().to_owned() } else { l.details_fields_values(carried.kept) },
    )];
    for (kind, paths) in carried.lines() {
        let name = match kind {
            "renamed" => l.details_fields_renamed(),
            "migrated" => l.details_fields_migrated(),
            "defaulted" => l.details_fields_defaulted(),
            "dropped" => l.details_fields_dropped(),
            "reset" => l.details_fields_reset(),
            _ => l.details_fields_changed(),
        };
        facts.push(Fact::code(name, paths.join("\n")));
    }
    if carried.more > 0 {
        facts.push(Fact::new(l.details_fields_more(), carried.more.to_string()));
    }
    facts
}

fn build(generation: Generation, l: Language) -> Fact {
    Fact::new(l.build_number_name(), generation.0.to_string()).hinted(l.build_number_hint())
}

fn tone(verdict: &Verdict) -> Tone {
    match verdict.kind {
        VerdictKind::Hot => Tone::Good,
        VerdictKind::Reset | VerdictKind::Restarted => Tone::Attention,
        VerdictKind::Refused => Tone::Bad,
        // `Migrated`, and those to come.
        _ => Tone::Busy,
    }
}

fn cause(cause: &Cause, l: Language) -> Vec<Fact> {
    match cause {
        Cause::Saved { paths } => {
            let names = std::iter::once(l.details_files()).chain(std::iter::repeat(""));
            names.zip(paths).map(|(name, path)| Fact::code(name, path.display().to_string())).collect()
        }
        Cause::Start | Cause::Asked => vec![Fact::new(l.details_cause(), l.cause(cause))],
    }
}

fn when(name: &str, at: Timestamp, now: Timestamp, l: Language) -> Fact {
    Fact::new(name, format!("{} · {}", words::utc(at), l.age(at, now)))
}

fn artifact(row: &VersionRow, l: Language) -> Vec<Fact> {
    let record = &row.record;
    let file = record.artifact.file.display().to_string();
    let selection = record.selection.to_string();
    let selection = if selection.is_empty() { l.details_by_default().to_owned() } else { selection };
    vec![
        Fact::code(l.details_file(), file.clone()).copied(file),
        Fact::new(l.details_size(), words::bytes(record.artifact.bytes)),
        Fact::code(l.details_hash(), format!("{}…", record.artifact.hash.short())).copied(&record.artifact.hash.0),
        Fact::new(l.details_selection(), selection),
        Fact::new(l.details_sources(), l.files(record.sources.0.len())),
    ]
}

fn stamp(row: &VersionRow, l: Language) -> Vec<Fact> {
    let stamp = &row.record.stamp;
    let state = row.record.state_type.as_ref();
    vec![
        Fact::code(l.details_rustc(), stamp.rustc.clone()).copied(&stamp.rustc),
        Fact::code(l.details_target(), stamp.target.clone()),
        Fact::code(l.details_opt(), stamp.opt_level.clone()),
        Fact::code(l.details_panic(), stamp.panic.clone()),
        Fact::new(l.details_contract(), l.details_contract_of(stamp.contract_version, &stamp.sdk)),
        match state {
            Some(state) => Fact::code(l.details_state_type(), state.clone()).copied(state),
            None => Fact::new(l.details_state_type(), l.details_no_state()),
        },
    ]
}

fn stages(durations: &Durations, l: Language) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (stage, micros) in Stage::ALL.into_iter().filter_map(|stage| Some((stage, stage.of(durations)?))) {
        facts.push(Fact::new(l.stage(stage), words::duration(micros)).hinted(l.stage_hint(stage)));
        if stage == Stage::Build {
            let phases = Phase::slow(durations).into_iter();
            facts.extend(phases.map(|(phase, micros)| {
                Fact::new(&format!("· {}", l.phase(phase)), words::duration(micros)).hinted(l.phase_hint(phase))
            }));
        }
    }
    facts.push(Fact::new(l.details_total(), words::duration(durations.total())));
    facts
}

fn export_changes(old: &[ExportRecord], new: &[ExportRecord], l: Language) -> Vec<Fact> {
    let mut facts = Vec::new();
    for change in changes(old, new) {
        match change {
            ExportChange::Added(export) => {
                facts.push(Fact::code(l.details_export_added(), canonical(export)).toned(Tone::Good));
            }
            ExportChange::Removed(export) => {
                facts.push(Fact::code(l.details_export_removed(), canonical(export)).toned(Tone::Bad));
            }
            ExportChange::Changed { old, new } => {
                facts.push(Fact::code(l.details_export_changed(), sides(new, old)).toned(Tone::Attention));
                facts.push(Fact::code(l.details_export_was(), sides(old, new)));
            }
        }
    }
    if facts.is_empty() {
        facts.push(Fact::new("", l.details_exports_same()));
    }
    facts
}

/// The canonical signature, and the written one where only that tells the two apart.
fn sides(this: &ExportRecord, other: &ExportRecord) -> String {
    if canonical(this) == canonical(other) { this.signature.clone() } else { canonical(this) }
}

fn exported(export: &ExportRecord) -> Fact {
    Fact::code(&export.name, export.signature.clone()).copied(&export.signature)
}

/// What is known of a build that failed.
pub(super) fn of_failure(record: &FailedRecord, l: Language, now: Timestamp) -> Vec<Group> {
    let (what, problems) = match &record.failure {
        Failure::Build { diagnostics, .. } => (l.details_build_failed(), diagnostics.len()),
        Failure::Load { .. } => (l.details_load_failed(), 0),
    };
    let message = record.failure.message();
    let mut facts = vec![Fact::new(l.details_message(), message).toned(Tone::Bad).copied(message)];
    if problems > 0 {
        facts.push(Fact::new(l.details_problems(), problems.to_string()).toned(Tone::Attention));
    }
    facts.extend(cause(&record.cause, l));
    facts.push(when(l.details_failed_at(), record.at, now, l));
    facts.push(build(record.generation, l));
    vec![group(what, facts), group(l.details_stages(), stages(&record.durations, l))]
}

/// All facts as text, for a report.
pub(super) fn as_text(title: &str, groups: &[Group]) -> String {
    let mut text = format!("{title}\n");
    for Group { title, facts } in groups {
        text.push_str(&format!("\n{title}\n"));
        for fact in facts {
            // What the panel shortens is whole here.
            let value = fact.copy.as_ref().unwrap_or(&fact.value);
            text.push_str(&if fact.name.is_empty() {
                format!("  {value}\n")
            } else {
                format!("  {}: {value}\n", fact.name)
            });
        }
    }
    text
}
