//! Whether a library says of itself that it is never to be unloaded. Its headers are read, nothing is
//! opened.

use std::fs::File;
use std::path::Path;

use object::elf::{DF_1_NODELETE, DT_FLAGS_1, DT_NEEDED, STB_GNU_UNIQUE};
use object::read::ReadCache;
use object::read::elf::{Dyn, FileHeader, Sym};
use object::{Endianness, elf};

/// Why a library stays in memory after it was closed, where its file says so. `None`: it does not, or
/// this is no file whose words about that are known.
pub fn pinned(path: &Path) -> Option<String> {
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
        return Some(if needed.any(|library| library.starts_with(b"/")) {
            "it is linked against the base library, whose statics outlive it and may point into it".to_owned()
        } else {
            "it is linked never to be unloaded (nodelete)".to_owned()
        });
    }
    let symbols = sections.symbols(endian, &data, elf::SHT_DYNSYM).ok()?;
    let unique = symbols.iter().find(|symbol| symbol.st_bind() == STB_GNU_UNIQUE && !symbol.is_undefined(endian))?;
    let name = unique.name(endian, symbols.strings()).unwrap_or_default();
    let name = String::from_utf8_lossy(name).into_owned();
    Some(format!("it has the unique symbol {name}, as C++ code has; the loader never unloads such a library"))
}
