//! Tests of new guests. That one builds is an end-to-end test.

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_guest_is_written_whole() {
    let folder = tempfile::tempdir().unwrap();
    for (path, options, name) in [
        ("My Guest", NewGuest::default(), "my-guest"),
        ("a/b/c", NewGuest { name: Some("other".to_owned()) }, "other"),
        ("empty/.", NewGuest::default(), "empty"),
    ] {
        fs::create_dir_all(folder.path().join("empty")).unwrap();
        let created = create(&folder.path().join(path), &options).unwrap();
        assert_eq!(created.name, name);
        assert_eq!(names(&created.folder), [".gitignore", "Cargo.lock", "Cargo.toml", "exuvia-sdk", "src"]);
        for file in created.files {
            assert!(created.folder.join(&file).is_file(), "{}", file.display());
        }
        let manifest = fs::read_to_string(created.folder.join("Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("name = \"{name}\"")) && !manifest.contains("{name}"), "{manifest}");
        assert!(created.folder.join(created.sdk).join("guest/src/lib.rs").is_file());
    }
    // Nothing temporary is left beside them.
    assert_eq!(names(folder.path()), ["My Guest", "a", "empty"]);
}

#[test]
fn what_is_there_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("full")).unwrap();
    fs::write(root.join("full/mine.txt"), "mine").unwrap();
    fs::write(root.join("file"), "mine").unwrap();
    let name = |name: &str| NewGuest { name: Some(name.to_owned()) };
    for (path, options, part) in [
        ("full", NewGuest::default(), "mine.txt"),
        ("file", NewGuest::default(), "is a file"),
        ("file/below", NewGuest::default(), "cannot be written"),
        ("new/123", NewGuest::default(), "--name"),
        ("new/x", name("a b"), "' '"),
    ] {
        let error = create(&root.join(path), &options).unwrap_err().to_string();
        assert!(error.contains(part), "{path}: {error}");
        assert_eq!(names(root), ["file", "full"], "{path}");
        assert_eq!(names(&root.join("full")), ["mine.txt"], "{path}");
    }
    assert_eq!(fs::read_to_string(root.join("file")).unwrap(), "mine");
}

#[test]
fn folders_above_go_again_when_nothing_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let parents = Parents::make(&folder.path().join("a/b")).unwrap();
    assert!(folder.path().join("a/b").is_dir());
    drop(parents);
    assert!(names(folder.path()).is_empty());
}
