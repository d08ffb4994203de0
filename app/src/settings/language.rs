//! The language of the window: what the user chose, or what the system speaks.

use crate::text::Language;

/// The user's choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LanguageChoice {
    /// As the system has it, as far as we speak it.
    #[default]
    System,
    /// English.
    English,
    /// Chinese.
    Chinese,
}

impl LanguageChoice {
    /// The language that a choice comes to, where the system's locale is `locale`.
    #[must_use]
    pub fn language(self, locale: Option<&str>) -> Language {
        match self {
            Self::English => Language::English,
            Self::Chinese => Language::Chinese,
            Self::System => {
                let tag = locale.and_then(|locale| locale.split(['-', '_', '.', '@']).next()).unwrap_or_default();
                // Simplified characters are nearer to a reader of traditional ones than English is.
                if tag.eq_ignore_ascii_case("zh") { Language::Chinese } else { Language::English }
            }
        }
    }
}

/// The system's locale, such as `zh-CN`. Looks at the environment, and on some platforms asks the
/// system.
#[must_use]
pub fn system_locale() -> Option<String> {
    sys_locale::get_locale()
}
