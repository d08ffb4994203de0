//! By which path an artifact was built.

use exuvia_runtime::build::{BuildPath, Fallback};

use super::Language;

super::texts! {
    built_by = "Built by", "构建方式";
    path_replay(crates: &str) = "rustc replayed: {crates}", "重放 rustc：{crates}";
    path_replay_on_base(crates: &str) = "rustc replayed, on the base library: {crates}", "重放 rustc，链接到基础库：{crates}";
    path_cargo_because(why: &str) = "cargo: {why}", "由 cargo 构建：{why}";
    path_asked = "a first build, or one that was asked for", "首次构建，或由用户要求";
    path_off = "replay is off", "重放已关闭";
    path_disagreed = "replay and cargo have disagreed", "重放与 cargo 的结果曾不一致";
    path_not_recorded = "no rustc is recorded for it yet", "尚未记录 rustc 的调用";
    path_wrapper = "RUSTC_WRAPPER or cargo's configuration names a compiler wrapper", "RUSTC_WRAPPER 或 cargo 配置指定了编译器包装程序";
    path_unfinished = "cargo's last build failed or was stopped", "cargo 上次构建失败或被中止";
    path_changed(file: &str) = "{file} has changed", "{file} 已更改";
    path_build_script(file: &str) = "a build script depends on {file}", "构建脚本依赖 {file}";
    path_gone(file: &str) = "{file} is gone", "{file} 已不存在";
    path_proc_macro(name: &str) = "the proc-macro crate {name} is to be built", "需要构建过程宏 crate {name}";
    path_outside(name: &str) = "the package {name} is to be built, and lies outside the workspace", "需要构建工作区之外的包 {name}";
    path_not_listed(file: &str) = "{file} was not read by a crate of the workspace before", "工作区的 crate 此前没有读取过 {file}";
    path_environment(name: &str) = "the variable {name} has another value", "变量 {name} 的值已改变";
    path_compiler = "rustc is another one now", "rustc 已更换";
    path_newer(name: &str) = "somebody else has built {name}", "{name} 已被其他程序构建";
    path_nothing = "nothing is saved that a recorded crate was not built from", "已保存的内容与已构建的相同";
    path_rustc(message: &str) = "rustc: {message}", "rustc 报告：{message}";
}

impl Language {
    /// The path, in words; `None` where it was not written down.
    pub(crate) fn build_path(self, path: &BuildPath) -> Option<String> {
        match path {
            BuildPath::Cargo { why: None } => None,
            BuildPath::Cargo { why: Some(why) } => Some(self.path_cargo_because(&self.fallback(why))),
            BuildPath::Replay { crates, base: None } => Some(self.path_replay(&crates.join(", "))),
            BuildPath::Replay { crates, base: Some(_) } => Some(self.path_replay_on_base(&crates.join(", "))),
        }
    }

    fn fallback(self, why: &Fallback) -> String {
        let shown = |path: &std::path::Path| path.display().to_string();
        match why {
            Fallback::Asked => self.path_asked().to_owned(),
            Fallback::Off => self.path_off().to_owned(),
            Fallback::Disagreed => self.path_disagreed().to_owned(),
            Fallback::NotRecorded => self.path_not_recorded().to_owned(),
            Fallback::Wrapper => self.path_wrapper().to_owned(),
            Fallback::Unfinished => self.path_unfinished().to_owned(),
            Fallback::Manifest { path } | Fallback::Configuration { path } => self.path_changed(&shown(path)),
            Fallback::LockFile => self.path_changed("Cargo.lock"),
            Fallback::BuildScript { path } => self.path_build_script(&shown(path)),
            Fallback::Gone { path } => self.path_gone(&shown(path)),
            Fallback::ProcMacro { name } => self.path_proc_macro(name),
            Fallback::Outside { name } => self.path_outside(name),
            Fallback::NotListed { path } => self.path_not_listed(&shown(path)),
            Fallback::Environment { name } => self.path_environment(name),
            Fallback::Compiler => self.path_compiler().to_owned(),
            Fallback::Newer { name } => self.path_newer(name),
            Fallback::Nothing => self.path_nothing().to_owned(),
            Fallback::Rustc { message } => self.path_rustc(message),
        }
    }
}
