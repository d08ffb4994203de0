//! Stages, and what they cost.

use super::Language;
use crate::model::advice::{Advice, Remedy};
use crate::model::timeline::{Phase, Stage};
use crate::model::words;

super::texts! {
    bar_scale(axis: &str) = "The whole width stands for {axis}", "整条宽度代表 {axis}";
    bar_cut(axis: &str, took: &str) = "The bar is cut where it breaks: the whole width stands for {axis}, and this took {took}", "色条在断开处截断：整条宽度代表 {axis}，而本次用了 {took}";
    stage_watch = "watch", "监视";
    stage_watch_hint = "from the first file notice to the compiler's start", "从首个文件通知到编译开始";
    stage_lock = "lock", "等锁";
    stage_lock_hint = "waiting for a lock on cargo's folders", "等待 cargo 目录的锁";
    stage_build = "build", "构建";
    stage_build_hint = "the run of cargo, or of rustc without it", "cargo 运行，或不经 cargo 直接运行 rustc";
    stage_stage = "stage", "暂存";
    stage_stage_hint = "the artifact gets a place of its own and is looked at", "为构建产物分配独立位置并检查";
    stage_verify = "verify", "校验";
    stage_verify_hint = "opened beside the active version and checked", "在当前版本旁打开并检查";
    stage_swap = "swap", "切换";
    stage_swap_hint = "state carried over, switched", "转移状态并切换";
    stage_probation = "first answer", "首次应答";
    stage_probation_hint = "the pinned calls on the new version: its probation", "在新版本上执行固定调用：试用";
    stages_title = "From the save to the first answer", "从保存到首次应答";
    stage_total = "total", "合计";

    phase_front_end = "front end", "前端";
    phase_front_end_hint = "the compiler's work on the source: parsing, macros, names, types", "编译器对源码的处理：解析、宏、名称、类型";
    phase_generation = "generation", "代码生成";
    phase_generation_hint = "machine code is made", "生成机器码";
    phase_link = "link", "链接";
    phase_link_hint = "the linker puts the library together", "链接器组装动态库";
    phase_rest = "rest", "其余";
    phase_rest_hint = "mostly the crate's dependency graph, written back for the next time", "主要是写回 crate 的依赖图，供下次使用";

    advice_split(median: &str, percent: u64) = "Replays take {median}, and {percent} % of it grows with the crate, not with the edit. Move what you do not edit into a library crate: exuvia new --split writes an example, docs/fast-guests.md says more", "重放耗时 {median}，其中 {percent}% 取决于整个 crate 的大小，而非所做的修改。把不修改的代码移到库 crate：exuvia new --split 会生成示例，详见 docs/fast-guests.md";
    advice_base(median: &str, percent: u64) = "Replays take {median}, {percent} % of it in the linker. Have what the guest depends on linked only once: base-library = true in [package.metadata.exuvia]; docs/fast-guests.md says what it costs", "重放耗时 {median}，其中 {percent}% 花在链接器。可让依赖只链接一次：在 [package.metadata.exuvia] 中设置 base-library = true；代价见 docs/fast-guests.md";
    advice_less_code(median: &str, percent: u64) = "Replays take {median}, {percent} % of it in making machine code. A lower opt-level, debug = \"line-tables-only\" in the profile, or fewer generics in what you edit make less of it; docs/fast-guests.md says more", "重放耗时 {median}，其中 {percent}% 花在生成机器码。降低 opt-level、在 profile 中设置 debug = \"line-tables-only\"，或减少所编辑代码中的泛型，可减少生成量；详见 docs/fast-guests.md";

    timeline_saves(median: &str, slow: &str, counted: &str) = "save to running: median {median}, {slow} ({counted})", "保存到运行：中位数 {median}，{slow}（{counted}）";
    timeline_own(median: &str, slow: &str, counted: &str) = "Exuvia's own share: median {median}, {slow} ({counted})", "Exuvia 自身耗时：中位数 {median}，{slow}（{counted}）";
    timeline_slowest(slowest: &str) = "slowest {slowest}", "最慢 {slowest}";
    timeline_p95(p95: &str) = "p95 {p95}", "p95 耗时 {p95}";
    timeline_saves_hint(few: usize) = "Every build is counted that a save started and that came to run, also those that faulted later. From {few} on, p95 is told: 95 of 100 took no longer. Cut bars are longer than the axis", "统计由保存触发并最终运行的每次构建，包括后来出错的。达到 {few} 次起显示 p95：100 次中有 95 次不超过它。被截断的条形超出坐标轴";
    timeline_no_saves = "No saved change has run yet", "尚无已运行的保存更改";
    one_save = "1 save", "1 次保存";
    several_saves(n: usize) = "{n} saves", "{n} 次保存";
    timeline_without_build = "without build", "不含构建";
    timeline_without_build_hint = "Leave cargo's run and its locks out, to see Exuvia's own share", "不计 cargo 的运行和等锁，只看 Exuvia 自身的耗时";
    timeline_none = "No attempt yet", "尚无构建";
    timeline_none_how = "Save a file of the guest, or build now. Each attempt appears here as a bar of its stages: where the time went, from the save to the first answer.", "保存客体的文件，或立即构建。每次构建在此显示为一个分阶段的条形：从保存到首次应答，时间花在哪里。";
    timeline_refused = "refused", "被拒绝";
    timeline_unmeasured = "no time measured", "未测得耗时";
}

impl Language {
    /// How many saves.
    pub(crate) fn saves(self, n: usize) -> String {
        if n == 1 { self.one_save().to_owned() } else { self.several_saves(n) }
    }

    /// What would make reloads quicker.
    pub(crate) fn advice(self, advice: Advice) -> String {
        let (median, percent) = (words::duration(advice.median), advice.percent);
        match advice.remedy {
            Remedy::Split => self.advice_split(&median, percent),
            Remedy::BaseLibrary => self.advice_base(&median, percent),
            Remedy::LessCode => self.advice_less_code(&median, percent),
        }
    }

    /// A phase's name.
    pub(crate) fn phase(self, phase: Phase) -> &'static str {
        match phase {
            Phase::FrontEnd => self.phase_front_end(),
            Phase::Generation => self.phase_generation(),
            Phase::Link => self.phase_link(),
            Phase::Rest => self.phase_rest(),
        }
    }

    /// What is done in a phase.
    pub(crate) fn phase_hint(self, phase: Phase) -> &'static str {
        match phase {
            Phase::FrontEnd => self.phase_front_end_hint(),
            Phase::Generation => self.phase_generation_hint(),
            Phase::Link => self.phase_link_hint(),
            Phase::Rest => self.phase_rest_hint(),
        }
    }

    /// A stage's name.
    pub(crate) fn stage(self, stage: Stage) -> &'static str {
        match stage {
            Stage::Watch => self.stage_watch(),
            Stage::Lock => self.stage_lock(),
            Stage::Build => self.stage_build(),
            Stage::Stage => self.stage_stage(),
            Stage::Verify => self.stage_verify(),
            Stage::Swap => self.stage_swap(),
            Stage::Probation => self.stage_probation(),
        }
    }

    /// What is done in a stage.
    pub(crate) fn stage_hint(self, stage: Stage) -> &'static str {
        match stage {
            Stage::Watch => self.stage_watch_hint(),
            Stage::Lock => self.stage_lock_hint(),
            Stage::Build => self.stage_build_hint(),
            Stage::Stage => self.stage_stage_hint(),
            Stage::Verify => self.stage_verify_hint(),
            Stage::Swap => self.stage_swap_hint(),
            Stage::Probation => self.stage_probation_hint(),
        }
    }
}
