//! The store in temporary folders.

use super::*;

fn project(root: &Path) -> Project {
    Project::sample(root, Vec::new())
}

#[test]
fn sources_are_kept_below_their_folder() {
    for (shown, kept) in [
        ("src/lib.rs", Some("src/lib.rs")),
        ("/other/lib.rs", Some("outside/other/lib.rs")),
        ("../lib.rs", None),
        ("/other/../../lib.rs", None),
        ("src/../../lib.rs", None),
        ("", None),
    ] {
        assert_eq!(kept_as(Path::new(shown)), kept.map(PathBuf::from), "{shown}");
    }
}

#[test]
fn marks_are_read_as_they_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, _) = Store::open(&project(folder.path())).unwrap();
    let claim = store.claim().unwrap();
    assert_eq!(store.marks(claim.number), None);
    let marks = Marks { keep: true, ..Marks::default() };
    store.mark(claim.number, &marks).unwrap();
    assert_eq!(store.marks(claim.number), Some(marks));
}

#[test]
fn the_number_of_a_removed_version_is_not_given_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, _) = Store::open(&project(folder.path())).unwrap();
    let mut other = Store::open(&project(folder.path())).unwrap().0;
    // Dropped, a claim gives its number back: it was never a version.
    assert_eq!([(); 2].map(|()| store.claim().unwrap().number.0), [1, 1]);
    store.remove(VersionNumber(2)).unwrap();
    store.remove(VersionNumber(1)).unwrap();
    assert_eq!(store.claim().unwrap().number.0, 3);
    assert_eq!(other.claim().unwrap().number.0, 3);
    drop(store);
    assert_eq!(Store::open(&project(folder.path())).unwrap().0.claim().unwrap().number.0, 3);
}

/// A store does not look again at a folder that nobody has changed.
#[cfg(unix)]
#[test]
fn what_another_workbench_has_made_and_removed_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let versions = super::folder(&project(folder.path())).join("versions");
    let mut store = Store::open(&project(folder.path())).unwrap().0;
    let mut claims = vec![store.claim().unwrap(), store.claim().unwrap()];
    for number in 3..=9 {
        std::fs::create_dir(versions.join(folder_name(VersionNumber(number)))).unwrap();
    }
    for number in 3..=8 {
        std::fs::remove_dir(versions.join(folder_name(VersionNumber(number)))).unwrap();
    }
    // Steps of a folder's time are short, and those of a test shorter.
    let later = SystemTime::now() + std::time::Duration::from_secs(1);
    std::fs::File::open(&versions).unwrap().set_modified(later).unwrap();
    claims.push(store.claim().unwrap());
    std::fs::create_dir(versions.join(folder_name(VersionNumber(11)))).unwrap();
    claims.push(store.claim().unwrap());
    let numbers: Vec<u32> = claims.iter().map(|claim| claim.number.0).collect();
    assert_eq!(numbers, [1, 2, 10, 12]);
}

#[cfg(unix)]
#[test]
fn the_history_is_private_and_cargos_folder_is_not() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let root = tempfile::tempdir().unwrap();
    let project = project(root.path());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
    let plain = root.path().join("plain");
    std::fs::create_dir(&plain).unwrap();
    drop(Store::open(&project).unwrap());
    assert_eq!(mode(&root.path().join("target")), mode(&plain), "as any other folder");
    assert_eq!(mode(&project.target), 0o700);
    let folder = folder(&project);
    let private = [project.target.join("history"), folder.clone(), folder.join("versions"), folder.join("again")];
    for open in private.iter().chain([&project.target]) {
        std::fs::set_permissions(open, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    drop(Store::open(&project).unwrap());
    for path in &private {
        assert_eq!(mode(path), 0o700, "{}", path.display());
    }
    assert_eq!(mode(&project.target), 0o755, "cargo's");
}
