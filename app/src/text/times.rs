//! Ages and counts.

use exuvia_runtime::ids::Timestamp;

use super::Language;
use crate::model::{moment, words};

super::texts! {
    age_now = "just now", "刚刚";
    age_minutes(n: u64) = "{n} min ago", "{n} 分钟前";
    age_hours(n: u64) = "{n} h ago", "{n} 小时前";
    age_days(n: u64) = "{n} d ago", "{n} 天前";
    one_file = "1 file", "1 个文件";
    several_files(n: usize) = "{n} files", "{n} 个文件";
    one_error = "1 error", "1 个错误";
    several_errors(n: usize) = "{n} errors", "{n} 个错误";
    one_warning = "1 warning", "1 个警告";
    several_warnings(n: usize) = "{n} warnings", "{n} 个警告";
    one_thread = "1 thread", "1 个线程";
    several_threads(n: usize) = "{n} threads", "{n} 个线程";
    one_line = "1 line", "1 行";
    several_lines(n: usize) = "{n} lines", "{n} 行";
    one_version = "1 version", "1 个版本";
    several_versions(n: usize) = "{n} versions", "{n} 个版本";
}

/// Makes `files(n)` from `one_file` and `several_files(n)`.
macro_rules! counts {
    ($($name:ident: $one:ident, $several:ident;)*) => {
        impl Language {
            $(pub(crate) fn $name(self, n: usize) -> String {
                if n == 1 { self.$one().to_owned() } else { self.$several(n) }
            })*
        }
    };
}

counts! {
    files: one_file, several_files;
    errors: one_error, several_errors;
    warnings: one_warning, several_warnings;
    threads: one_thread, several_threads;
    lines: one_line, several_lines;
    versions: one_version, several_versions;
}

impl Language {
    /// How long ago something was. A time to come (the clock was set back) counts as now.
    pub(crate) fn age(self, then: Timestamp, now: Timestamp) -> String {
        match words::past(then, now) {
            words::Past::Now => self.age_now().to_owned(),
            words::Past::Minutes(n) => self.age_minutes(n),
            words::Past::Hours(n) => self.age_hours(n),
            words::Past::Days(n) => self.age_days(n),
            words::Past::At(then) => moment::short(then),
        }
    }
}
