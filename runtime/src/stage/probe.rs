//! A look at a library's headers and symbols without opening it: opening runs its constructors,
//! and a cut file kills the process that maps it.

use std::fs::File;
use std::path::Path;

use exuvia_contract::ENTRY_SYMBOL;
use object::read::elf::{FileHeader, ProgramHeader, Sym};
use object::read::{NameOrOrdinal, ReadCache, ReadRef};
use object::{Architecture, Endianness, Object, ObjectKind, ObjectSegment, elf};

/// What is wrong with an artifact.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The headers make no sense.
    #[error("it is no library that this platform knows ({reason}; {bytes} bytes)")]
    Unreadable {
        /// What the reader said.
        reason: String,
        /// The file's length.
        bytes: u64,
    },
    /// Not a dynamic library.
    #[error("it is no dynamic library but {found}; set crate-type = [\"cdylib\"] under [lib] in Cargo.toml")]
    Kind {
        /// What it is.
        found: String,
    },
    /// For another processor.
    #[error(
        "it was built for {found}, this workbench runs on {expected}; take `build.target` out of the guest's cargo configuration"
    )]
    Architecture {
        /// The library's.
        found: String,
        /// Ours.
        expected: &'static str,
    },
    /// Shorter than its headers say.
    #[error("it is cut short: its headers speak of {needed} bytes, there are {bytes}; build it again")]
    Cut {
        /// What the headers need.
        needed: u64,
        /// The file's length.
        bytes: u64,
    },
    /// No entry.
    #[error(
        "it is no Exuvia guest: it has no symbol `{ENTRY_SYMBOL}`; depend on the crate `exuvia-guest` and mark a function with #[exuvia_guest::export]"
    )]
    NoEntry,
}

/// Looks at a library. Reads its headers and its symbols, not its code.
///
/// # Errors
/// See [`ProbeError`].
pub fn probe(path: &Path) -> Result<(), ProbeError> {
    let no_file = |error: std::io::Error| ProbeError::Unreadable { reason: error.to_string(), bytes: 0 };
    let file = File::open(path).map_err(no_file)?;
    let bytes = file.metadata().map_err(no_file)?.len();
    let data = ReadCache::new(file);
    if is_guest(&data, bytes).is_some() {
        return Ok(());
    }
    let unreadable = |error: object::Error| ProbeError::Unreadable { reason: error.to_string(), bytes };
    let file = match object::File::parse(&data) {
        Ok(file) => file,
        Err(error) => return Err(cut_elf(&data, bytes).unwrap_or_else(|| unreadable(error))),
    };
    if file.kind() != ObjectKind::Dynamic {
        return Err(ProbeError::Kind { found: format!("{:?}", file.kind()).to_lowercase() });
    }
    if !is_ours(file.architecture()) {
        let found = format!("{:?}", file.architecture()).to_lowercase();
        return Err(ProbeError::Architecture { found, expected: std::env::consts::ARCH });
    }
    let needed = file.segments().map(|segment| segment.file_range()).map(|(at, size)| at.saturating_add(size)).max();
    if let Some(needed) = needed.filter(|needed| *needed > bytes) {
        return Err(ProbeError::Cut { needed, bytes });
    }
    let mut exports = file.exports().map_err(unreadable)?;
    // Mach-O puts an underscore in front of C names.
    let is_entry =
        |name: &[u8]| name == ENTRY_SYMBOL.as_bytes() || name.strip_prefix(b"_") == Some(ENTRY_SYMBOL.as_bytes());
    while let Some(export) = exports.next().transpose().map_err(unreadable)? {
        if matches!(export.name(), NameOrOrdinal::Name(name) if is_entry(name)) {
            return Ok(());
        }
    }
    Err(ProbeError::NoEntry)
}

/// Whether a library is what it should be, as ELF files tell quickly: only headers and dynamic symbols are
/// read, where parsing the whole would copy the table of all symbols, megabytes in a debug build. `None`:
/// somebody else may find out what is wrong.
fn is_guest<'data>(data: impl ReadRef<'data>, bytes: u64) -> Option<()> {
    let header = elf::FileHeader64::<Endianness>::parse(data).ok()?;
    let endian = header.endian().ok()?;
    let machine = match std::env::consts::ARCH {
        "x86_64" => elf::EM_X86_64,
        "aarch64" => elf::EM_AARCH64,
        _ => return None,
    };
    let is_ours = header.e_type(endian) == elf::ET_DYN && header.e_machine(endian) == machine;
    let segments = header.program_headers(endian, data).ok()?;
    let ends = |segment: &elf::ProgramHeader64<Endianness>| {
        segment.p_offset(endian).checked_add(segment.p_filesz(endian)).is_some_and(|end| end <= bytes)
    };
    if !is_ours || !segments.iter().all(ends) {
        return None;
    }
    let sections = header.sections(endian, data).ok()?;
    let symbols = sections.symbols(endian, data, elf::SHT_DYNSYM).ok()?;
    let strings = symbols.strings();
    let is_entry = |symbol: &elf::Sym64<Endianness>| {
        !symbol.is_undefined(endian) && symbol.name(endian, strings) == Ok(ENTRY_SYMBOL.as_bytes())
    };
    symbols.iter().any(is_entry).then_some(())
}

/// The section headers stand at the end of an ELF file, so a cut one does not even parse; its
/// first bytes still tell how long it was to be.
fn cut_elf<'data>(data: impl ReadRef<'data>, bytes: u64) -> Option<ProbeError> {
    let header = elf::FileHeader64::<Endianness>::parse(data).ok()?;
    let endian = header.endian().ok()?;
    let headers = u64::from(header.e_shnum(endian)) * u64::from(header.e_shentsize(endian));
    let needed = header.e_shoff(endian).saturating_add(headers);
    (needed > bytes).then_some(ProbeError::Cut { needed, bytes })
}

fn is_ours(architecture: Architecture) -> bool {
    match std::env::consts::ARCH {
        "x86_64" => architecture == Architecture::X86_64,
        "aarch64" => architecture == Architecture::Aarch64,
        "x86" => architecture == Architecture::I386,
        // Elsewhere the loader is left to say so.
        _ => true,
    }
}
