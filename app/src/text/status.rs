//! The status in words. In English these are the engine's own words, which a test compares.

use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::status::{Phase, Running, SourceState, Status, Tone};

use super::Language;

super::texts! {
    status_opening = "opening", "正在打开";
    status_nothing_loaded = "nothing loaded yet", "尚未加载任何版本";
    status_still(version: VersionNumber) = "still running {version}", "仍在运行 {version}";
    status_building_on(version: VersionNumber) = "building, running {version}", "正在构建，运行中：{version}";
    status_building = "building, nothing loaded yet", "正在构建，尚未加载任何版本";
    status_activating_on(version: VersionNumber) = "activating, running {version}", "正在激活，运行中：{version}";
    status_activating = "activating", "正在激活";
    status_build_failed(still: &str) = "build failed, {still}", "构建失败，{still}";
    status_load_failed(still: &str) = "load failed, {still}", "加载失败，{still}";
    status_refused(version: VersionNumber, still: &str) = "{version} refused, {still}", "{version} 被拒绝，{still}";
    status_faulted_again(version: VersionNumber) = "{version} faulted, started again", "{version} 出错，已重新启动";
    status_faulted_back(version: VersionNumber, back: VersionNumber) = "{back} runs; {version} faulted", "{back} 运行中；{version} 出错";
    status_faulted(version: VersionNumber) = "{version} faulted, nothing is running", "{version} 出错，没有版本在运行";
    status_stopped(reason: &str) = "stopped: {reason}", "已停止：{reason}";
    status_same(version: VersionNumber) = "running {version} = saved source", "运行中：{version} = 已保存的源码";
    status_at(version: VersionNumber, at: VersionNumber) = "running {version}, source is at {at}", "运行中：{version}，源码为 {at}";
    status_one_changed(version: VersionNumber) = "running {version}, 1 file changed since", "运行中：{version}，此后有 1 个文件更改";
    status_changed(version: VersionNumber, n: usize) = "running {version}, {n} files changed since", "运行中：{version}，此后有 {n} 个文件更改";
    status_no_guest = "no guest is open", "没有打开的客体";
    status_ended = "the session has ended", "会话已结束";
    meaning_good = "What is saved runs.", "正在运行的就是已保存的代码。";
    meaning_busy = "Something is going on.", "正在处理。";
    meaning_attention = "What runs is not what is saved, or it goes on after a fault.", "正在运行的不是已保存的代码，或是出错后继续运行的版本。";
    meaning_bad = "Something failed; see Problems and Log below.", "出现失败；请看下方的“问题”和“日志”。";
}

impl Language {
    /// The status, as the pill and the window's title show it.
    pub(crate) fn status(self, status: &Status) -> String {
        let running = status.running.as_ref().map(|running| running.version);
        let still = || running.map_or(self.status_nothing_loaded().to_owned(), |version| self.status_still(version));
        match &status.phase {
            Phase::Opening => self.status_opening().to_owned(),
            Phase::Building { .. } => {
                running.map_or(self.status_building().to_owned(), |version| self.status_building_on(version))
            }
            Phase::Activating => {
                running.map_or(self.status_activating().to_owned(), |version| self.status_activating_on(version))
            }
            Phase::BuildFailed => self.status_build_failed(&still()),
            Phase::LoadFailed => self.status_load_failed(&still()),
            Phase::Refused { refused } => self.status_refused(*refused, &still()),
            Phase::Faulted { faulted } => match running {
                Some(version) if version == *faulted => self.status_faulted_again(*faulted),
                Some(version) => self.status_faulted_back(*faulted, version),
                None => self.status_faulted(*faulted),
            },
            Phase::Stopped { reason } => self.status_stopped(reason),
            Phase::Idle => match &status.running {
                None => self.status_nothing_loaded().to_owned(),
                Some(Running { version, source }) => match source {
                    SourceState::Same => self.status_same(*version),
                    SourceState::At { at } => self.status_at(*version, *at),
                    SourceState::Changed { files } if files.len() == 1 => self.status_one_changed(*version),
                    SourceState::Changed { files } => self.status_changed(*version, files.len()),
                },
            },
        }
    }

    /// What the status's colour means.
    pub(crate) fn meaning(self, tone: Tone) -> &'static str {
        match tone {
            Tone::Good => self.meaning_good(),
            Tone::Busy => self.meaning_busy(),
            Tone::Attention => self.meaning_attention(),
            Tone::Bad => self.meaning_bad(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exuvia_runtime::ids::Generation;

    #[test]
    fn english_is_the_engines() {
        let (v1, v2) = (VersionNumber(1), VersionNumber(2));
        let sources = [
            SourceState::Same,
            SourceState::At { at: v2 },
            SourceState::Changed { files: vec!["a".into()] },
            SourceState::Changed { files: vec!["a".into(), "b".into()] },
        ];
        let running = sources.into_iter().map(|source| Some(Running { version: v1, source })).chain([None]);
        for running in running {
            for phase in [
                Phase::Idle,
                Phase::Opening,
                Phase::Building { generation: Generation(3) },
                Phase::Activating,
                Phase::BuildFailed,
                Phase::LoadFailed,
                Phase::Refused { refused: v2 },
                Phase::Faulted { faulted: v2 },
                Phase::Faulted { faulted: v1 },
                Phase::Stopped { reason: "too many faults".to_owned() },
            ] {
                let status = Status { phase, running: running.clone() };
                assert_eq!(Language::English.status(&status), status.text());
            }
        }
    }
}
