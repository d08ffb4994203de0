//! The SDK's sources, carried inside the executable: they are not on crates.io.

/// Path below `exuvia-sdk/` and content.
macro_rules! files {
    ($($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../../reloadable/", $path)))),*]
    };
}

/// The files of the packages, under the paths that they have below `reloadable/`.
const PACKAGES: &[(&str, &str)] = files! {
    "contract/Cargo.toml"
    "contract/src/lib.rs"
    "contract/src/table.rs"
    "contract/src/wire.rs"
    "guest/Cargo.toml"
    "guest/build.rs"
    "guest/macros/Cargo.toml"
    "guest/macros/src/expand.rs"
    "guest/macros/src/lib.rs"
    "guest/macros/src/parse.rs"
    "guest/macros/src/signature.rs"
    "guest/src/codec/decode.rs"
    "guest/src/codec/encode.rs"
    "guest/src/codec/error.rs"
    "guest/src/codec/mod.rs"
    "guest/src/codec/tests.rs"
    "guest/src/codec/token.rs"
    "guest/src/export.rs"
    "guest/src/lib.rs"
    "guest/src/migrate.rs"
    "guest/src/panics.rs"
    "guest/src/salvage/inside.rs"
    "guest/src/salvage/lessons.rs"
    "guest/src/salvage/mod.rs"
    "guest/src/salvage/node.rs"
    "guest/src/salvage/place.rs"
    "guest/src/salvage/random_tests.rs"
    "guest/src/salvage/random_types.rs"
    "guest/src/salvage/report.rs"
    "guest/src/salvage/tests.rs"
    "guest/src/shim.rs"
    "guest/src/tests.rs"
};

/// What stands beside the packages: the workspace's manifest and the licences.
const WORKSPACE: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("../../../assets/template/sdk.toml")),
    ("LICENSE-APACHE", include_str!("../../../LICENSE-APACHE")),
    ("LICENSE-MIT", include_str!("../../../LICENSE-MIT")),
];

/// All files of the folder `exuvia-sdk`: path in it and content.
pub(crate) fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    WORKSPACE.iter().chain(PACKAGES).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    fn workspace() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    fn add(folder: &Path, root: &Path, found: &mut BTreeSet<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, root, found);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }

    #[test]
    fn no_file_of_the_sdk_is_left_out() {
        let root = workspace().join("reloadable");
        let mut found = BTreeSet::new();
        for package in ["contract", "guest"] {
            add(&root.join(package), &root, &mut found);
        }
        let carried: BTreeSet<PathBuf> = PACKAGES.iter().map(|(path, _)| PathBuf::from(path)).collect();
        assert_eq!(carried, found);
    }

    /// The lines of a section of a manifest, without comments.
    fn section<'a>(manifest: &'a str, head: &str) -> BTreeSet<&'a str> {
        let lines = manifest.lines().skip_while(|line| *line != head).skip(1);
        let lines = lines.take_while(|line| !line.starts_with('['));
        lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
    }

    #[test]
    fn the_sdks_workspace_says_what_this_one_says() {
        let ours = std::fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
        let theirs = WORKSPACE[0].1;
        for head in ["[workspace.package]", "[workspace.lints.rust]", "[workspace.lints.clippy]"] {
            assert!(!section(&ours, head).is_empty(), "{head}");
            assert_eq!(section(theirs, head), section(&ours, head), "{head}");
        }
        let head = "[workspace.dependencies]";
        let own = |line: &&str| line.starts_with("exuvia-");
        let registry: BTreeSet<&str> = section(theirs, head).into_iter().filter(|line| !own(line)).collect();
        assert!(registry.is_subset(&section(&ours, head)), "{registry:?}");
        let wanted: BTreeSet<&str> = PACKAGES
            .iter()
            .filter(|(path, _)| path.ends_with("Cargo.toml"))
            .flat_map(|(_, text)| {
                section(text, "[dependencies]").into_iter().chain(section(text, "[dev-dependencies]"))
            })
            .filter(|line| line.contains("workspace = true") || line.contains(".workspace"))
            .map(|line| line.split([' ', '.']).next().unwrap())
            .collect();
        let given: BTreeSet<&str> = section(theirs, head).iter().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(given, wanted);
    }
}
