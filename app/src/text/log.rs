//! The log: a row for each thing that can happen. What compilers, guests and the engine's errors
//! say stays as it was said.

use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::swap::verdict::Verdict;

use super::Language;
use crate::model::{LogEntry, LogLine, words};

super::texts! {
    log_none = "Nothing happened yet", "尚未发生任何事";
    log_none_how = "Builds, activations, faults and notices of this session appear here.", "本次会话中的构建、激活、出错和通知会显示在这里。";
    log_filter = "Filter the log", "筛选日志";
    log_list = "Entries of the log", "日志的各条目";
    log_entries(n: usize) = "{n} entries", "{n} 条";
    copy_log = "Copy the log", "复制日志";
    copy_log_hint = "Put the entries that are shown on the clipboard", "将显示的条目放入剪贴板";
    log_time_hint(age: &str, utc: &str) = "{age}, {utc} UTC", "{age}，UTC 时间 {utc}";

    log_times(line: &str, times: u32) = "{line} ({times} times)", "{line}（{times} 次）";
    log_verdict(kind: &str, reason: &str) = "{kind}: {reason}", "{kind}：{reason}";
    log_opened(guest: &str, versions: &str) = "opened {guest}: {versions} in its history", "已打开 {guest}：历史中有 {versions}";
    log_polling(files: &str, reason: &str) = "looking at {files} again and again: {reason}", "正在反复检查 {files}：{reason}";
    log_blind(reason: &str) = "changes are not noticed: {reason}", "无法察觉更改：{reason}";
    log_build_started(generation: u64, cause: &str) = "build {generation} has begun ({cause})", "构建 {generation} 已开始（{cause}）";
    log_superseded(generation: u64, by: u64) = "build {generation} was stopped for build {by}: a file was saved meanwhile", "构建 {generation} 已停止，由构建 {by} 取代：期间又有文件保存";
    log_cancelled(generation: u64) = "build {generation} was cancelled", "构建 {generation} 已取消";
    log_nothing_changed(generation: u64) = "build {generation} gave the same program as before, byte for byte, so nothing had to be reloaded", "构建 {generation} 的结果与之前逐字节相同，无需重新加载";
    log_failed(generation: u64, message: &str) = "build {generation} failed: {message}", "构建 {generation} 失败：{message}";
    log_recorded(version: VersionNumber, verdict: &str) = "{version} was recorded; {verdict}", "{version} 已记入历史；{verdict}";
    log_runs_again(version: VersionNumber, took: &str, verdict: &str) = "{version} runs again ({took}); {verdict}", "{version} 重新运行（{took}）；{verdict}";
    log_active_for(version: VersionNumber, from: VersionNumber, took: &str, verdict: &str) = "{version} is active in place of {from} ({took}); {verdict}", "{version} 已激活，代替 {from}（{took}）；{verdict}";
    log_active(version: VersionNumber, took: &str, verdict: &str) = "{version} is active ({took}); {verdict}", "{version} 已激活（{took}）；{verdict}";
    log_not_activated(version: VersionNumber, message: &str) = "{version} was not activated: {message}", "{version} 未能激活：{message}";
    log_fault(version: VersionNumber, fault: &str) = "{version} faulted: {fault}", "{version} 出错：{fault}";
    log_kept_mapped(version: VersionNumber, bytes: &str, why: &str) = "{version} is kept mapped ({bytes}): {why}", "{version} 仍留在内存中（{bytes}）：{why}";
    log_runner_replaced(version: VersionNumber, why: &str) = "a fresh runner took over with {version} and its state: {why}", "新的运行进程已带着 {version} 及其状态接手：{why}";
    log_base_library(crates: usize, size: &str, took: &str) = "{crates} crates were linked into a base library of {size}, in {took}: the next replays are linked against it", "已用 {took} 将 {crates} 个 crate 链接成 {size} 的基础库：之后的重放将链接到它";
    log_copied = "copied to the clipboard", "已复制到剪贴板";
    log_pruned(versions: &str) = "removed from the history: {versions}", "已从历史中移除：{versions}";
    log_auto_reload_on = "auto-reload is on", "自动重载已开启";
    log_auto_reload_off = "auto-reload is off: changes are built when asked", "自动重载已关闭：仅在手动要求时构建";
    log_killed(how: &str) = "the guest's process was killed: {how}", "客体的进程被终止：{how}";
    killed_snapshot(ending: &str, version: VersionNumber) = "{ending}; {version} goes on from its last snapshot", "{ending}；{version} 从最近的快照继续运行";
    killed_again(ending: &str, version: VersionNumber) = "{ending}; {version} is started again", "{ending}；{version} 已重新启动";
    log_ended = "the session has ended", "会话已结束";
    log_editor_opened(place: &str, editor: &str) = "{place} was opened in {editor}", "已用 {editor} 打开 {place}";
}

impl Language {
    /// By what a runner was killed, and how its version goes on.
    pub(crate) fn killed_goes_on(self, ending: &str, version: VersionNumber, snapshot: bool) -> String {
        if snapshot { self.killed_snapshot(ending, version) } else { self.killed_again(ending, version) }
    }

    /// What happened, and how often.
    pub(crate) fn log_entry(self, entry: &LogEntry) -> String {
        let line = self.log_line(&entry.line);
        if entry.times > 1 { self.log_times(&line, entry.times) } else { line }
    }

    /// What a change did, and why.
    pub(crate) fn verdict_said(self, verdict: &Verdict) -> String {
        self.log_verdict(self.verdict(verdict.kind), &self.reason(verdict))
    }

    /// What happened, in words.
    pub(crate) fn log_line(self, line: &LogLine) -> String {
        match line {
            LogLine::Opened { guest, versions } => self.log_opened(guest, &self.versions(*versions)),
            LogLine::OpenFailed { message } | LogLine::Refused { message } | LogLine::Notice { message } => {
                message.clone()
            }
            LogLine::EditorFailed { error } => self.editor_error(error),
            LogLine::Polling { files, reason } => self.log_polling(&self.files(*files), reason),
            LogLine::Blind { reason } => self.log_blind(reason),
            LogLine::BuildStarted { generation, cause } => self.log_build_started(generation.0, &self.cause(cause)),
            LogLine::Superseded { generation, by } => self.log_superseded(generation.0, by.0),
            LogLine::Cancelled { generation } => self.log_cancelled(generation.0),
            LogLine::NothingChanged { generation } => self.log_nothing_changed(generation.0),
            LogLine::Failed { generation, message } => self.log_failed(generation.0, message),
            LogLine::Recorded { version, verdict } => self.log_recorded(*version, &self.verdict_said(verdict)),
            LogLine::Activated { version, from, micros, verdict } => {
                let (took, verdict) = (words::duration(*micros), self.verdict_said(verdict));
                match from {
                    Some(from) if from == version => self.log_runs_again(*version, &took, &verdict),
                    Some(from) => self.log_active_for(*version, *from, &took, &verdict),
                    None => self.log_active(*version, &took, &verdict),
                }
            }
            LogLine::NotActivated { version, message } => self.log_not_activated(*version, message),
            LogLine::Fault { version, fault } => self.log_fault(*version, fault),
            LogLine::Killed { version, ending, snapshot } => {
                self.log_killed(&self.killed_goes_on(ending, *version, *snapshot))
            }
            LogLine::KeptMapped { version, why, bytes } => self.log_kept_mapped(*version, &words::bytes(*bytes), why),
            LogLine::RunnerReplaced { version, reason } => self.log_runner_replaced(*version, reason),
            LogLine::BaseLibrary { crates, bytes, micros } => {
                self.log_base_library(*crates, &words::bytes(*bytes), &words::duration(*micros))
            }
            LogLine::Advice { advice } => self.advice(*advice),
            LogLine::Pruned { versions } => {
                let names: Vec<_> = versions.iter().map(ToString::to_string).collect();
                self.log_pruned(&names.join(", "))
            }
            LogLine::AutoReload { on: true } => self.log_auto_reload_on().to_owned(),
            LogLine::AutoReload { on: false } => self.log_auto_reload_off().to_owned(),
            LogLine::Copied => self.log_copied().to_owned(),
            LogLine::PictureSaved { path } => self.screenshot_saved(path),
            LogLine::Ended => self.log_ended().to_owned(),
            LogLine::EditorOpened { place, editor } => self.log_editor_opened(place, editor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::advice::{Advice, Remedy};
    use exuvia_runtime::history::record::Cause;
    use exuvia_runtime::ids::Generation;
    use exuvia_runtime::swap::verdict::VerdictKind;

    #[test]
    fn what_happened_is_said_in_both_languages() {
        let (v1, v2, verdict) = (VersionNumber(1), VersionNumber(2), Verdict::new(VerdictKind::Hot, "no state"));
        let active = |from| LogLine::Activated { version: v2, from, micros: 1_500, verdict: verdict.clone() };
        for (line, english, chinese) in [
            (
                LogLine::Opened { guest: "greetings".to_owned(), versions: 1 },
                "opened greetings: 1 version in its history",
                "已打开 greetings：历史中有 1 个版本",
            ),
            (active(None), "v2 is active (1.5 ms); Hot: no state", "v2 已激活（1.5 ms）；热替换：no state"),
            (active(Some(v2)), "v2 runs again (1.5 ms); Hot: no state", "v2 重新运行（1.5 ms）；热替换：no state"),
            (
                active(Some(v1)),
                "v2 is active in place of v1 (1.5 ms); Hot: no state",
                "v2 已激活，代替 v1（1.5 ms）；热替换：no state",
            ),
            (
                LogLine::BuildStarted { generation: Generation(7), cause: Cause::Asked },
                "build 7 has begun (asked)",
                "构建 7 已开始（手动）",
            ),
            (
                LogLine::BaseLibrary { crates: 71, bytes: 118 << 20, micros: 1_035_000 },
                "71 crates were linked into a base library of 118.0 MiB, in 1.03 s: the next replays are linked against it",
                "已用 1.03 s 将 71 个 crate 链接成 118.0 MiB 的基础库：之后的重放将链接到它",
            ),
            (
                LogLine::Advice { advice: Advice { remedy: Remedy::LessCode, percent: 60, median: 1_500_000 } },
                "Replays take 1.50 s, 60 % of it in making machine code. A lower opt-level, debug = \"line-tables-only\" in the profile, or fewer generics in what you edit make less of it; docs/fast-guests.md says more",
                "重放耗时 1.50 s，其中 60% 花在生成机器码。降低 opt-level、在 profile 中设置 debug = \"line-tables-only\"，或减少所编辑代码中的泛型，可减少生成量；详见 docs/fast-guests.md",
            ),
            (LogLine::Pruned { versions: vec![v1, v2] }, "removed from the history: v1, v2", "已从历史中移除：v1, v2"),
            (
                LogLine::RunnerReplaced { version: v2, reason: "much was left".to_owned() },
                "a fresh runner took over with v2 and its state: much was left",
                "新的运行进程已带着 v2 及其状态接手：much was left",
            ),
            (
                LogLine::Killed { version: v2, ending: "SIGKILL (killed)".to_owned(), snapshot: true },
                "the guest's process was killed: SIGKILL (killed); v2 goes on from its last snapshot",
                "客体的进程被终止：SIGKILL (killed)；v2 从最近的快照继续运行",
            ),
            (LogLine::Notice { message: "as it was said".to_owned() }, "as it was said", "as it was said"),
        ] {
            assert_eq!(Language::English.log_line(&line), english);
            assert_eq!(Language::Chinese.log_line(&line), chinese);
        }
    }
}
