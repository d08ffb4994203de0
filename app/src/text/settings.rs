//! The settings' page.

super::texts! {
    settings_saved = "Changes apply at once and are kept in settings.toml.", "更改立即生效，并保存在 settings.toml 中。";
    settings_file(path: &str) = "The file: {path}", "文件：{path}";
    settings_no_file = "The system names no folder for settings: they last until the window is closed.", "系统没有提供设置文件夹：设置仅在窗口关闭前有效。";
    settings_open_file = "Open the file", "打开文件";
    settings_reset = "Reset", "重置";
    settings_reset_named(setting: &str) = "Reset “{setting}” to its default", "将“{setting}”恢复为默认值";
    settings_from_next = "From the next opened guest on.", "从下次打开客体时生效。";
    set_settings = "Change the settings", "更改设置";

    settings_editing = "Editor", "编辑器";
    set_editor = "Editor command", "编辑器命令";
    set_editor_about = "{file}, {line} and {column} stand for the place that is opened. Empty: $VISUAL, $EDITOR, then what is installed.", "{file}、{line}、{column} 代表要打开的位置。留空则依次使用 $VISUAL、$EDITOR、已安装的编辑器。";
    set_editor_found(editor: &str) = "Found: {editor}", "检测到：{editor}";
    set_editor_none = "None was found; for example code -g {file}:{line}:{column}", "未检测到编辑器；例如 code -g {file}:{line}:{column}";
    set_editor_terminal(program: &str) = "{program} needs a terminal; for example: code -g {{file}}:{{line}}", "{program} 需要终端；例如 code -g {{file}}:{{line}}";
    set_editor_example = "for example code -g {file}:{line}:{column}", "例如 code -g {file}:{line}:{column}";
    set_editor_try = "Try it", "试一下";

    settings_looks = "Window", "窗口";
    set_theme = "Theme", "主题外观";
    set_theme_about = "Light or dark, or as the system has it.", "浅色、深色，或跟随系统。";
    as_system = "System", "跟随系统";
    theme_light = "Light", "浅色";
    theme_dark = "Dark", "深色";
    set_language = "Language", "语言";
    set_language_about = "Of the window. Messages of compilers and guests stay as they are.", "窗口所用的语言。编译器和客体的消息保持原样。";
    set_scale = "Size of everything", "整体大小";
    set_scale_about = "From 80 % to 200 %; also Ctrl and plus or minus.", "80 % 到 200 %；也可用 Ctrl 加减号。";
    set_on_top = "Always on top", "总在最前";
    set_on_top_about = "Keeps the window above all others, to sit beside an editor.", "让窗口保持在其他窗口之上，便于放在编辑器旁。";
    set_toasts = "Notices", "通知";
    set_toasts_about = "Says what happened in a line at the lower edge that goes away by itself.", "在窗口底部用自动消失的一行说明发生的事。";

    settings_reloading = "Reloading", "重载";
    set_auto = "Auto-reload", "自动重载";
    set_auto_about = "Builds when a file is saved, not only when asked. The same as the switch above.", "保存文件时构建，而非仅手动构建。与上方的开关相同。";
    set_poll = "Look at files again and again", "反复检查文件";
    set_poll_about = "For network file systems, which send no notices.", "用于不发送通知的网络文件系统。";
    set_deadline = "Deadline of a call", "调用时限";
    set_deadline_about = "A call that takes longer counts as a hang, and the guest is started again.", "超过此时限的调用视为卡死，客体将重新启动。";
    set_memory = "Memory of the guest", "客体的内存";
    set_memory_about = "Its process may have so much of its own; from its next start on.", "其进程最多可使用的内存；下次启动后生效。";
    set_kept_mapped = "What cannot be unloaded", "无法卸载的部分";
    set_kept_mapped_about = "Beyond this, a fresh process takes over, with the state.", "超出后由新进程带着状态接手。";
    unit_seconds = "seconds", "秒";

    settings_history = "History", "历史";
    set_versions = "Versions that stay", "保留的版本数";
    set_versions_about = "Older ones are removed; the active, the last good and kept ones never.", "更旧的版本会被移除；当前的、最近正常的和已保留的除外。";
    set_removes_one = "Remove up to 1 version", "最多移除 1 个版本";
    set_removes(n: usize) = "Remove up to {n} versions", "最多移除 {n} 个版本";
    set_removes_hint = "The oldest go; those that another workbench uses stay", "移除最旧的版本；其他工作台正在使用的会保留";
    settings_saved_figure = "Settings are saved when they are changed.", "设置在更改时自动保存。";
    unit_versions = "versions", "个版本";
    set_mib = "Space for them", "占用空间上限";
    set_mib_about = "Of all versions' libraries together.", "所有版本的库文件合计。";
    unit_mib = "MiB", "MiB";
    set_number_wrong(least: f64, most: f64) = "Give a number from {least} to {most}", "请输入 {least} 到 {most} 之间的数";

    settings_manifest = "The guest's own settings", "客体自身的设置";
    settings_manifest_about = "They stand in its Cargo.toml under [package.metadata.exuvia] and take effect when it is saved. See README.md, “Settings in the guest's manifest”.", "写在其 Cargo.toml 的 [package.metadata.exuvia] 下，保存后生效。参见 README.md 的“Settings in the guest's manifest”一节。";
    settings_selection(selection: &str) = "In effect now: {selection}", "当前生效：{selection}";
    settings_selection_none = "In effect now: default features, profile dev", "当前生效：默认特性，dev 配置";
    manifest_features = "features to build with, a list of names", "构建时启用的特性，名称列表";
    manifest_all = "true: build with all features", "true：启用所有特性";
    manifest_no_default = "true: build without the default features", "true：不启用默认特性";
    manifest_profile = "cargo's profile, such as \"release\"", "cargo 的 profile，例如 \"release\"";
    manifest_calls = "calls that are pinned, such as ['greet(\"World\")']", "固定的调用，例如 ['greet(\"World\")']";
    manifest_watch = "files and folders whose change starts a build, too", "更改时也会触发构建的文件和文件夹";
    manifest_base_library = "true: all that the guest depends on is linked once, into a library that stays loaded", "true：客体的全部依赖只链接一次，成为常驻内存的基础库";
    manifest_environment = "variables for cargo and the guest, a table of texts", "传给 cargo 和客体的环境变量，文本表";
}

impl super::Language {
    /// So many versions go.
    pub(crate) fn removes_versions(self, n: usize) -> String {
        if n == 1 { self.set_removes_one().to_owned() } else { self.set_removes(n) }
    }
}
