//! What a new version changes of what can be called. Pure.

use crate::load::ExportRecord;

/// What a new version's exports change, as clauses to append to a verdict's reason.
pub(super) fn export_changes(old: &[ExportRecord], new: &[ExportRecord]) -> String {
    let mut text = String::new();
    for after in new {
        match old.iter().find(|before| before.name == after.name) {
            Some(before) if before.same_types(after) => {}
            Some(before) if before.signature == after.signature => {
                text.push_str(&format!("; a type of `{}` has another size or layout", after.signature));
            }
            Some(before) => text.push_str(&format!("; `{}` is now `{}`", before.signature, after.signature)),
            None => text.push_str(&format!("; new: `{}`", after.signature)),
        }
    }
    for before in old.iter().filter(|before| new.iter().all(|after| after.name != before.name)) {
        text.push_str(&format!("; gone: `{}`", before.signature));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{StateAccess, TypeRecord};

    fn export(name: &str, signature: &str, size: u64) -> ExportRecord {
        ExportRecord {
            name: name.to_owned(),
            docs: String::new(),
            signature: signature.to_owned(),
            parameters: Vec::new(),
            returns: TypeRecord { name: "T".to_owned(), size, align: 1 },
            state: StateAccess::None,
        }
    }

    #[test]
    fn changed_exports_are_named() {
        let old = [export("a", "fn a() -> T", 1)];
        for (new, text) in [
            (&[export("a", "fn a() -> T", 1)][..], ""),
            (&[export("a", "fn a() -> T", 2)], "; a type of `fn a() -> T` has another size or layout"),
            (&[export("a", "fn a() -> U", 2)], "; `fn a() -> T` is now `fn a() -> U`"),
            (&[export("b", "fn b()", 1)], "; new: `fn b()`; gone: `fn a() -> T`"),
        ] {
            assert_eq!(export_changes(&old, new), text);
        }
    }
}
