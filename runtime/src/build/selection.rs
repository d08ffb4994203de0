//! What the user chose to build, and how it reads on cargo's command line.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Package, features and profile, as cargo's options of the same names have them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// `--package`
    pub package: Option<String>,
    /// `--features`
    pub features: Vec<String>,
    /// `--all-features`
    pub all_features: bool,
    /// `--no-default-features`
    pub no_default_features: bool,
    /// `--profile`; `--release` is the profile `release`.
    pub profile: Option<String>,
}

impl Selection {
    /// Cargo's options for features (the ones that `cargo metadata` knows, too).
    #[must_use]
    pub fn feature_options(&self) -> Vec<String> {
        let mut options = Vec::new();
        if !self.features.is_empty() {
            options.push(format!("--features={}", self.features.join(",")));
        }
        if self.all_features {
            options.push("--all-features".to_owned());
        }
        if self.no_default_features {
            options.push("--no-default-features".to_owned());
        }
        options
    }

    /// Cargo's options for features and profile.
    #[must_use]
    pub fn options(&self) -> Vec<String> {
        let mut options = self.feature_options();
        if let Some(profile) = &self.profile {
            options.push(format!("--profile={profile}"));
        }
        options
    }
}

impl fmt::Display for Selection {
    /// The options on one line, without the package; empty when all are the defaults.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.options().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_cargos() {
        let all = Selection {
            package: Some("p".to_owned()),
            features: vec!["a".to_owned(), "b/c".to_owned()],
            all_features: true,
            no_default_features: true,
            profile: Some("release".to_owned()),
        };
        assert_eq!(all.to_string(), "--features=a,b/c --all-features --no-default-features --profile=release");
        assert_eq!(Selection::default().to_string(), "");
    }
}
