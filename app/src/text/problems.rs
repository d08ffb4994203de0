//! The problems.

use std::borrow::Cow;

use exuvia_runtime::build::diagnostic::{Level, strip_ansi};
use exuvia_runtime::ids::{Generation, VersionNumber};

use super::Language;
use crate::model::{Problem, ProblemKind, ProblemsOf};

super::texts! {
    problems_of_version(version: VersionNumber) = "of {version}", "属于 {version}";
    problems_of_build(generation: u64, version: VersionNumber) = "of build {generation} ({version})", "属于构建 {generation}（{version}）";
    problems_of_generation(generation: u64) = "of build {generation}", "属于构建 {generation}";
    problems_no_guest = "No guest", "没有客体";
    problems_no_guest_how = "There is nothing to build.", "没有可构建的内容。";
    problems_none = "No problems", "没有问题";
    problems_none_built = "The latest attempt was built without errors or warnings.", "最近一次构建没有错误和警告。";
    problems_not_yet = "No problems yet", "还没有问题";
    problems_not_yet_how = "The compiler's messages appear here when cargo is done.", "cargo 完成后，编译器的消息会显示在这里。";
    problems_none_how = "The compiler's messages about the latest attempt appear here: save a file, or build now.", "编译器对最近一次构建的消息会显示在这里：保存文件或立即构建。";
    problems_hidden = "Nothing of this kind", "没有这类问题";
    problems_hidden_how = "All problems are hidden: switch errors or warnings on above.", "所有问题都被隐藏：请在上方打开错误或警告。";
    errors_toggle_hint = "Show errors, or hide them", "显示或隐藏错误";
    warnings_toggle_hint = "Show warnings and notes, or hide them", "显示或隐藏警告和说明";
    level_error = "error", "错误";
    level_warning = "warning", "警告";
    level_note = "note", "说明";
    problem_spoken(level: &str, title: &str) = "{level}: {title}", "{level}：{title}";
    problem_spoken_at(level: &str, title: &str, place: &str) = "{level}: {title}, {place}", "{level}：{title}，{place}";
    problem_not_loaded = "not loaded", "未能加载";
    problem_refused = "refused", "被拒绝";
    problem_not_loaded_hint = "It was built, but what was built could not be loaded; what ran goes on", "构建成功，但产物无法加载；原来的版本继续运行";
    problem_refused_hint = "It was built and loaded, but it does not fit what runs; what ran goes on", "构建并加载成功，但与正在运行的不兼容；原来的版本继续运行";
    problem_faulted_times(fault: &str, n: u32) = "{fault} (its fault no. {n} in this session)", "{fault}（本次会话中的第 {n} 次故障）";
    problem_faulted = "faulted", "出错";
    problem_faulted_hint = "The runner was replaced, and a version that works goes on from the last snapshot of the state. Save a fix, or go back to an older version.", "运行进程已被替换，可用的版本从最近一次状态快照继续运行。请保存修复，或回退到较旧的版本。";

    open_place(place: &str) = "Open {place}", "打开 {place}";
    open_place_in(place: &str, editor: &str) = "Open {place} in {editor}", "用 {editor} 打开 {place}";
    open_place_hint(place: &str) = "Open {place} in your editor", "在你的编辑器中打开 {place}";
    next_problem = "Next problem", "下一个问题";
    next_problem_hint = "Go to the next problem; Enter opens its place in your editor", "转到下一个问题；回车键在编辑器中打开其位置";
    previous_problem = "Previous problem", "上一个问题";
    previous_problem_hint = "Go to the problem before; Enter opens its place in your editor", "转到上一个问题；回车键在编辑器中打开其位置";
    copy = "Copy", "复制";
    copy_hint = "Put it on the clipboard, as plain text", "以纯文本放入剪贴板";
    copy_problem_hint = "Copy the selected problem, as plain text", "以纯文本复制选中的问题";
    copy_problems = "Copy all problems", "复制所有问题";
    copy_problems_hint = "Put all problems that are shown on the clipboard, as plain text", "将显示的所有问题以纯文本放入剪贴板";
    copy_all = "Copy all", "全部复制";
    to_settings = "Open Settings", "打开设置";
}

impl Language {
    /// Whose problems they are; `built` is the build that a version came from.
    pub(crate) fn problems_of(self, of: ProblemsOf, built: impl Fn(VersionNumber) -> Option<Generation>) -> String {
        match of {
            ProblemsOf::Generation(Generation(number)) => self.problems_of_generation(number),
            ProblemsOf::Version(version) => match built(version) {
                Some(Generation(number)) => self.problems_of_build(number, version),
                None => self.problems_of_version(version),
            },
        }
    }

    /// How grave a problem is, in a word.
    pub(crate) fn level(self, level: Level) -> &'static str {
        match level {
            Level::Error => self.level_error(),
            Level::Warning => self.level_warning(),
            Level::Note => self.level_note(),
        }
    }

    /// What happened to what was built, where the compiler has nothing to say about it.
    pub(crate) fn problem_kind(self, kind: &ProblemKind) -> Option<(&'static str, &'static str)> {
        match kind {
            ProblemKind::Compiler => None,
            ProblemKind::NotLoaded => Some((self.problem_not_loaded(), self.problem_not_loaded_hint())),
            ProblemKind::Refused(_) => Some((self.problem_refused(), self.problem_refused_hint())),
            ProblemKind::Faulted { .. } => Some((self.problem_faulted(), self.problem_faulted_hint())),
        }
    }

    /// The whole text of a problem, perhaps with ANSI colours.
    pub(crate) fn problem_text<'a>(self, problem: &'a Problem) -> Cow<'a, str> {
        match &problem.kind {
            ProblemKind::Refused(verdict) => self.reason(verdict).into(),
            ProblemKind::Faulted { times } if *times > 1 => {
                self.problem_faulted_times(&problem.rendered, *times).into()
            }
            ProblemKind::Compiler | ProblemKind::NotLoaded | ProblemKind::Faulted { .. } => (&*problem.rendered).into(),
        }
    }

    /// A problem in one line.
    pub(crate) fn problem_title(self, problem: &Problem) -> String {
        match &problem.kind {
            ProblemKind::Compiler | ProblemKind::NotLoaded => problem.title.clone(),
            ProblemKind::Refused(_) | ProblemKind::Faulted { .. } => {
                self.problem_text(problem).lines().next().unwrap_or_default().to_owned()
            }
        }
    }

    /// The whole text of a problem without colours.
    pub(crate) fn problem_plain(self, problem: &Problem) -> String {
        strip_ansi(&self.problem_text(problem))
    }
}
