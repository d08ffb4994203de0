//! The experiment page.

use exuvia_runtime::experiment::{Explanation, Lane, StepKind};

use super::Language;
use crate::model::words::bytes;

super::texts! {
    experiment_question = "Go's plugin.Open kept printing the old text. Why?", "Go 的 plugin.Open 一直输出旧文本，为什么？";
    experiment_answer = "An article tried hot updates with Go's plugin package: the plugin was built anew and opened again, and still the old text came. Here a greeting is built and called; its text is edited and built again, and the library is opened once more: in four ways, each in a process of its own. Nothing is scripted; what you see was measured.", "一篇文章尝试用 Go 的 plugin 包做热更新：重新构建插件并再次打开，输出的仍是旧文本。这里构建并调用一段问候；修改其文本，重新构建，再次打开这个库：四种方式，各用一个独立进程。没有任何脚本预设，所见均为实测。";
    experiment_begin = "Nothing was run yet. “Run all” builds the greeting twice (some seconds the first time) and tries all four ways; “Step” takes one step in each lane, so that you can guess the result first.", "尚未运行。“全部运行”将问候构建两次（首次需几秒），然后尝试全部四种方式；“单步”让每一栏各走一步，便于先猜结果。";
    experiment_preparing = "preparing", "准备中";
    experiment_asking_cargo = "cargo builds the greeting, edits it, and builds it again", "cargo 构建问候，修改后再次构建";
    experiment_failed = "not prepared", "准备失败";
    experiment_cancelled = "stopped", "已停止";
    experiment_cancelled_at_once = "The run was stopped before the first step.", "运行在第一步之前已停止。";
    experiment_cancelled_hint = "The run was stopped; what it had found so far is below.", "运行已停止；此前的结果见下方。";
    experiment_builds(took: &str) = "built twice in {took}", "两次构建共 {took}";
    experiment_first = "first build", "首次构建";
    experiment_second = "after the edit", "修改之后";
    experiment_another_inode = "cargo put a new file at the same path", "cargo 在同一路径放了新文件";
    experiment_same_inode = "cargo wrote into the same file", "cargo 直接改写了同一文件";

    lane_reopen = "Open the same path again", "再次打开同一路径";
    lane_reopen_does = "What the article did: the first handle is held while the file is replaced.", "文章的做法：保持首个句柄，替换文件。";
    lane_overwrite = "Overwrite the open file", "覆写已打开的文件";
    lane_overwrite_does = "New bytes go into the same inode, under the mapped code.", "新内容写入同一 inode，代码仍映射着它。";
    lane_close_reopen = "Close, then open the path", "先关闭，再打开";
    lane_close_reopen_does = "The first handle is closed before the file is replaced.", "替换文件之前先关闭首个句柄。";
    lane_unique_copy = "Open a copy of its own", "打开独立副本";
    lane_unique_copy_hint = "An inode number may be given to a new file once the old one is gone: equal numbers at different times do not mean the same file", "旧文件消失后，其 inode 编号可能分配给新文件：不同时刻的相同编号不代表同一个文件";
    lane_unique_copy_does = "Exuvia's way: each version under a name and an inode of its own.", "Exuvia 的做法：每个版本有自己的名字和 inode。";

    step_started = "Process started", "进程启动";
    step_copied = "Copied", "已复制";
    step_opened = "Opened", "已打开";
    step_greeted = "Greeted", "已问候";
    step_replaced = "Replaced", "已替换";
    step_overwritten = "Overwritten in place", "已原地覆写";
    step_closed = "Closed", "已关闭";
    step_opened_again = "Opened again", "再次打开";
    step_greeted_again = "Greeted again", "再次问候";
    step_looked = "Mapped at the end", "最终映射";
    step_died = "Process died", "进程终止";
    step_refused = "Refused", "被拒绝";
    step_silent = "Killed", "被终止";

    doing_started = "starting", "启动";
    doing_copied = "copying the file", "复制文件";
    doing_opened = "opening the old library", "打开旧库";
    doing_greeted = "calling the old greeting", "调用旧问候";
    doing_replaced = "replacing the file", "替换文件";
    doing_overwritten = "overwriting the file", "覆写文件";
    doing_closed = "closing the old library", "关闭旧库";
    doing_opened_again = "opening the library again", "再次打开库";
    doing_greeted_again = "calling the greeting again", "再次调用问候";
    doing_looked = "looking at the mappings", "查看映射";

    fact_same_handle = "the same handle", "句柄相同";
    fact_other_handle = "another handle", "句柄不同";
    fact_handle(handle: &str) = "handle {handle}", "句柄 {handle}";
    fact_function_at(address: &str) = "at {address}", "位于 {address}";
    fact_file(file: &str) = "file {file}", "文件 {file}";
    fact_code(code: &str) = "code {code}", "代码 {code}";
    fact_deleted = "(deleted)", "（已删除）";
    fact_nothing = "nothing", "无";
    fact_unmapped = "unmapped", "已解除映射";
    fact_mapped(size: &str) = "{size} still mapped", "仍映射 {size}";
    fact_old(file: &str) = "old {file}", "旧 {file}";
    fact_new(file: &str) = "new {file}", "新 {file}";
    fact_number_again = "(number used again)", "（编号被再次使用）";
    fact_unknown = "cannot be read here", "此平台无法读取";
    fact_while(doing: &str) = "while {doing}", "正在{doing}时";
    fact_waited(millis: u64) = "no answer for {millis} ms", "{millis} 毫秒无响应";
    fact_printed_before(text: &str) = "it had printed “{text}”", "此前输出“{text}”";

    outcome_old = "old text", "旧文本";
    outcome_new = "new text", "新文本";
    outcome_new_by_luck = "new text, by luck", "侥幸得到新文本";
    outcome_neither = "neither text", "两者皆非";
    outcome_died(ending: &str) = "died: {ending}", "进程终止：{ending}";
    outcome_silent = "no answer", "无响应";
    outcome_refused = "refused", "被拒绝";
    outcome_open = "not explained", "无法解释";
    outcome_waiting = "not run yet", "尚未运行";
    outcome_running = "under way", "进行中";

    why_found_by_name = "The loader looks for the name first. It found the library that is open under it and gave its handle; that the path leads to a new file by now, it did not look at.", "加载器先按名字查找，找到已以此名打开的库并返回其句柄；路径如今已指向新文件，它并未查看。";
    why_found_open = "The same file under the same name is open, so the loader gave its handle.", "同名的同一文件已经打开，加载器返回了它的句柄。";
    why_opened_beside = "This loader opened the new file beside the old library although the name was the same.", "尽管名字相同，这个加载器仍在旧库之外另行打开了新文件。";
    why_died_overwritten(doing: &str, ending: &str) = "The process died while {doing}, with {ending}: the code it ran and the addresses the loader had filled in lay in pages of the very file that was overwritten.", "进程在{doing}时终止（{ending}）：它执行的代码和加载器填写的地址，就在被覆写文件的内存页中。";
    why_overwritten_new = "The new bytes appeared under code that was mapped from the old ones, and happened to fit.", "新内容出现在由旧内容映射的代码之下，碰巧吻合。";
    why_overwritten_old = "The loader gave the open library, and the pages it needed still held the old bytes.", "加载器返回已打开的库，所需内存页仍是旧内容。";
    why_overwritten_other(text: &str) = "It printed {text:?}: the code that ran and the bytes it read belong to different builds.", "输出为 {text:?}：执行的代码与读取的内容来自不同的构建。";
    why_unloaded = "Closing took the old library out of the process, so the loader read the path anew.", "关闭使旧库从进程中移除，加载器便重新读取该路径。";
    why_pinned(size: &str) = "A thread-local with a destructor was used on a thread that still lives, so closing unmapped nothing ({size} stayed), and the loader found the old library by its name.", "带析构函数的线程局部变量曾在仍存活的线程上使用，所以关闭并未解除任何映射（保留 {size}），加载器按名字找到了旧库。";
    why_still_mapped(size: &str) = "Closing unmapped nothing ({size} stayed), and the loader found the old library by its name.", "关闭并未解除任何映射（保留 {size}），加载器按名字找到了旧库。";
    why_fresh_copy = "No open library has this name or inode, so the loader read the copy. The old version's thread had ended before it was closed, and nothing of it is mapped any more.", "没有已打开的库使用此名字或 inode，加载器便读取副本。旧版本的线程在关闭前已结束，其映射已全部解除。";
    why_fresh_copy_old_mapped(size: &str) = "No open library has this name or inode, so the loader read the copy; of the old version {size} are still mapped.", "没有已打开的库使用此名字或 inode，加载器便读取副本；旧版本仍映射 {size}。";
    why_fresh_copy_unchecked = "No open library has this name or inode, so the loader read the copy; whether the old version is still mapped cannot be read on this platform.", "没有已打开的库使用此名字或 inode，加载器便读取副本；此平台无法得知旧版本是否仍在映射。";
    why_died(doing: &str, ending: &str) = "The process died while {doing}, with {ending}.", "进程在{doing}时终止（{ending}）。";
    why_silent(doing: &str, millis: u64) = "The process did not answer for {millis} ms while {doing} and was killed.", "进程在{doing}时 {millis} 毫秒无响应，已被终止。";
    why_refused(doing: &str, message: &str) = "It ended while {doing}: {message}", "在{doing}时结束：{message}";
    why_not_explained = "The facts above fit none of the known outcomes; look at them one by one.", "以上事实与已知结果均不相符，请逐条查看。";

    experiment_run_all = "Run all", "全部运行";
    experiment_run_all_hint = "Take all steps that are left, in all four lanes; after a run, begin another", "走完四栏剩余的所有步骤；运行结束后则重新开始";
    experiment_step = "Step", "单步";
    experiment_step_hint = "Take one step in each lane", "每一栏各走一步";
    experiment_reset = "Reset", "重置";
    experiment_reset_hint = "Prepare a new run, and wait for the first step", "准备新的运行，等待第一步";
    experiment_stop = "Stop the experiment", "停止实验";
    experiment_stop_hint = "Stop cargo and all lanes", "停止 cargo 和所有栏";
    experiment_thread_local = "Guest has a thread-local with a destructor", "客体含带析构函数的线程局部变量";
    experiment_thread_local_hint = "Such a guest stays mapped after it was closed, as long as the thread lives that called it: see the third lane", "这样的客体在关闭后仍保持映射，直到调用它的线程结束：见第三栏";
    while_on_experiment = "on the experiment page", "在实验页面";
}

impl Language {
    /// A lane's title, and what it does in one line.
    pub(crate) fn lane(self, lane: Lane) -> (&'static str, &'static str) {
        match lane {
            Lane::Reopen => (self.lane_reopen(), self.lane_reopen_does()),
            Lane::Overwrite => (self.lane_overwrite(), self.lane_overwrite_does()),
            Lane::CloseReopen => (self.lane_close_reopen(), self.lane_close_reopen_does()),
            Lane::UniqueCopy => (self.lane_unique_copy(), self.lane_unique_copy_does()),
        }
    }

    /// A step's name.
    pub(crate) fn step(self, step: StepKind) -> &'static str {
        match step {
            StepKind::Started => self.step_started(),
            StepKind::Copied => self.step_copied(),
            StepKind::Opened => self.step_opened(),
            StepKind::Greeted => self.step_greeted(),
            StepKind::Replaced => self.step_replaced(),
            StepKind::Overwritten => self.step_overwritten(),
            StepKind::Closed => self.step_closed(),
            StepKind::OpenedAgain => self.step_opened_again(),
            StepKind::GreetedAgain => self.step_greeted_again(),
            StepKind::LookedAtMappings => self.step_looked(),
        }
    }

    /// What is being done, for "it died while …".
    pub(crate) fn doing(self, step: StepKind) -> &'static str {
        match step {
            StepKind::Started => self.doing_started(),
            StepKind::Copied => self.doing_copied(),
            StepKind::Opened => self.doing_opened(),
            StepKind::Greeted => self.doing_greeted(),
            StepKind::Replaced => self.doing_replaced(),
            StepKind::Overwritten => self.doing_overwritten(),
            StepKind::Closed => self.doing_closed(),
            StepKind::OpenedAgain => self.doing_opened_again(),
            StepKind::GreetedAgain => self.doing_greeted_again(),
            StepKind::LookedAtMappings => self.doing_looked(),
        }
    }

    /// Why a lane came out as it did, in a sentence or two.
    pub(crate) fn why(self, explanation: &Explanation) -> String {
        match explanation {
            Explanation::FoundByName => self.why_found_by_name(),
            Explanation::FoundOpen => self.why_found_open(),
            Explanation::OpenedBeside => self.why_opened_beside(),
            Explanation::DiedOverwritten { doing, ending } => {
                return self.why_died_overwritten(self.doing(*doing), ending);
            }
            Explanation::OverwrittenNew => self.why_overwritten_new(),
            Explanation::OverwrittenOld => self.why_overwritten_old(),
            Explanation::OverwrittenOther { text } => return self.why_overwritten_other(text.trim_end()),
            Explanation::Unloaded => self.why_unloaded(),
            Explanation::PinnedByThreadLocal { bytes: size } => return self.why_pinned(&bytes(*size)),
            Explanation::StillMapped { bytes: size } => return self.why_still_mapped(&bytes(*size)),
            Explanation::FreshCopy => self.why_fresh_copy(),
            Explanation::FreshCopyOldMapped { bytes: size } => return self.why_fresh_copy_old_mapped(&bytes(*size)),
            Explanation::FreshCopyUnchecked => self.why_fresh_copy_unchecked(),
            Explanation::Died { doing, ending } => return self.why_died(self.doing(*doing), ending),
            Explanation::Silent { doing, waited } => return self.why_silent(self.doing(*doing), *waited),
            Explanation::Refused { doing, message } => return self.why_refused(self.doing(*doing), message),
            Explanation::NotExplained => self.why_not_explained(),
        }
        .to_owned()
    }
}
