//! The bars, the palette, the overlays, and the names of the panels.

use exuvia_runtime::history::record::Cause;

use super::Language;

super::texts! {
    versions_title = "Versions", "版本";
    calls_title = "Calls", "调用";
    state_title = "State", "状态";
    change_title = "Change", "更改";
    details_title = "Details", "详情";
    memory_title = "Memory", "内存";
    problems_title = "Problems", "问题";
    output_title = "Output", "输出";
    timeline_title = "Timeline", "时间线";
    log_title = "Log", "日志";

    leads_to(said: &str, panel: &str) = "{said}: show {panel}", "{said}：显示“{panel}”";
    menu = "Menu", "菜单";
    menu_hint = "All actions and their shortcuts", "所有操作及其快捷键";
    more_actions = "More actions", "更多操作";
    more_actions_hint = "What has no room in the bar", "工具栏放不下的操作";
    theme = "Theme", "主题";
    no_guest_yet = "No guest is open yet", "尚未打开客体";
    built_with(selection: &str) = "built with {selection}", "构建选项：{selection}";
    built_by_default = "built with default features, profile dev", "以默认特性和 dev 配置构建";
    history_in(path: &str) = "history in {path}", "历史位于 {path}";

    palette_hint = "Type the name of an action", "输入操作名称";
    palette_label = "Find an action", "查找操作";
    palette_none(text: &str) = "No action is called “{text}”", "没有名为“{text}”的操作";
    palette_keys = "↑ ↓ to select, Enter to run, Esc to close", "↑ ↓ 选择，回车执行，Esc 关闭";
    palette_not_now = "not possible now", "现在不可用";
    shortcuts_title = "Keyboard shortcuts", "键盘快捷键";
    shortcuts_also = "Tab and Shift+Tab walk through everything; Space or Enter presses what has the keyboard. Esc leaves the settings, the experiment or the welcome page.", "Tab 和 Shift+Tab 在所有控件间移动；空格或回车触发当前控件。Esc 离开设置页、实验页或欢迎页。";
    while_on_versions = "in the list of versions", "在版本列表中";
    while_not_typing = "while no text is typed", "未在输入文字时";

    runs(version: exuvia_runtime::ids::VersionNumber) = "{version} runs", "{version} 运行中";
    nothing_runs = "nothing runs", "没有版本在运行";
    building_line(runs: &str, generation: u64, cause: &str, progress: &str) = "{runs} · build {generation} ({cause}): {progress}", "{runs} · 构建 {generation}（{cause}）：{progress}";
    units(done: u32, total: u32, said: &str) = "{done} of {total}, {said}", "{total} 项中已完成 {done} 项，{said}";
    cargo_started = "cargo was started", "cargo 已启动";
    auto_reload_off = ", auto-reload is off", "，自动重载已关闭";
    not_watching = "not watching", "未监视";
    not_watching_hint = "No session is open", "没有打开的会话";
    not_watching_yet = "not watching yet", "尚未监视";
    not_watching_yet_hint = "The files are known after the first build", "首次构建后才知道有哪些文件";
    watching(files: &str) = "watching {files}", "正在监视 {files}";
    watching_hint = "The operating system says when a file changes", "文件更改由操作系统通知";
    polling(files: &str) = "polling {files}", "正在轮询 {files}";
    blind = "changes are not noticed", "无法察觉更改";

    cause_start = "start", "启动";
    cause_asked = "asked", "手动";
}

impl Language {
    /// Why a build was started: `start`, `asked` or the file names.
    pub(crate) fn cause(self, cause: &Cause) -> String {
        match cause {
            Cause::Start => self.cause_start().to_owned(),
            Cause::Asked => self.cause_asked().to_owned(),
            Cause::Saved { .. } => cause.text(),
        }
    }
}
