//! One build at a time in a target folder: a file that is locked by the operating system from
//! before cargo's start until the artifact was staged, so that no other workbench's cargo can
//! replace the artifact in between.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::platform;

const NAME: &str = "exuvia-build.lock";

/// Nobody else builds in this target folder until this is dropped.
#[derive(Debug)]
pub struct BuildLock {
    _file: File,
}

impl BuildLock {
    /// Takes the lock in our folder below cargo's target folder. Also gives the time waited.
    /// `waits` is called once if another process holds it.
    pub(super) fn acquire(target: &Path, mut waits: impl FnMut()) -> io::Result<(Self, Duration)> {
        // `cargo clean` may have taken the folder away. Cargo's own is made as cargo would.
        target.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        platform::create_private_dir(target)?;
        let path = target.join(NAME);
        let mut waited = Duration::ZERO;
        let mut told = false;
        loop {
            let mut file = open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    // A superseded build of this workbench that is just ending is not worth a word.
                    if !told && holder(&mut file) != Some(std::process::id()) {
                        told = true;
                        waits();
                    }
                    let began = Instant::now();
                    file.lock()?;
                    waited += began.elapsed();
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // The folder may have been removed meanwhile: then this file locks nothing.
            if platform::is_at(&file, &path) {
                file.set_len(0)?;
                file.rewind()?;
                write!(file, "{}", std::process::id())?;
                return Ok((Self { _file: file }, waited));
            }
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    match platform::create_private_file(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    File::options().read(true).write(true).open(path)
}

/// The process that holds the lock, by its own word.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn one_build_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target/exuvia");
        let (first, waited) = BuildLock::acquire(&target, || panic!("nobody holds it")).unwrap();
        assert_eq!(waited, Duration::ZERO);
        // As if another process held it.
        std::fs::write(target.join(NAME), "0").unwrap();
        let (say, heard) = mpsc::channel();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| BuildLock::acquire(&target, || say.send(()).unwrap()).unwrap().1);
            heard.recv().unwrap();
            assert!(!second.is_finished());
            drop(first);
            assert!(second.join().unwrap() > Duration::ZERO);
        });
    }

    #[test]
    fn a_lock_file_that_was_removed_locks_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let old = BuildLock::acquire(folder.path(), || {}).unwrap();
        std::fs::remove_file(folder.path().join(NAME)).unwrap();
        let new = BuildLock::acquire(folder.path(), || panic!("the old file counts no more")).unwrap();
        drop((old, new));
    }
}
