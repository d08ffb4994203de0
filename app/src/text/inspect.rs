//! The panels State, Change, Details and Memory.

use exuvia_runtime::history::compare::Side;
use exuvia_runtime::ids::VersionNumber;

super::texts! {
    compare_selected = "Compare with the version before", "与前一版本比较";
    compare_selected_hint = "Show what differs between the selected version's sources and those of the version before", "显示选中版本与前一版本的源码差异";
    compare_with_saved = "Compare with what is saved", "与已保存的文件比较";
    compare_with_saved_hint = "Show what differs between the selected version's sources and the files as they are saved now", "显示选中版本的源码与当前已保存文件的差异";
    compare_sides(from: &str, to: &str) = "Compare {from} with {to}", "比较 {from} 与 {to}";
    compare_sides_hint = "Show what differs between these two", "显示两者的差异";
    copy_diff = "Copy diff", "复制差异";
    copy_diff_hint = "Copy the shown comparison as a patch", "将当前比较结果复制为补丁";
    next_change = "Next change", "下一处更改";
    next_change_hint = "Scroll to the next group of changed lines", "滚动到下一组更改的行";
    previous_change = "Previous change", "上一处更改";
    previous_change_hint = "Scroll to the previous group of changed lines", "滚动到上一组更改的行";
    read_state = "Read state", "读取状态";
    read_state_hint = "Ask the active version for its state as it is now", "向当前版本询问它此刻的状态";
    read_memory = "Read memory", "读取内存";
    read_memory_hint = "Ask the runner what it takes up now", "询问运行进程此刻的占用";
    read_again = "Read again", "重新读取";

    state_none_yet = "No state yet", "还没有状态";
    state_none_yet_how = "The guest's state appears here as a tree once a version runs; what changes is marked.", "有版本运行后，客体的状态会以树形显示在此处，变化会被标出。";
    state_without = "This guest has no state", "此客体没有状态";
    state_without_how = "To give it one: derive Default, Serialize and Deserialize for a type MyState, write\n\n    impl exuvia_guest::State for MyState {}\n    exuvia_guest::state!(MyState);\n\nand let an export begin with the parameter state: &mut MyState. It is then carried from version to version.", "要让它拥有状态：为类型 MyState 派生 Default、Serialize 和 Deserialize，写上\n\n    impl exuvia_guest::State for MyState {}\n    exuvia_guest::state!(MyState);\n\n并让导出函数的第一个参数为 state: &mut MyState。此后状态会在版本之间传递。";
    state_not_told = "The state is not known", "状态未知";
    state_not_told_how(version: VersionNumber) = "{version} has state but has not told it. Press “Read again”; why it could not be taken stands in the Log.", "{version} 有状态但尚未给出。请点“重新读取”；未能取得的原因见“日志”。";
    state_too_large = "The state is too large to be shown", "状态太大，无法显示";
    state_too_large_how(size: &str, limit: &str) = "Its snapshot has {size}; up to {limit} are shown. It is carried from version to version all the same.", "其快照为 {size}，最多显示 {limit}。状态仍会在版本之间传递。";
    state_nothing_fits(filter: &str) = "Nothing in the state has “{filter}” in its name or value", "状态中没有名称或值包含“{filter}”的内容";
    state_empty = "The state has no fields", "状态没有字段";
    state_size(size: &str) = "snapshot {size}", "快照 {size}";
    state_filter = "Filter the state", "筛选状态";
    state_filter_hint = "Filter names and values", "筛选名称和值";
    state_fields(n: usize) = "{n} fields", "{n} 个字段";
    state_items(n: usize) = "{n} items", "{n} 项";
    state_one_field = "1 field", "1 个字段";
    state_one_item = "1 item", "1 项";
    state_more(n: &str) = "… {n} more", "… 还有 {n} 项";
    state_more_hint = "Click or press Enter to show more", "点击或按回车显示更多";
    state_changed = "changed", "已变";
    state_changed_hint = "Another value than when the version became active", "与版本激活时的值不同";
    state_added = "added", "新增";
    state_added_hint = "It was not there when the version became active", "版本激活时还没有";
    state_removed = "gone", "已消失";
    state_removed_hint = "It was there when the version became active", "版本激活时还有";
    state_new = "new field", "新字段";
    state_new_hint = "The last swap brought this field; it began with its default", "上次切换带来的字段，以默认值开始";
    state_new_changed = "new field, changed", "新字段，已变";
    state_new_changed_hint = "The last swap brought this field; it has another value since", "上次切换带来的字段，此后值有变化";
    state_dropped = "dropped field", "已移除字段";
    state_dropped_hint = "The last swap took this field away; this was its value", "上次切换移除的字段，这是它原来的值";
    state_copy_value = "Copy value", "复制值";
    state_copy_path = "Copy path", "复制路径";
    state_changed_by_pins(calls: &str) = "each activation changes it by the pinned {calls}", "每次激活都会被固定的 {calls} 更改";
    state_last_known = "nothing runs; as it was last told", "没有版本在运行；这是最后得知的状态";

    change_none = "Nothing to compare yet", "还没有可比较的内容";
    change_none_how = "What differs between the sources of two versions appears here. Save a change: each build that loads becomes a version.", "两个版本的源码差异会显示在此处。保存一次更改：每次能加载的构建都会成为一个版本。";
    change_same = "The sources are the same", "源码相同";
    change_same_how(from: &str, to: &str) = "{from} and {to} have the same files with the same content.", "{from} 与 {to} 的文件及内容完全相同。";
    change_failed = "These two cannot be compared", "无法比较这两者";
    change_waiting = "Comparing…", "正在比较…";
    change_from = "From", "从";
    change_to = "to", "到";
    change_swap = "Swap", "互换";
    change_swap_hint = "Compare the other way round", "反向比较";
    change_nothing = "nothing", "空";
    change_saved = "saved files", "已保存的文件";
    change_first = "There is no older version: all files count as added.", "没有更早的版本：所有文件都算新增。";
    change_follow = "Follow selection", "跟随选择";
    change_against_saved = "Against saved", "与已保存的比较";
    change_up = "Previous", "上一处";
    change_down = "Next", "下一处";
    change_file_added = "added", "新增";
    change_file_removed = "removed", "删除";
    change_binary = "No text to show: binary, larger than 2 MiB, or not kept", "没有可显示的文本：二进制、超过 2 MiB 或未保留";
    change_empty_file = "The file is empty", "文件为空";
    change_lines = "Changed lines", "更改的行";
    change_fold = "Click to fold this file", "点击折叠此文件";
    change_unfold = "Folded: click to see its lines", "已折叠：点击查看内容";
    change_end_crlf = "(ends with CR LF)", "（以 CR LF 结尾）";
    change_end_none = "(no line end)", "（末尾无换行）";
    change_gap = "lines that are the same on both sides", "两侧相同的行";
    change_in_files(files: &str, added: usize, removed: usize) = "{files}, +{added} −{removed}", "{files}，增加 {added} 行，删除 {removed} 行";

    details_none = "No version yet", "还没有版本";
    details_none_how = "Artifact, stamp, stages and exports of the selected version appear here.", "选中版本的构建产物、标记、各阶段用时和导出函数会显示在此处。";
    details_active = "active", "运行中";
    details_outcome = "Outcome", "结果";
    details_verdict = "Verdict", "结论";
    details_first_verdict = "When built", "构建时";
    details_standing = "Standing", "状况";
    details_probation = "on probation: its first calls are not through yet", "考察中：首批调用尚未完成";
    details_good = "good: its first calls went through", "良好：首批调用均已通过";
    details_refused = "refused: it never ran", "被拒绝：从未运行";
    details_faulted(fault: &str) = "faulted: {fault}", "出错：{fault}";
    details_kept = "kept: never removed from the history", "保留：永不从历史中移除";
    details_note = "Note", "备注";
    details_left_state = "State when left", "离开时的状态";
    details_fields = "What became of the state", "状态的去向";
    details_fields_kept = "Kept", "保留";
    details_fields_value = "1 value", "1 个值";
    details_fields_values(count: usize) = "{count} values", "{count} 个值";
    details_fields_renamed = "Renamed", "改名";
    details_fields_migrated = "Migrated", "已迁移";
    details_fields_defaulted = "Defaulted", "取默认值";
    details_fields_dropped = "Dropped", "丢弃";
    details_fields_reset = "Reset", "重置";
    details_fields_changed = "Changed", "改变";
    details_fields_more = "Not listed", "未列出";
    details_cause = "Cause", "起因";
    details_files = "Saved files", "保存的文件";
    details_built = "Built", "构建于";
    details_failed_at = "Failed", "失败于";
    details_warnings = "Warnings", "警告";
    details_problems = "Problems", "问题";
    details_message = "Message", "说明";
    details_artifact = "Artifact", "构建产物";
    details_file = "File", "文件";
    details_size = "Size", "大小";
    details_hash = "BLAKE3", "BLAKE3 哈希";
    details_selection = "Selection", "构建选项";
    details_sources = "Sources", "源文件";
    details_by_default = "default features, profile dev", "默认特性，dev 配置";
    details_stamp = "Stamp", "标记";
    details_rustc = "Compiler", "编译器";
    details_target = "Target", "目标平台";
    details_opt = "Optimisation", "优化级别";
    details_panic = "On panic", "panic 时";
    details_contract = "Contract", "契约";
    details_contract_of(contract: u32, sdk: &str) = "version {contract}, guest SDK {sdk}", "版本 {contract}，客体 SDK {sdk}";
    details_state_type = "State type", "状态类型";
    details_no_state = "none", "无";
    details_stages = "Stages", "各阶段用时";
    details_total = "total", "合计";
    details_exports_since(version: VersionNumber) = "Exports, compared with {version}", "导出函数（与 {version} 相比）";
    details_exports_same = "no export was added, removed or changed", "没有新增、移除或更改导出函数";
    details_export_added = "added", "新增";
    details_export_removed = "removed", "移除";
    details_export_changed = "changed", "更改";
    details_export_was = "was", "原为";
    details_exports(n: usize) = "All exports ({n})", "所有导出函数（{n}）";
    details_no_exports = "This version exports nothing: mark a function with #[exuvia_guest::export]", "此版本没有导出函数：请用 #[exuvia_guest::export] 标记函数";
    details_build_failed = "Build failed", "构建失败";
    details_load_failed = "Load failed", "加载失败";
    details_copy(name: &str) = "Copy {name}", "复制{name}";
    details_copy_all = "Copy all", "复制全部";

    memory_none = "Nothing is mapped yet", "还没有映射任何内容";
    memory_none_how = "What each version takes up in the runner appears here once one runs.", "有版本运行后，各版本在运行进程中的占用会显示在此处。";
    memory_runner = "Runner", "运行进程";
    memory_pid = "Process", "进程号";
    memory_resident = "Resident", "常驻内存";
    memory_threads = "Threads", "线程";
    memory_mapped = "Libraries", "库映射";
    memory_unknown = "unknown", "未知";
    memory_unknown_here = "This platform does not say how much is mapped; what is listed was opened by the runner.", "此平台无法得知映射了多少；列出的是运行进程打开过的版本。";
    memory_versions = "Mapped versions", "已映射的版本";
    memory_active = "active", "运行中";
    memory_kept = "kept mapped", "仍被映射";
    memory_spoken(version: VersionNumber, standing: &str, size: &str, threads: &str) = "{version}, {standing}, {size}, {threads}", "{version}（{standing}）占用 {size}，{threads}";
    memory_open = "open", "已打开";
    memory_no_threads = "no threads of its own", "没有自己的线程";
    memory_all_gone = "Only what runs is mapped: every older version was unmapped, and seen to be gone.", "只有正在运行的版本被映射：较旧的版本都已解除映射并经确认。";
    memory_why_kept = "“Kept mapped” means that a version no longer runs but its library cannot be taken out of the runner's memory safely. It does no harm but takes up room; “Restart guest” frees it, with fresh state.", "“仍被映射”指版本已不再运行，但其库无法安全地移出运行进程的内存。它没有危害，只占空间；“重启客体”可释放它，状态会重新开始。";
    memory_told(age: &str) = "as of {age}", "读取于{age}";
}

impl super::Language {
    /// One side of a comparison.
    pub(crate) fn side(self, side: Side) -> String {
        match side {
            Side::Nothing => self.change_nothing().to_owned(),
            Side::Version(version) => version.to_string(),
            Side::Saved => self.change_saved().to_owned(),
        }
    }
}
