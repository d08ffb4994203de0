//! Why a library stays in memory after it was closed, as far as its file tells: it may say itself that it is
//! never to be unloaded, and what it takes from others leaves only some other reasons. Its headers are
//! read, nothing is opened.

use std::fs::File;
use std::path::Path;

use object::elf::{DF_1_NODELETE, DT_FLAGS_1, DT_NEEDED, STB_GNU_UNIQUE};
use object::read::ReadCache;
use object::read::elf::{Dyn, FileHeader, Sym};
use object::{Endianness, elf};

/// Functions by which a library can be opened once more, and so outlive that it was closed: dlopen(3).
const OPENING: [&[u8]; 2] = [b"dlopen", b"dlmopen"];

/// By which destructors of thread-locals are registered. As long as one is pending the loader keeps the library:
/// glibc's `cxa_thread_atexit_impl.c`.
const AT_THREAD_EXIT: &[u8] = b"__cxa_thread_atexit_impl";

/// Why a version stays in memory that was linked against a base library: as it should.
pub const ON_BASE: &str = "it is linked against the base library, whose statics outlive it and may point into it";

/// Why a library stays in memory after it was closed, where its file tells. `None`: it does not, or
/// this is no file whose words about that are known.
pub fn pinned(path: &Path) -> Option<String> {
    told(path).map(|(why, _)| why)
}

/// Whether the file says that the library is never to be unloaded.
pub fn is_for_good(path: &Path) -> bool {
    told(path).is_some_and(|(_, is_for_good)| is_for_good)
}

/// Why it stays, and whether that is for good.
fn told(path: &Path) -> Option<(String, bool)> {
    let data = ReadCache::new(File::open(path).ok()?);
    let header = elf::FileHeader64::<Endianness>::parse(&data).ok()?;
    let endian = header.endian().ok()?;
    let sections = header.sections(endian, &data).ok()?;
    let dynamic = sections.dynamic(endian, &data).ok()??.0;
    let is_nodelete =
        |entry: &elf::Dyn64<Endianness>| entry.tag(endian) == DT_FLAGS_1 && entry.val(endian) & DF_1_NODELETE.0 != 0;
    if dynamic.iter().any(is_nodelete) {
        let strings = sections.dynamic(endian, &data).ok()??.1;
        let strings = sections.strings(endian, &data, strings).unwrap_or_default();
        let needed = dynamic.iter().filter(|entry| entry.tag(endian) == DT_NEEDED);
        let mut needed = needed.filter_map(|entry| entry.string(endian, strings).ok());
        // Only a base library is named by its whole path.
        let is_on_base = needed.any(|library| library.starts_with(b"/"));
        let why = if is_on_base { ON_BASE } else { "it is linked never to be unloaded (nodelete)" };
        return Some((why.to_owned(), true));
    }
    let symbols = sections.symbols(endian, &data, elf::SHT_DYNSYM).ok()?;
    let unique = symbols.iter().find(|symbol| symbol.st_bind() == STB_GNU_UNIQUE && !symbol.is_undefined(endian));
    if let Some(unique) = unique {
        let name = unique.name(endian, symbols.strings()).unwrap_or_default();
        let name = String::from_utf8_lossy(name);
        let why = format!("it has the unique symbol {name}, as C++ code has; the loader never unloads such a library");
        return Some((why, true));
    }
    let asked = symbols.iter().filter(|symbol| symbol.is_undefined(endian));
    let names: Vec<&[u8]> = asked.filter_map(|symbol| symbol.name(endian, symbols.strings()).ok()).collect();
    pending(&names).map(|why| (why.to_owned(), false))
}

/// What is left once it is known that none of its threads is alive, by the names of the functions that it takes
/// from others.
fn pending(names: &[&[u8]]) -> Option<&'static str> {
    let can_open_itself = OPENING.iter().any(|name| names.contains(name));
    (!can_open_itself && names.contains(&AT_THREAD_EXIT)).then_some(
        "probably a destructor of a thread-local is pending on a thread that is not known as its own: it can have such destructors, and cannot have opened itself",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destructor_is_what_is_left_where_nothing_can_have_opened_it() {
        let atexit = AT_THREAD_EXIT;
        for (names, is_pending) in [
            (&[atexit, b"malloc"][..], true),
            (&[atexit, b"dlopen"], false),
            (&[b"dlmopen", atexit], false),
            (&[b"malloc"], false),
            (&[], false),
        ] {
            assert_eq!(pending(names).is_some(), is_pending, "{names:?}");
        }
    }
}
