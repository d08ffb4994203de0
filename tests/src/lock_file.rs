//! Cargo's lock files, compared.

use std::collections::BTreeSet;

/// Packages of a registry that a lock file names and another does not, as `name version`.
#[must_use]
pub fn strangers(lock: &str, known: &str) -> Vec<String> {
    from_registries(lock).difference(&from_registries(known)).cloned().collect()
}

fn from_registries(lock: &str) -> BTreeSet<String> {
    let value = |block: &str, key: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
        line.and_then(|rest| rest.strip_suffix('"')).map(str::to_owned)
    };
    let named = |block: &str| {
        value(block, "source")?;
        Some(format!("{} {}", value(block, "name")?, value(block, "version")?))
    };
    lock.split("[[package]]").filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+r\"\n\n\
        [[package]]\nname = \"local\"\nversion = \"0.1.0\"\ndependencies = [\n \"a\",\n]\n";

    #[test]
    fn what_only_one_of_them_names_is_told() {
        let package = |name: &str, version: &str, source: &str| {
            format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}")
        };
        let registry = "source = \"registry+r\"\n";
        for (more, wanted) in [
            (String::new(), &[][..]),
            // The crates themselves are no news.
            (package("guest", "0.1.0", ""), &[]),
            (package("a", "1.0.1", registry), &["a 1.0.1"]),
            (package("b", "2.0.0", registry) + &package("c", "0.1.0", registry), &["b 2.0.0", "c 0.1.0"]),
        ] {
            assert_eq!(strangers(&format!("{OURS}{more}"), OURS), wanted, "{more}");
        }
    }
}
