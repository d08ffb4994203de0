//! Names of actions, and what they do.

use exuvia_runtime::ids::VersionNumber;

use super::Language;

super::texts! {
    build = "Build now", "立即构建";
    build_hint = "Build the guest, whether or not a file has changed", "构建客体，无论文件是否更改";
    cancel_build = "Cancel build", "取消构建";
    cancel_build_hint = "Stop cargo; what runs goes on", "停止 cargo；正在运行的版本不受影响";
    auto_reload = "Auto-reload", "自动重载";
    auto_reload_hint = "Build and activate when a file is saved", "保存文件时自动构建并激活";
    restart_guest = "Restart guest", "重启客体";
    restart_guest_hint = "Start the active version in a new runner, with fresh state", "在新的运行进程中启动当前版本，状态重新开始";

    roll_back = "Roll back", "回退";
    roll_back_hint = "Activate the next older version; the state is carried along", "激活上一个较旧的版本；状态随之保留";
    roll_forward = "Roll forward", "前进";
    roll_forward_hint = "Activate the next newer version; the state is carried along", "激活下一个较新的版本；状态随之保留";
    roll_back_to(version: VersionNumber) = "Roll back to {version}", "回退到 {version}";
    roll_forward_to(version: VersionNumber) = "Roll forward to {version}", "前进到 {version}";
    activate(version: VersionNumber) = "Activate {version}", "激活 {version}";
    activate_hint(version: VersionNumber) = "Call {version} from now on, without a build; the state is carried along", "从现在起调用 {version}，无需构建；状态随之保留";
    activate_selected = "Activate the selected version", "激活选中的版本";
    activate_selected_hint = "Call the selected version from now on, without a build", "从现在起调用选中的版本，无需构建";
    activate_with_its_state(version: VersionNumber) = "Activate {version} with the state it had", "激活 {version} 并恢复其当时的状态";
    activate_with_its_state_hint(version: VersionNumber) = "Call {version} from now on, with the state that it had when it was left; today's state is kept with the version that runs now", "从现在起调用 {version}，并恢复离开它时的状态；当前状态随正在运行的版本一起保存";
    activate_selected_with_its_state = "Activate the selected version with the state it had", "激活选中的版本并恢复其当时的状态";
    activate_selected_with_its_state_hint = "Call the selected version from now on, with the state that it had when it was left", "从现在起调用选中的版本，并恢复离开它时的状态";
    keep(version: VersionNumber) = "Keep {version}", "保留 {version}";
    keep_hint(version: VersionNumber) = "Never remove {version} from the history", "永不从历史中移除 {version}";
    release(version: VersionNumber) = "Release {version}", "不再保留 {version}";
    release_hint(version: VersionNumber) = "Let {version} be removed from the history when it is old", "允许 {version} 变旧后从历史中移除";
    keep_selected = "Keep or release the selected version", "保留或不再保留选中的版本";
    keep_selected_hint = "Never remove the selected version (or else the active one) from the history; once more: let it go when it is old", "永不从历史中移除选中的（或当前的）版本；再按一次则允许移除";
    select(version: VersionNumber) = "Select {version}", "选择 {version}";
    select_hint = "Select this version; a double click or Enter activates it", "选择此版本；双击或回车键激活";
    select_newer = "Select the next newer version", "选择较新的版本";
    select_newer_hint = "Select the version above", "选择上面的版本";
    select_older = "Select the next older version", "选择较旧的版本";
    select_older_hint = "Select the version below", "选择下面的版本";

    call = "Call", "调用";
    call_hint = "Call the active version (Enter)", "调用当前版本（回车键）";
    pin = "Pin", "固定";
    pin_entered = "Pin the entered call", "固定输入的调用";
    pin_hint = "Evaluate this call after each activation; each version keeps its result", "每次激活后都执行此调用；每个版本保存各自的结果";
    unpin = "Unpin", "取消固定";
    unpin_hint = "Do not evaluate this call any more", "不再执行此调用";
    edit_call = "Edit call", "编辑调用";
    edit_call_hint = "Put it into the entry field", "放入输入框";
    enter_call = "Enter a call", "输入调用";
    enter_call_hint = "Put the text cursor into the field for a call", "将光标移到调用输入框";

    show_failure = "Show its problems", "显示其问题";
    show_failure_hint = "Show the problems of this build", "显示这次构建的问题";
    show_latest = "Show the latest attempt", "显示最近一次构建";
    show_latest_hint = "Show the problems of the latest attempt again", "重新显示最近一次构建的问题";
    clear_output = "Clear output", "清除输出";
    clear_output_hint = "Forget what the guest wrote so far", "清除客体至今的输出";

    show_panel(panel: &str) = "Show {panel}", "显示“{panel}”";
    versions_hint = "What was built, what runs, and the way back", "构建过什么、运行着什么，以及如何回退";
    calls_hint = "Call the guest's functions and pin calls", "调用客体的函数，固定调用";
    state_hint = "The guest's state as it was last taken", "最近一次取得的客体状态";
    change_hint = "What differs between the sources of two versions", "两个版本的源码差异";
    details_hint = "The selected version's artifact, stamp and exports", "选中版本的构建产物、标记和导出函数";
    memory_hint = "What each version still has in memory, and why", "每个版本占用的内存及原因";
    problems_hint = "What the compiler said about the latest attempt", "编译器对最近一次构建的说明";
    output_hint = "What the guest wrote to stdout and stderr", "客体写到 stdout 和 stderr 的内容";
    timeline_hint = "How long each stage of each change took", "每次更改各阶段的耗时";
    log_hint = "What happened in this session", "本次会话中发生的事";
    reset_layout = "Reset the layout", "重置布局";
    reset_layout_hint = "All panels back to where they were at first", "所有面板恢复到最初的位置";

    page_workbench = "Workbench", "工作台";
    page_workbench_hint = "The guest, its versions and all panels", "客体、其各版本和所有面板";
    page_welcome = "Welcome page", "欢迎页";
    page_welcome_hint = "Open a guest, make a new one, or try the sample", "打开客体、新建客体或试用示例";
    page_experiment = "Experiment", "实验";
    page_experiment_hint = "Four ways to load a library again, run for real, side by side", "四种重新加载库的方式，真实运行，并排对照";
    page_settings = "Settings", "设置";
    page_settings_hint = "Editor, theme, language, limits", "编辑器、主题、语言、限额";

    open_palette = "Commands", "命令";
    open_palette_hint = "Find any action by its name", "按名称查找任何操作";
    open_shortcuts = "Keyboard shortcuts", "键盘快捷键";
    open_shortcuts_hint = "All keys on one page", "一页列出所有按键";
    open_guest = "Open a guest", "打开客体";
    open_guest_hint = "Open another crate in place of this one", "打开另一个 crate 代替当前的";
    open_path(path: &str) = "Open {path}", "打开 {path}";
    new_guest = "New guest", "新建客体";
    new_guest_hint = "Write a small guest into a new folder and open it", "在新文件夹中写入一个小客体并打开";
    close = "Close", "关闭";
    close_hint = "Close this (Esc)", "关闭（Esc）";

    switch_theme = "Light or dark theme", "浅色或深色主题";
    switch_theme_hint = "Switch between the light and the dark theme", "切换浅色和深色主题";
    switch_language = "中文 (Chinese)", "English（英文）";
    switch_language_hint = "Speak Chinese", "改用英文显示";
    always_on_top = "Always on top", "窗口置顶";
    always_on_top_hint = "Keep the window above all others, or no longer", "让窗口保持在其他窗口之上，或不再如此";
    zoom_in = "Larger text", "放大文字";
    zoom_in_hint = "Make everything larger", "放大所有内容";
    zoom_out = "Smaller text", "缩小文字";
    zoom_out_hint = "Make everything smaller", "缩小所有内容";
    zoom_reset = "Usual text size", "默认文字大小";
    zoom_reset_hint = "Back to the usual size", "恢复默认大小";
    quit = "Quit", "退出";
    quit_hint = "Close the window, stop builds and end the guest", "关闭窗口，停止构建，结束客体";
}

impl Language {
    /// From one version to another, in the words of the two buttons above: which way it goes.
    pub(crate) fn roll_to(self, version: VersionNumber, from: VersionNumber) -> String {
        if version < from { self.roll_back_to(version) } else { self.roll_forward_to(version) }
    }
}
