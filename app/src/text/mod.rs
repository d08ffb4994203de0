//! Everything that the window says, in English and in 简体中文, side by side: one row a text, so
//! that neither language can miss one.
//!
//! A file a part of the window. What compilers, guests, the system and the engine's messages say is shown
//! as it was said. The command line speaks English only.

mod actions;
mod build_path;
mod calls;
mod editor;
mod experiment;
mod figure;
mod inspect;
mod log;
mod output;
mod problems;
mod settings;
mod shell;
mod status;
mod timeline;
mod times;
mod toasts;
mod verdict;
mod versions;
mod welcome;

/// A language that the window speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// 简体中文.
    Chinese,
}

impl Language {
    /// The language of the window's texts at this place; set for each frame by the app.
    pub(crate) fn at(ui: &eframe::egui::Ui) -> Self {
        Self::of(ui.ctx())
    }

    /// The language of a context.
    pub(crate) fn of(ctx: &eframe::egui::Context) -> Self {
        ctx.data(|data| data.get_temp(eframe::egui::Id::NULL)).unwrap_or_default()
    }

    /// Its own name, which everybody who reads it knows.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    /// What [`Language::at`] gives from now on.
    pub(crate) fn install(self, ctx: &eframe::egui::Context) {
        ctx.data_mut(|data| data.insert_temp(eframe::egui::Id::NULL, self));
    }
}

/// A row: its name and the text in each language, with `{placeholders}`.
#[cfg(test)]
pub(crate) type Row = (&'static str, &'static str, &'static str);

/// Makes a method of [`Language`] for each row: `name = "English", "中文";` gives a `&'static str`,
/// `name(count: usize) = "{count} files", "{count} 个文件";` gives a `String`.
macro_rules! texts {
    ($($(#[$meta:meta])* $name:ident $(($($arg:ident: $ty:ty),+))? = $english:literal, $chinese:literal;)*) => {
        impl $crate::text::Language {
            $($crate::text::texts!(@method $(#[$meta])* $name $(($($arg: $ty),+))?, $english, $chinese);)*
        }
        /// The rows, for the test that looks at all of them.
        #[cfg(test)]
        pub(super) const ROWS: &[$crate::text::Row] = &[$((stringify!($name), $english, $chinese)),*];
    };
    (@method $(#[$meta:meta])* $name:ident, $english:literal, $chinese:literal) => {
        $(#[$meta])*
        pub(crate) fn $name(self) -> &'static str {
            match self {
                Self::English => $english,
                Self::Chinese => $chinese,
            }
        }
    };
    (@method $(#[$meta:meta])* $name:ident($($arg:ident: $ty:ty),+), $english:literal, $chinese:literal) => {
        $(#[$meta])*
        pub(crate) fn $name(self, $($arg: $ty),+) -> String {
            match self {
                Self::English => format!($english),
                Self::Chinese => format!($chinese),
            }
        }
    };
}
pub(crate) use texts;

#[cfg(test)]
mod tests {
    use super::*;

    /// The same in both languages: names, and words that Chinese programmers say in English.
    const SAME: &[&str] = &["unit_mib"];

    fn rows() -> impl Iterator<Item = &'static Row> {
        [
            actions::ROWS,
            build_path::ROWS,
            calls::ROWS,
            editor::ROWS,
            experiment::ROWS,
            figure::ROWS,
            inspect::ROWS,
            log::ROWS,
            output::ROWS,
            problems::ROWS,
            settings::ROWS,
            shell::ROWS,
            status::ROWS,
            timeline::ROWS,
            times::ROWS,
            toasts::ROWS,
            verdict::ROWS,
            versions::ROWS,
            welcome::ROWS,
        ]
        .into_iter()
        .flatten()
    }

    fn placeholders(text: &str) -> Vec<&str> {
        let mut names: Vec<_> = text.split('{').skip(1).filter_map(|rest| rest.split(['}', ':']).next()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_text_is_there_in_both_languages() {
        for (name, english, chinese) in rows() {
            assert!(!english.trim().is_empty() && !chinese.trim().is_empty(), "{name}");
            let is_chinese = chinese.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            // What only puts other texts together has no words of its own.
            let has_words = english.split('{').any(|part| {
                part.split_once('}').map_or(part, |(_, rest)| rest).contains(|c: char| c.is_ascii_alphabetic())
            });
            assert!(is_chinese || !has_words || SAME.contains(name), "{name}: {chinese}");
            // Whoever cannot read English must find their own language.
            let is_english = !english.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert_eq!(is_english, *name != "switch_language", "{name}: {english}");
            assert_eq!(placeholders(english), placeholders(chinese), "{name}");
        }
    }

    #[test]
    fn no_name_is_used_twice() {
        let mut names: Vec<_> = rows().map(|(name, ..)| *name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
