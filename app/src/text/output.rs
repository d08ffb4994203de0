//! The guest's output.

super::texts! {
    output_none = "No output yet", "还没有输出";
    output_none_how = "What the guest writes with println! or eprintln! appears here, with the version that wrote it.", "客体用 println! 或 eprintln! 写出的内容会显示在这里，并标明由哪个版本写出。";
    output_all_versions = "All versions", "所有版本";
    output_version_label = "Version whose output is shown", "显示哪个版本的输出";
    output_stdout_hint = "Show what was written to stdout, or hide it", "显示或隐藏写到 stdout 的内容";
    output_stderr_hint = "Show what was written to stderr, or hide it", "显示或隐藏写到 stderr 的内容";
    output_filter = "Filter the output", "筛选输出";
    output_list = "Lines of the output", "输出的各行";
    lines_of(shown: usize, all: &str) = "{shown} of {all}", "{all}中的 {shown} 行";
    nothing_matches = "Nothing matches", "没有匹配项";
    nothing_matches_how = "The filter above hides everything: empty it, or choose another version.", "上方的筛选隐藏了全部内容：请清空筛选，或选择其他版本。";
    filter_hint = "Filter", "筛选";
    follow = "Follow", "跟随";
    follow_hint = "Stay at the end when something new comes; scrolling up ends it", "有新内容时停在末尾；向上滚动即停止跟随";
    copy_output = "Copy the output", "复制输出";
    copy_output_hint = "Put the lines that are shown on the clipboard", "将显示的各行放入剪贴板";
    copy_shown_hint = "Copy the selected line, or else all that are shown", "复制选中的行；未选中时复制显示的所有行";
}
