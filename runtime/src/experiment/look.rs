//! Looks at files and at this process's mappings, and states what is there.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::step::{FileFacts, Mapped, MappedFile};
use crate::platform::{self, Mapping};

/// What lies at a path now.
pub(super) fn file(path: &Path) -> io::Result<FileFacts> {
    let bytes = std::fs::metadata(path)?.len();
    let (device, inode) = platform::file_id(path).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::Unsupported,
            "device and inode of a file cannot be read on this platform; the experiment runs on Linux and macOS",
        )
    })?;
    Ok(FileFacts { path: path.to_owned(), device: platform::device(device), inode, bytes })
}

/// What this process maps from files in the folder, one entry a file.
pub(super) fn mapped(folder: &Path) -> Mapped {
    Some(by_file(&platform::mappings()?, folder))
}

fn by_file(mappings: &[Mapping], folder: &Path) -> Vec<MappedFile> {
    let mut files: BTreeMap<(PathBuf, u64, String, bool), u64> = BTreeMap::new();
    for mapping in mappings.iter().filter(|mapping| mapping.path.starts_with(folder)) {
        let key = (mapping.path.clone(), mapping.inode, mapping.device.clone(), mapping.deleted);
        *files.entry(key).or_default() += mapping.bytes();
    }
    let file = |((path, inode, device, deleted), bytes)| MappedFile { path, deleted, device, inode, bytes };
    files.into_iter().map(file).collect()
}

/// The file that an address is mapped from.
pub(super) fn mapped_at(address: u64) -> Option<MappedFile> {
    let mappings = platform::mappings()?;
    let at = mappings.iter().find(|mapping| (mapping.start..mapping.end).contains(&address))?;
    by_file(&mappings, &at.path).into_iter().find(|file| file.inode == at.inode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_summed_by_file() {
        let mapping = |path: &str, start: u64, end: u64, inode: u64, deleted: bool| Mapping {
            offset: 0,
            start,
            end,
            path: path.into(),
            deleted,
            device: "fe:00".to_owned(),
            inode,
        };
        let mappings = [
            mapping("/lane/a.so", 0, 10, 1, true),
            mapping("/lane/a.so", 10, 30, 1, true),
            mapping("/lane/a.so", 40, 45, 2, false),
            mapping("/lanes/b.so", 50, 60, 3, false),
        ];
        let found: Vec<_> = by_file(&mappings, Path::new("/lane")).iter().map(|it| (it.inode, it.bytes)).collect();
        assert_eq!(found, [(1, 30), (2, 5)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_function_of_this_test_lies_in_its_executable() {
        let own = std::fs::read_link("/proc/self/exe").unwrap();
        let code = mapped_at(file as *const () as usize as u64).unwrap();
        assert_eq!((&code.path, code.inode), (&own, file(&own).unwrap().inode));
        assert_eq!(mapped_at(1), None);
    }
}
