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
    let named = |name: &str, split| NewGuest { name: Some(name.to_owned()), split };
    for (path, options, name) in [
        ("My Guest", NewGuest::default(), "my-guest"),
        ("a/b/c", named("other", false), "other"),
        ("a/b/d", named("big-one", true), "big-one"),
        ("empty/.", NewGuest::default(), "empty"),
    ] {
        fs::create_dir_all(folder.path().join("empty")).unwrap();
        let created = create(&folder.path().join(path), &options).unwrap();
        assert_eq!(created.name, name);
        let core: &[&str] = if options.split { &["core"] } else { &[] };
        let expected = [&[".gitignore", "Cargo.lock", "Cargo.toml"], core, &["exuvia-sdk", "src"]].concat();
        assert_eq!(names(&created.folder), expected);
        for file in &created.files {
            let text = fs::read_to_string(created.folder.join(file)).unwrap();
            let is_filled_in =
                !text.contains("{core}") && (file.extension() == Some("rs".as_ref()) || !text.contains("{name}"));
            assert!(is_filled_in, "{}: {text}", file.display());
        }
        if options.split {
            let read = |file: &str| fs::read_to_string(created.folder.join(file)).unwrap();
            assert!(read("src/lib.rs").contains("use big_one_core::greeting;"), "{}", read("src/lib.rs"));
            assert!(
                read("core/Cargo.toml").contains("name = \"big-one-core\"")
                    && !read("core/Cargo.toml").contains("exuvia-guest")
            );
            assert!(read("Cargo.toml").contains("\nbase-library = true\n"));
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
    let name = |name: &str| NewGuest { name: Some(name.to_owned()), split: true };
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
