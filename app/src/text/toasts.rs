//! Quiet notices.

use exuvia_runtime::ids::VersionNumber;

super::texts! {
    toast_reloaded(version: VersionNumber, verdict: &str) = "{version} runs: {verdict}", "{version} 已运行：{verdict}";
    toast_build_failed = "Build failed", "构建失败";
    toast_load_failed = "Load failed", "加载失败";
    toast_faulted(version: VersionNumber) = "{version} faulted", "{version} 出错";
    toast_faulted_back(version: VersionNumber, runs: VersionNumber) = "{version} faulted; back on {runs}", "{version} 出错；已退回 {runs}";
    toast_faulted_on(version: VersionNumber, runs: VersionNumber) = "{version} faulted; {runs} runs", "{version} 出错；{runs} 运行中";
    toast_faulted_again(version: VersionNumber) = "{version} faulted and runs again", "{version} 出错，已重新运行";
    toast_activate_again(version: VersionNumber) = "Activate {version} again", "再次激活 {version}";
    toast_show_why = "Show why", "查看原因";
    toast_killed = "The guest's process was killed", "客体的进程被终止";
    toast_refused(version: VersionNumber) = "{version} was refused", "{version} 被拒绝";
    toast_not_activated(version: VersionNumber) = "{version} was not activated", "{version} 未激活";
    toast_saved = "Saved", "已保存";
    toast_editor = "Not opened in an editor", "未能在编辑器中打开";
    toast_settings = "Settings", "设置";
    copy_path = "Copy the path", "复制路径";
    toast_not_done = "Not done", "未执行";
    toast_mapped(version: VersionNumber) = "{version} is kept mapped", "{version} 仍在内存中";
    toast_mapped_why(bytes: &str, why: &str) = "{bytes}: {why}", "{bytes}（原因）：{why}";
    toast_dismiss = "Dismiss", "关闭通知";
    toast_show_problems = "Show problems", "查看问题";
    toast_show_memory = "Show memory", "查看内存";
}
