//! Lines of source behind addresses, from a library's debug information. The file is read, never
//! opened as a library.

use std::path::Path;

use addr2line::Context;
use addr2line::gimli::{self, Dwarf, EndianSlice, RunTimeEndian, SectionId};
use object::{Object, ObjectSection};

/// A place in the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// As the compiler was told.
    pub file: String,
    /// From 1.
    pub line: u32,
}

/// What stands at these addresses, counted from the library's start; for each, the innermost of functions
/// that were inlined there first. `None`: there is no such file, or nothing to be known of it.
pub(super) fn lines(library: &Path, addresses: &[u64]) -> Option<Vec<Vec<Line>>> {
    let bytes = std::fs::read(library).ok()?;
    let file = object::File::parse(bytes.as_slice()).ok()?;
    let endian = if file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big };
    let section = |id: SectionId| {
        let data = file.section_by_name(id.name()).and_then(|section| section.data().ok());
        Ok::<_, gimli::Error>(EndianSlice::new(data.unwrap_or_default(), endian))
    };
    let context = Context::from_dwarf(Dwarf::load(section).ok()?).ok()?;
    Some(addresses.iter().map(|address| lines_at(&context, *address)).collect())
}

fn lines_at(context: &Context<EndianSlice<'_, RunTimeEndian>>, address: u64) -> Vec<Line> {
    let mut lines = Vec::new();
    let Ok(mut frames) = context.find_frames(address).skip_all_loads() else { return lines };
    while let Ok(Some(frame)) = frames.next() {
        if let Some((file, line)) = frame.location.and_then(|location| Some((location.file?, location.line?))) {
            lines.push(Line { file: file.to_owned(), line });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_test_finds_its_own_lines_and_text_has_none() {
        let program = std::env::current_exe().unwrap();
        // The table of functions has what nobody need compute: an address of ours.
        let bytes = std::fs::read(&program).unwrap();
        let file = object::File::parse(bytes.as_slice()).unwrap();
        let own = file.symbols().find(|symbol| {
            object::ObjectSymbol::name(symbol).is_ok_and(|name| name.contains("finds_its_own_lines_and_text_has_none"))
        });
        let own = object::ObjectSymbol::address(&own.expect("this function"));
        let found = lines(&program, &[own, 1 << 50]).expect("the test has debug information");
        assert!(found[0].iter().any(|line| line.file.ends_with("runner/lines.rs") && line.line > 40), "{found:?}");
        assert_eq!(found[1], []);
        assert_eq!(lines(Path::new("/dev/null"), &[0]), None);
    }
}
