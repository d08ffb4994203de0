//! What a new version changes of what can be called. Pure.

use super::clause::Clause;
use crate::load::ExportRecord;

/// What a new version's exports change, to be added to a verdict.
pub(super) fn export_changes(old: &[ExportRecord], new: &[ExportRecord]) -> Vec<Clause> {
    let mut changes = Vec::new();
    for after in new {
        let signature = after.signature.clone();
        match old.iter().find(|before| before.name == after.name) {
            Some(before) if before.same_types(after) => {}
            Some(before) if before.signature == signature => changes.push(Clause::ExportLayout { signature }),
            Some(before) => {
                changes.push(Clause::ExportChanged { before: before.signature.clone(), after: signature });
            }
            None => changes.push(Clause::ExportNew { signature }),
        }
    }
    let gone = old.iter().filter(|before| new.iter().all(|after| after.name != before.name));
    changes.extend(gone.map(|before| Clause::ExportGone { signature: before.signature.clone() }));
    changes
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
            (&[export("a", "fn a() -> T", 2)], "a type of `fn a() -> T` has another size or layout"),
            (&[export("a", "fn a() -> U", 2)], "`fn a() -> T` is now `fn a() -> U`"),
            (&[export("b", "fn b()", 1)], "new: `fn b()`; gone: `fn a() -> T`"),
        ] {
            assert_eq!(super::super::clause::text(&export_changes(&old, new), None), text);
        }
    }
}
