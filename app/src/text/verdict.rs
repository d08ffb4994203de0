//! Why a change did what it did. The engine gives facts; what a guest or the system has said stays as it was said.

use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::swap::verdict::{Carried, Clause, Verdict};

use super::Language;

super::texts! {
    reason_no_state = "no state to carry", "没有需要延续的状态";
    reason_fresh_state = "fresh state", "状态全新开始";
    reason_state_dropped = "the new version has no state; the old one's was dropped", "新版本没有状态；旧版本的状态已丢弃";
    reason_unfit(why: &str) = "the old state does not fit the new type: {why}", "旧状态不适合新类型：{why}";
    reason_state_versions(from: u32, to: u32) = "migrated from state version {from} to {to}", "已从状态版本 {from} 迁移到 {to}";
    reason_carried_over(fields: &str) = "state carried over: {fields}", "状态已延续：{fields}";
    reason_own_state(age: &str) = "the state that it had when it was left, {age}", "采用它离开时的状态（{age}）";
    reason_last_session(age: &str) = "state of the last session, {age}", "上次会话的状态（{age}）";
    reason_earlier_snapshot(why: &str) = "the old version's state could not be taken ({why}), an earlier snapshot was used", "无法取得旧版本的状态（{why}），已改用较早的快照";
    reason_no_snapshot(why: &str) = "the old version's state could not be taken ({why}), there was no earlier snapshot", "无法取得旧版本的状态（{why}），也没有较早的快照";
    reason_export_new(signature: &str) = "new: `{signature}`", "新增：`{signature}`";
    reason_export_gone(signature: &str) = "gone: `{signature}`", "已移除：`{signature}`";
    reason_export_changed(before: &str, after: &str) = "`{before}` is now `{after}`", "`{before}` 现为 `{after}`";
    reason_export_layout(signature: &str) = "a type of `{signature}` has another size or layout", "`{signature}` 中有类型的大小或布局不同";
    reason_runner_killed(ending: &str) = "the runner was killed from outside: {ending}", "运行进程被外部终止：{ending}";
    reason_from_snapshot = "goes on from the last snapshot", "从最近的快照继续";
    reason_started_again = "started again", "已重新启动";
    reason_asked_for = "asked for", "按要求";
    reason_faulted(fault: &str) = "it faulted in its probation: {fault}", "试用期间出错：{fault}";
    reason_migration_refused(from: u32, why: &str) = "its migration from state version {from} says no: {why}", "从状态版本 {from} 的迁移拒绝：{why}";
    reason_pin_unfit(call: &str, why: &str) = "the pinned call {call} does not fit: {why}", "固定的调用 {call} 不再适用：{why}";
    reason_pin_unfit_before(call: &str, why: &str, before: &str) = "the pinned call {call} does not fit: {why} (in {before})", "固定的调用 {call} 不再适用：{why}（之前为 {before}）";
    reason_unpin_or(version: &str) = "unpin it, or activate {version} all the same", "可取消固定，或仍然激活 {version}";

    age_seconds(n: u64) = "{n} s ago", "{n} 秒前";
    age_one_day = "1 day ago", "1 天前";
    age_several_days(n: u64) = "{n} days ago", "{n} 天前";

    fields_one_kept = "1 value kept", "保留 1 个值";
    fields_kept(n: usize) = "{n} values kept", "保留 {n} 个值";
    fields_renamed(paths: &str) = "renamed: {paths}", "改名：{paths}";
    fields_migrated(paths: &str) = "migrated: {paths}", "已迁移：{paths}";
    fields_defaulted(paths: &str) = "defaulted: {paths}", "取默认值：{paths}";
    fields_dropped(paths: &str) = "dropped: {paths}", "已丢弃：{paths}";
    fields_reset(paths: &str) = "reset: {paths}", "已重置：{paths}";
    fields_changed(paths: &str) = "changed: {paths}", "已改变：{paths}";
    fields_named(paths: &str, n: usize) = "{paths} and {n} more", "{paths} 及另外 {n} 项";
    fields_more(n: usize) = "and {n} more", "另有 {n} 项";
    clauses(first: &str, second: &str) = "{first}; {second}", "{first}；{second}";
}

/// What is said of some paths.
type Words = fn(Language, &str) -> String;

/// How many paths of a kind are named in a sentence; the rest is counted.
const NAMED: usize = 8;

impl Language {
    /// Why a change did what it did.
    pub(crate) fn reason(self, verdict: &Verdict) -> String {
        let carried = verdict.carried.as_deref();
        let clauses: Option<Vec<_>> = verdict.clauses.iter().map(|clause| self.clause(clause, carried)).collect();
        // What another workbench has written down, and this one does not know, is there in words.
        let clauses = clauses.filter(|clauses| !clauses.is_empty());
        clauses.map_or_else(|| verdict.reason.clone(), |clauses| self.joined(clauses))
    }

    fn joined(self, clauses: Vec<String>) -> String {
        clauses.into_iter().reduce(|first, second| self.clauses(&first, &second)).unwrap_or_default()
    }

    /// A clause; `None`: it is not known here.
    fn clause(self, clause: &Clause, carried: Option<&Carried>) -> Option<String> {
        let fields = |kept| match carried {
            Some(carried) => self.fields(carried),
            None => self.fields(&Carried { kept, ..Carried::default() }),
        };
        Some(match clause {
            Clause::NoState => self.reason_no_state().to_owned(),
            Clause::FreshState => self.reason_fresh_state().to_owned(),
            Clause::StateDropped => self.reason_state_dropped().to_owned(),
            Clause::Unfit { why: Some(why), .. } => self.reason_unfit(why),
            Clause::Unfit { why: None, kept } => self.reason_unfit(&fields(*kept)),
            Clause::StateVersions { from, to } => self.reason_state_versions(*from, *to),
            Clause::CarriedOver { kept } => self.reason_carried_over(&fields(*kept)),
            Clause::OwnState { seconds } => self.reason_own_state(&self.seconds_ago(*seconds)),
            Clause::LastSession { seconds } => self.reason_last_session(&self.seconds_ago(*seconds)),
            Clause::StateNotTaken { why, earlier: true } => self.reason_earlier_snapshot(why),
            Clause::StateNotTaken { why, earlier: false } => self.reason_no_snapshot(why),
            Clause::ExportNew { signature } => self.reason_export_new(signature),
            Clause::ExportGone { signature } => self.reason_export_gone(signature),
            Clause::ExportChanged { before, after } => self.reason_export_changed(before, after),
            Clause::ExportLayout { signature } => self.reason_export_layout(signature),
            Clause::RunnerKilled { ending } => self.reason_runner_killed(ending),
            Clause::FromSnapshot => self.reason_from_snapshot().to_owned(),
            Clause::StartedAgain => self.reason_started_again().to_owned(),
            Clause::AskedFor => self.reason_asked_for().to_owned(),
            Clause::Faulted { fault } => self.reason_faulted(fault),
            Clause::MigrationRefused { from, why } => self.reason_migration_refused(*from, why),
            Clause::PinUnfit { call, why, before: None } => self.reason_pin_unfit(call, why),
            Clause::PinUnfit { call, why, before: Some(before) } => self.reason_pin_unfit_before(call, why, before),
            Clause::UnpinOr { version } => self.reason_unpin_or(version),
            Clause::Said { text } => text.clone(),
            // Those to come say it in the reason.
            _ => return None,
        })
    }

    /// What became of the state's fields.
    fn fields(self, carried: &Carried) -> String {
        let kept = if carried.kept == 1 { self.fields_one_kept().to_owned() } else { self.fields_kept(carried.kept) };
        let renamed = carried.renamed.iter().map(|(old, new)| format!("{old} → {new}")).collect();
        let reset = carried.reset.iter().map(|field| format!("{} ({})", field.path, field.why)).collect();
        let kinds = [
            (Self::fields_renamed as Words, renamed),
            (Self::fields_migrated, carried.migrated.clone()),
            (Self::fields_defaulted, carried.defaulted.clone()),
            (Self::fields_dropped, carried.dropped.clone()),
            (Self::fields_reset, reset),
            (Self::fields_changed, carried.changed.clone()),
        ];
        let mut clauses = vec![kept];
        for (words, paths) in kinds.into_iter().filter(|(_, paths)| !paths.is_empty()) {
            let named = paths.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = paths.len().saturating_sub(NAMED);
            clauses.push(words(self, &if more > 0 { self.fields_named(&named, more) } else { named }));
        }
        clauses.extend((carried.more > 0).then(|| self.fields_more(carried.more)));
        self.joined(clauses)
    }

    /// How long ago something was when the verdict was given.
    fn seconds_ago(self, seconds: u64) -> String {
        match (seconds, seconds / 86_400) {
            (0, _) => self.age_now().to_owned(),
            (1..60, _) => self.age_seconds(seconds),
            (_, 0) => self.age(Timestamp(0), Timestamp(seconds * 1000)),
            (_, 1) => self.age_one_day().to_owned(),
            (_, days) => self.age_several_days(days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exuvia_runtime::swap::verdict::{ResetField, VerdictKind};

    fn carried(kept: usize) -> Carried {
        let paths = |n: usize| (0..n).map(|n| format!("p{n}")).collect();
        Carried {
            kept,
            renamed: vec![("a".to_owned(), "b".to_owned())],
            migrated: paths(1),
            defaulted: paths(9),
            dropped: paths(2),
            reset: vec![ResetField { path: "hp".to_owned(), why: "was number, now string".to_owned() }],
            changed: paths(1),
            more: 3,
        }
    }

    /// Each clause, with its Chinese words.
    fn clauses() -> Vec<(Clause, &'static str)> {
        let some = |text: &str| text.to_owned();
        let not_taken = |earlier| Clause::StateNotTaken { why: some("no"), earlier };
        let unfit = |before| Clause::PinUnfit { call: some("a()"), why: some("no"), before };
        vec![
            (Clause::NoState, "没有需要延续的状态"),
            (Clause::FreshState, "状态全新开始"),
            (Clause::StateDropped, "新版本没有状态；旧版本的状态已丢弃"),
            (Clause::Unfit { why: Some(some("no")), kept: 0 }, "旧状态不适合新类型：no"),
            (Clause::Unfit { why: None, kept: 0 }, "旧状态不适合新类型：保留 0 个值"),
            (Clause::StateVersions { from: 1, to: 2 }, "已从状态版本 1 迁移到 2"),
            (Clause::CarriedOver { kept: 1 }, "状态已延续：保留 1 个值"),
            (Clause::OwnState { seconds: 7 }, "采用它离开时的状态（7 秒前）"),
            (Clause::LastSession { seconds: 0 }, "上次会话的状态（刚刚）"),
            (Clause::LastSession { seconds: 3_599 }, "上次会话的状态（59 分钟前）"),
            (Clause::LastSession { seconds: 7_200 }, "上次会话的状态（2 小时前）"),
            (Clause::LastSession { seconds: 86_400 }, "上次会话的状态（1 天前）"),
            (Clause::LastSession { seconds: 200_000 }, "上次会话的状态（2 天前）"),
            (not_taken(true), "无法取得旧版本的状态（no），已改用较早的快照"),
            (not_taken(false), "无法取得旧版本的状态（no），也没有较早的快照"),
            (Clause::ExportNew { signature: some("fn a()") }, "新增：`fn a()`"),
            (Clause::ExportGone { signature: some("fn a()") }, "已移除：`fn a()`"),
            (
                Clause::ExportChanged { before: some("fn a()"), after: some("fn a(b: u8)") },
                "`fn a()` 现为 `fn a(b: u8)`",
            ),
            (Clause::ExportLayout { signature: some("fn a()") }, "`fn a()` 中有类型的大小或布局不同"),
            (Clause::RunnerKilled { ending: some("SIGKILL (killed)") }, "运行进程被外部终止：SIGKILL (killed)"),
            (Clause::FromSnapshot, "从最近的快照继续"),
            (Clause::StartedAgain, "已重新启动"),
            (Clause::AskedFor, "按要求"),
            (Clause::Faulted { fault: some("SIGSEGV") }, "试用期间出错：SIGSEGV"),
            (Clause::MigrationRefused { from: 1, why: some("no") }, "从状态版本 1 的迁移拒绝：no"),
            (unfit(None), "固定的调用 a() 不再适用：no"),
            (unfit(Some(some("v1: fn a()"))), "固定的调用 a() 不再适用：no（之前为 v1: fn a()）"),
            (Clause::UnpinOr { version: some("v2") }, "可取消固定，或仍然激活 v2"),
            (Clause::Said { text: some("as it was said") }, "as it was said"),
        ]
    }

    #[test]
    fn the_window_says_in_english_what_the_engine_says_and_the_same_in_chinese() {
        for (clause, chinese) in clauses() {
            let verdict = Verdict::of(VerdictKind::Hot, vec![clause]);
            assert_eq!(Language::English.reason(&verdict), verdict.reason);
            assert_eq!(Language::Chinese.reason(&verdict), chinese);
        }
        let all = Verdict::of(VerdictKind::Hot, clauses().into_iter().map(|(clause, _)| clause).collect());
        assert_eq!(Language::English.reason(&all), all.reason);
    }

    #[test]
    fn what_became_of_fields_is_said_in_both_languages() {
        for kept in [0, 1, 2] {
            for clause in [Clause::CarriedOver { kept }, Clause::Unfit { why: None, kept }] {
                let verdict = Verdict::of(VerdictKind::Migrated, vec![clause]).with_fields(carried(kept));
                assert_eq!(Language::English.reason(&verdict), verdict.reason);
            }
        }
        let verdict = Verdict::of(VerdictKind::Migrated, vec![Clause::CarriedOver { kept: 2 }]).with_fields(carried(2));
        assert_eq!(
            Language::Chinese.reason(&verdict),
            "状态已延续：保留 2 个值；改名：a → b；已迁移：p0；取默认值：p0, p1, p2, p3, p4, p5, p6, p7 及另外 1 项；\
             已丢弃：p0, p1；已重置：hp (was number, now string)；已改变：p0；另有 3 项"
        );
    }

    #[test]
    fn what_is_not_known_as_facts_stays_in_the_engines_words() {
        let mut verdict = Verdict::of(VerdictKind::Hot, vec![Clause::NoState, Clause::Unknown]);
        verdict.reason = "no state to carry; it moved house".to_owned();
        assert_eq!(Language::Chinese.reason(&verdict), verdict.reason);
        verdict.clauses.clear();
        assert_eq!(Language::Chinese.reason(&verdict), verdict.reason, "of an older workbench");
    }
}
