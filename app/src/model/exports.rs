//! What differs between the exports of two versions. Pure.

use exuvia_runtime::load::ExportRecord;

/// What became of an export.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ExportChange<'a> {
    /// Only the newer version has it.
    Added(&'a ExportRecord),
    /// Only the older version has it.
    Removed(&'a ExportRecord),
    /// Both have it, with other types, or other access to the state.
    Changed {
        /// In the older version.
        old: &'a ExportRecord,
        /// In the newer version.
        new: &'a ExportRecord,
    },
}

/// What differs, in the order of the newer version; what is gone comes last.
#[must_use]
pub fn changes<'a>(old: &'a [ExportRecord], new: &'a [ExportRecord]) -> Vec<ExportChange<'a>> {
    let find = |exports: &'a [ExportRecord], name: &str| exports.iter().find(|export| export.name == name);
    let of_new = |new: &'a ExportRecord| match find(old, &new.name) {
        None => Some(ExportChange::Added(new)),
        Some(old) if old.same_types(new) && old.signature == new.signature && old.state == new.state => None,
        Some(old) => Some(ExportChange::Changed { old, new }),
    };
    let gone = old.iter().filter(|old| find(new, &old.name).is_none()).map(ExportChange::Removed);
    new.iter().filter_map(of_new).chain(gone).collect()
}

/// The canonical signature: full type names, with size and alignment in bytes.
#[must_use]
pub fn canonical(export: &ExportRecord) -> String {
    let parameters: Vec<_> =
        export.parameters.iter().map(|parameter| format!("{}: {}", parameter.name, parameter.ty)).collect();
    format!("{}({}) -> {}", export.name, parameters.join(", "), export.returns)
}

#[cfg(test)]
mod tests {
    use exuvia_runtime::load::StateAccess;

    use super::*;
    use crate::model::samples::export;

    #[test]
    fn added_removed_and_changed_exports_are_told_apart() {
        let named = |name: &str| ExportRecord { name: name.to_owned(), ..export() };
        let mut sized = export();
        sized.returns.size = 32;
        let written = ExportRecord { signature: "fn greet(who: &str) -> String".to_owned(), ..export() };
        let stateful = ExportRecord { state: StateAccess::Reads, ..export() };
        for (old, new, expected) in [
            (vec![export()], vec![export()], ""),
            (vec![], vec![export()], "+greet"),
            (vec![export(), named("b")], vec![named("c"), export()], "+c -b"),
            (vec![export()], vec![sized], "~greet"),
            (vec![export()], vec![written], "~greet"),
            (vec![export()], vec![stateful], "~greet"),
        ] {
            let words: Vec<_> = changes(&old, &new)
                .iter()
                .map(|change| match change {
                    ExportChange::Added(export) => format!("+{}", export.name),
                    ExportChange::Removed(export) => format!("-{}", export.name),
                    ExportChange::Changed { new, .. } => format!("~{}", new.name),
                })
                .collect();
            assert_eq!(words.join(" "), expected);
        }
    }

    #[test]
    fn a_canonical_signature_has_sizes() {
        assert_eq!(
            canonical(&export()),
            "greet(name: &str (16 bytes, align 8)) -> alloc::string::String (24 bytes, align 8)"
        );
    }
}
