//! The panel of calls.

use exuvia_runtime::ids::VersionNumber;

use super::Language;
use crate::model::arguments::Trouble;

super::texts! {
    call_field = "Call to make", "要执行的调用";
    call_example(call: &str) = "for example {call}", "例如 {call}";
    call_field_hint = "↑ ↓ brings earlier calls back; arguments are JSON", "↑ ↓ 调出先前的调用；参数为 JSON";
    exports_of_active = "Exports of the active version", "当前版本的导出函数";
    exports_none = "This version exports nothing", "此版本没有导出函数";
    exports_none_how = "Put #[export] on a function of the guest and save the file.", "在客体的函数上加 #[export]，然后保存文件。";
    exports_no_guest = "No guest", "没有客体";
    exports_no_guest_how = "There is nothing to call.", "没有可调用的函数。";
    exports_not_yet = "Nothing is loaded yet", "尚未加载任何版本";
    exports_not_yet_how = "The functions that the guest exports appear here when a version is active.", "版本激活后，客体导出的函数会出现在这里。";
    begin_call = "Begin a call", "开始调用";
    begin_call_hint = "Enter its arguments below the call field", "在调用框下方输入参数";
    export_named(name: &str) = "Begin a call of {name}", "开始调用 {name}";
    reads_state = "reads the state", "读取状态";
    changes_state = "changes the state", "更改状态";

    argument_named(name: &str, ty: &str) = "{name}: {ty}", "参数 {name}：{ty}";
    argument_hint(example: &str) = "JSON, for example {example}", "JSON，例如 {example}";
    no_arguments(name: &str) = "{name} takes no arguments: press Call.", "{name} 没有参数：直接点“调用”。";
    trouble_empty = "Enter a value", "请输入值";
    trouble_whole = "Not a whole number", "不是整数";
    trouble_range(least: i128, most: i128) = "From {least} to {most}", "范围：{least} 到 {most}";
    trouble_number = "Not a number, such as 1.5", "不是数字（例如 1.5）";
    trouble_large(most: f64) = "At most {most:e} either way", "绝对值不得超过 {most:e}";
    trouble_letter = "Exactly one character", "只能是一个字符";
    trouble_json(reason: &str) = "Not JSON: {reason}", "不是 JSON：{reason}";

    pin_empty = "Enter a call first", "请先输入调用";
    pin_in_trouble = "An argument below has no fitting value yet", "下方还有参数没有合适的值";
    pin_not_open = "No guest is open", "没有打开的客体";

    pins_title = "Pinned calls", "固定的调用";
    pins_none = "Pinned calls appear here: enter a call and press Pin. They are evaluated after each activation.", "固定的调用显示在这里：输入调用并点“固定”。每次激活后都会执行它们。";
    pin_would_change = "It changes the state: pinned, it does so at each version anew", "此调用会更改状态：固定后，每个新版本都会再次更改";
    pin_changes = "changes the state at each version", "每个版本都会更改状态";
    pin_changes_short = "changes it each time", "每次都更改状态";
    pin_changes_hint = "A pinned call is evaluated after each activation, and this one changes the state each time; pin one that only reads, or unpin it", "固定的调用在每次激活后都会执行，而此调用每次都会更改状态；请改为固定只读取状态的调用，或取消固定";
    pin_not_evaluated = "not evaluated yet", "尚未执行";
    pin_by(version: VersionNumber) = "{version} gave this answer", "此结果来自 {version}";
    pin_results = "Result of each version", "各版本的结果";
    pin_no_results = "No version has answered yet", "还没有版本给出结果";
    pin_more(n: usize) = "and {n} older ones", "以及更早的 {n} 个";
    unpin_named(call: &str) = "Unpin {call}", "取消固定 {call}";

    answer_title = "Answer", "结果";
    answer_waiting = "waiting for the answer", "正在等待结果";
    answer_by(version: VersionNumber, time: &str) = "{version} · {time}", "{version}，用时 {time}";
    answers_earlier = "Earlier calls", "先前的调用";
    answers_none = "No call yet", "尚无调用";
    answers_none_how = "Enter a call above and press Enter, or click an export to begin with. Answers appear here, newest first.", "在上方输入调用并按回车，或点击一个导出函数开始。结果显示在这里，最新的在前。";
    answer_edit(call: &str) = "Edit {call}", "编辑 {call}";
}

impl Language {
    /// Why what was typed is no value of the type.
    pub(crate) fn trouble(self, trouble: &Trouble) -> String {
        match trouble {
            Trouble::Empty => self.trouble_empty().to_owned(),
            Trouble::NotWhole => self.trouble_whole().to_owned(),
            Trouble::OutOfRange { least, most } => self.trouble_range(*least, *most),
            Trouble::NotNumber => self.trouble_number().to_owned(),
            Trouble::TooLarge { most } => self.trouble_large(*most),
            Trouble::NotOneLetter => self.trouble_letter().to_owned(),
            Trouble::NotJson { reason } => self.trouble_json(reason),
        }
    }
}
