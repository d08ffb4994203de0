//! The list of versions, and the dialogs about one of them.

use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::swap::verdict::VerdictKind;

use super::Language;

super::texts! {
    versions_filter_hint = "Filter", "筛选";
    versions_filter_label = "Filter versions", "筛选版本";
    versions_filter_about = "By number, file, note, verdict or pinned result", "按编号、文件、备注、结论或固定调用的结果";
    versions_clear_filter = "Clear the filter", "清除筛选";
    versions_found(found: usize, all: usize) = "{found} of {all}", "{found} / 共 {all}";
    versions_no_match(filter: &str) = "Nothing matches “{filter}”", "没有匹配“{filter}”的内容";
    versions_no_match_how = "The filter looks at numbers, file names, notes, verdicts and pinned results. Esc clears it.", "筛选范围：编号、文件名、备注、结论和固定调用的结果。按 Esc 清除。";
    versions_none = "No version yet", "尚无版本";
    versions_none_building = "The first one appears when cargo is done.", "cargo 完成后，第一个版本会出现在这里。";
    versions_none_how = "Save a file of the guest, or build now. Each build that loads becomes a version; all stay one click away.", "保存客体的文件，或立即构建。每次能加载的构建都会成为一个版本，随时可以一键回到任何一个。";
    versions_no_guest = "No guest", "没有客体";
    versions_no_guest_how = "Start Exuvia with the path of a guest: exuvia PATH", "以客体的路径启动 Exuvia：exuvia PATH";
    versions_actions(version: VersionNumber) = "Actions for {version}", "{version} 的操作";

    mark_active = "active", "当前";
    mark_kept = "kept", "已保留";
    mark_kept_hint = "It is never removed from the history", "永不从历史中移除";
    mark_faulted = "faulted", "出错";
    mark_faulted_once(fault: &str, age: &str) = "{fault}\n{age}", "{fault}\n{age}";
    mark_faulted_times(fault: &str, age: &str, n: u32) = "{fault}\n{age}; its fault no. {n} in this session", "{fault}\n{age}；本次会话中的第 {n} 次故障";
    mark_probation = "on probation", "试用中";
    mark_probation_hint = "Its first calls are not through yet", "尚未通过最初的调用";
    mark_mapped = "kept mapped", "仍在内存";
    mark_mapped_hint(bytes: &str, why: &str) = "{bytes} of it are still in the runner's memory: {why}", "仍占用运行进程 {bytes} 内存：{why}";

    build_number(number: u64) = "build {number}", "构建 {number}";
    build_number_name = "Build", "构建";
    build_number_hint = "Builds count every attempt of a session; versions count only those that loaded", "构建序号计入会话中的每次尝试；版本号只计入成功加载的构建";
    verdict_hot_means = "The new code runs; the state went on as it was, or there is none", "新代码已运行；状态原样延续，或没有状态";
    verdict_migrated_means = "The new code runs; the state went on, and some of its fields changed", "新代码已运行；状态得以延续，但部分字段有变化";
    verdict_reset_means = "The new code runs; the state started afresh", "新代码已运行；状态重新开始";
    verdict_refused_means = "The new code does not run; the version before goes on", "新代码未运行；之前的版本继续运行";
    verdict_restarted_means = "The guest's process was replaced, and the version goes on in a new one", "客体的进程已被替换，该版本在新进程中继续运行";
    verdict_hint(word: &str, means: &str, reason: &str) = "{word}: {means}.\nHere: {reason}", "{word}：{means}。\n本次：{reason}";
    verdict_hot = "Hot", "热替换";
    verdict_migrated = "Migrated", "已迁移";
    verdict_reset = "Reset", "已重置";
    verdict_refused = "Refused", "被拒绝";
    verdict_restarted = "Restarted", "已重启";
    verdict_at_first(word: &str, reason: &str) = "when it was built: {word}: {reason}", "构建时：{word}：{reason}";

    cause_start_hint = "built when the session started", "会话启动时构建";
    cause_asked_hint = "built because it was asked for", "手动构建";
    cause_saved_hint(paths: &str) = "saved:\n{paths}", "保存了：\n{paths}";
    pinned_more(n: usize) = "+{n} more", "另 {n} 个";
    row_build_failed = "build failed", "构建失败";
    row_load_failed = "load failed", "加载失败";
    row_failed_build(number: u64, message: &str) = "build {number}: {message}", "构建 {number}：{message}";
    row_failed_click = "Click to see its problems", "点击查看问题";
    row_note(note: &str) = "note: {note}", "备注：{note}";

    note_of(version: VersionNumber) = "Note on {version}", "{version} 的备注";
    note_edit(version: VersionNumber) = "Note on {version}…", "{version} 的备注…";
    note_edit_hint = "Write a line about it; the list shows it and the filter finds it", "写一行备注；列表会显示，筛选也能找到";
    note_selected = "Note on the selected version", "备注选中的版本";
    note_example = "What this version is good for", "这个版本有何用处";
    note_save = "Save", "保存";
    note_save_hint = "Keep this note (Enter); an empty one takes it away", "保存备注（回车）；留空则删除";
    cancel = "Cancel", "取消";

    remove(version: VersionNumber) = "Remove {version}", "移除 {version}";
    remove_ask(version: VersionNumber) = "Remove {version}…", "移除 {version}…";
    remove_hint = "Delete its artifact, sources and note from the history", "从历史中删除其构建产物、源码和备注";
    remove_selected = "Remove the selected version", "移除选中的版本";
    remove_title(version: VersionNumber) = "Remove {version}?", "移除 {version}？";
    remove_question = "Its artifact, its recorded sources and its note are deleted from the history. This cannot be undone. Your own files are not touched.", "其构建产物、记录的源码和备注将从历史中删除，无法撤销。你自己的文件不受影响。";
    remove_no_title(version: VersionNumber) = "{version} stays", "{version} 不能移除";
    remove_active = "It is active. Activate another version first.", "它正在运行。请先激活其他版本。";
    remove_kept = "It is kept. Release it first (P).", "它已被保留。请先取消保留（P）。";
    remove_last_good = "It is the last good version: what Exuvia goes back to after a fault. It can go once a newer one is good.", "它是最近的良好版本，出错后会退回到它。有更新的良好版本之后才能移除。";
    remove_gone = "It is no longer in the history.", "它已不在历史中。";

    find_version = "Filter versions", "筛选版本";
    find_version_hint = "Put the text cursor into the filter above the versions", "将光标移到版本列表上方的筛选框";
    select_newest = "Select the newest version", "选择最新的版本";
    select_oldest = "Select the oldest version", "选择最旧的版本";
    select_page_newer = "Select a page further up", "向上选择一页";
    select_page_older = "Select a page further down", "向下选择一页";
    select_far_hint = "Move the selection in the list of versions", "在版本列表中移动选择";
}

impl Language {
    /// What a verdict means, in one sentence.
    pub(crate) fn verdict_means(self, kind: VerdictKind) -> &'static str {
        match kind {
            VerdictKind::Hot => self.verdict_hot_means(),
            VerdictKind::Migrated => self.verdict_migrated_means(),
            VerdictKind::Reset => self.verdict_reset_means(),
            VerdictKind::Refused => self.verdict_refused_means(),
            VerdictKind::Restarted => self.verdict_restarted_means(),
            // Those to come say it in their reason.
            _ => "",
        }
    }

    /// A verdict's word.
    pub(crate) fn verdict(self, kind: VerdictKind) -> &'static str {
        match kind {
            VerdictKind::Hot => self.verdict_hot(),
            VerdictKind::Migrated => self.verdict_migrated(),
            VerdictKind::Reset => self.verdict_reset(),
            VerdictKind::Refused => self.verdict_refused(),
            VerdictKind::Restarted => self.verdict_restarted(),
            // Those to come have no word of their own here yet.
            other => other.word(),
        }
    }
}
