//! Tests of the settings: tables over the pure parts, then the files.

use std::fs;
use std::path::{Path, PathBuf};

use exuvia_runtime::history::RetentionPolicy;
use exuvia_runtime::ids::Timestamp;

use super::fields::FIELDS;
use super::files::create_private_folder;
use super::*;

fn read(text: &str) -> (Settings, Vec<String>) {
    read::settings(text, Path::new("/c/settings.toml")).expect("TOML")
}

fn folders() -> (tempfile::TempDir, Folders) {
    let folder = tempfile::tempdir().expect("a folder");
    let folders = Folders { config: folder.path().join("new/config"), state: folder.path().join("new/state") };
    (folder, folders)
}

/// Every field differs from its default.
fn changed() -> Settings {
    Settings {
        editor: Some("hx {file}:{line}".to_owned()),
        theme: ThemeChoice::Dark,
        language: LanguageChoice::Chinese,
        scale: 1.1,
        retention: Retention { versions: 7, mib: 300 },
        limits: Limits { memory_mib: 800, kept_mapped_mib: 90 },
        deadline_seconds: 0.5,
        auto_reload: false,
        poll: true,
        always_on_top: true,
        toasts: false,
    }
}

#[test]
fn a_usable_text_gives_its_settings_and_no_notice() {
    let standard = Settings::default;
    for (text, expected) in [
        ("", standard()),
        ("editor = \"\"", standard()),
        ("editor = \" hx \"", Settings { editor: Some("hx".to_owned()), ..standard() }),
        ("theme = \"light\"", Settings { theme: ThemeChoice::Light, ..standard() }),
        ("language = \"chinese\"", Settings { language: LanguageChoice::Chinese, ..standard() }),
        ("scale = 2", Settings { scale: 2.0, ..standard() }),
        ("scale = 0.8", Settings { scale: 0.8, ..standard() }),
        ("deadline_seconds = 600", Settings { deadline_seconds: 600.0, ..standard() }),
        ("[retention]\nmib = 5", Settings { retention: Retention { mib: 5, ..Retention::default() }, ..standard() }),
        (
            "retention = { versions = 1, mib = 2 }",
            Settings { retention: Retention { versions: 1, mib: 2 }, ..standard() },
        ),
        (
            "limits.kept_mapped_mib = 9",
            Settings { limits: Limits { kept_mapped_mib: 9, ..Limits::default() }, ..standard() },
        ),
        (
            "retention.versions = 9",
            Settings { retention: Retention { versions: 9, ..Retention::default() }, ..standard() },
        ),
    ] {
        assert_eq!(read(text), (expected, Vec::new()), "{text}");
    }
}

#[test]
fn an_unusable_field_alone_has_its_default_and_the_notice_names_both_sides() {
    for (text, parts) in [
        ("scale = 3.0", ["`scale` is 3.0", "a number from 0.8 to 2.0", "1.0 is used"]),
        ("scale = nan", ["`scale` is nan", "a number from 0.8 to 2.0", "1.0 is used"]),
        ("scale = \"big\"", ["`scale` is \"big\"", "a number", "1.0 is used"]),
        ("theme = \"Dark\"", ["`theme` is \"Dark\"", "\"system\", \"light\" or \"dark\"", "\"system\" is used"]),
        ("theme = true", ["`theme` is true", "\"dark\"", "\"system\" is used"]),
        ("poll = 1", ["`poll` is 1", "true or false", "false is used"]),
        ("editor = [\"a\",\n  \"b\"]", ["`editor` is [\"a\", \"b\"]", "a command line", "\"\" is used"]),
        ("deadline_seconds = 0", ["`deadline_seconds` is 0", "from 0.1 to 600", "2.0 is used"]),
        ("[retention]\nversions = 0", ["`retention.versions` is 0", "from 1 to", "50 is used"]),
        ("[retention]\nmib = 1.5", ["`retention.mib` is 1.5", "a whole number", "1024 is used"]),
        ("[limits]\nmemory_mib = 3", ["`limits.memory_mib` is 3", "from 64 to", "4096 is used"]),
        ("retention = 7", ["`retention` is 7", "`retention.versions` and `retention.mib`", "defaults"]),
        ("[scale]\nx = 1", ["`scale` is a table", "a number", "1.0 is used"]),
    ] {
        let (settings, notices) = read(&format!("toasts = false\n{text}\n"));
        assert_eq!(settings, Settings { toasts: false, ..Settings::default() }, "{text}");
        assert_eq!(notices.len(), 1, "{text}: {notices:?}");
        for part in parts.into_iter().chain(["/c/settings.toml: "]) {
            assert!(notices[0].contains(part), "{text}: {part:?} is missing in {:?}", notices[0]);
        }
    }
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_known_one() {
    for (text, hint) in [
        ("thme = 1", "did you mean `theme`?"),
        ("edtior = 1", "did you mean `editor`?"),
        ("autoreload = true", "did you mean `auto_reload`?"),
        ("auto-reload = true", "did you mean `auto_reload`?"),
        ("deadline = 1", "known are editor, theme"),
        ("mib = 3", "did you mean `retention.mib`?"),
        ("[retention]\nversion = 3", "did you mean `retention.versions`?"),
        ("[retention]\ntheme = 3", "did you mean `theme`?"),
        ("zzz = 1", "known are editor, theme"),
    ] {
        let (settings, notices) = read(text);
        assert_eq!(settings, Settings::default(), "{text}");
        assert_eq!(notices.len(), 1, "{text}: {notices:?}");
        assert!(notices[0].contains(hint) && notices[0].contains("there is no setting"), "{text}: {}", notices[0]);
    }
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let error = read::settings("toasts = true\nscale = = 1\n", Path::new("f")).unwrap_err();
    assert!(error.reason.starts_with("line 2: "), "{}", error.reason);
}

#[test]
fn a_new_file_has_every_key_with_a_comment_and_reads_back() {
    for settings in [Settings::default(), changed()] {
        let text = write::text(None, &settings);
        assert_eq!(read(&text), (settings.clone(), Vec::new()), "{text}");
        for field in FIELDS {
            let assignment = format!("{} = ", field.key.1);
            let (before, _) = text.split_once(&assignment).unwrap_or_else(|| panic!("no {assignment}in {text}"));
            let comment = field.about.lines().last().expect("a comment");
            assert!(before.ends_with(&format!("# {comment}\n")), "{assignment}: {text}");
        }
        assert_eq!(write::text(Some(&text), &settings), text, "writing again changes nothing");
    }
    assert!(write::text(None, &changed()).contains("scale = 1.1\n"));
}

#[test]
fn writing_changes_only_what_differs() {
    for (before, after) in [
        ("# mine\ntheme = \"light\" # why\nother = 1\n", "# mine\ntheme = \"dark\" # why\nother = 1\n"),
        ("theme   =   \"dark\"\n", "theme   =   \"dark\"\n"),
        ("theme = 7\nscale = 1\n", "theme = \"dark\"\nscale = 1\n"),
        (
            "retention = { versions = 3 } # few\ntheme = \"dark\"\n",
            "retention = { versions = 50 } # few\ntheme = \"dark\"\n",
        ),
        ("retention = 3\ntheme = \"dark\"\n", "retention = 3\ntheme = \"dark\"\n"),
        ("", "# \"system\", \"light\" or \"dark\".\ntheme = \"dark\"\n"),
    ] {
        let settings = Settings { theme: ThemeChoice::Dark, ..Settings::default() };
        assert_eq!(write::text(Some(before), &settings), after);
    }
    let text = write::text(Some("retention = 3\n[other]\nx = 1\n"), &changed());
    assert_eq!(read::settings(&text, Path::new("f")).expect("TOML").0, changed(), "{text}");
    assert!(text.contains("[other]\nx = 1\n"), "{text}");
}

#[test]
fn the_readme_names_every_key() {
    let readme = include_str!("../../../README.md");
    for field in FIELDS {
        assert!(readme.contains(&format!("| `{}` |", field.path())), "{} is missing", field.path());
    }
    assert!(readme.contains(FOLDER_VARIABLE));
}

#[test]
fn the_language_is_the_chosen_one_or_the_systems() {
    use crate::text::Language::{Chinese, English};
    for (choice, locale, expected) in [
        (LanguageChoice::System, None, English),
        (LanguageChoice::System, Some("zh-CN"), Chinese),
        (LanguageChoice::System, Some("zh_CN.UTF-8"), Chinese),
        (LanguageChoice::System, Some("zh-Hant-TW"), Chinese),
        (LanguageChoice::System, Some("ZH"), Chinese),
        (LanguageChoice::System, Some("zha"), English),
        (LanguageChoice::System, Some("de-DE"), English),
        (LanguageChoice::System, Some("C"), English),
        (LanguageChoice::English, Some("zh-CN"), English),
        (LanguageChoice::Chinese, Some("de-DE"), Chinese),
    ] {
        assert_eq!(choice.language(locale), expected, "{choice:?} {locale:?}");
    }
}

#[test]
fn the_defaults_are_the_engines() {
    let policy = RetentionPolicy::from(Settings::default().retention);
    assert_eq!(policy, RetentionPolicy::default());
    assert_eq!(RunnerLimits::from(Settings::default().limits), RunnerLimits::default());
    assert_eq!(Settings::default().deadline(), Duration::from_secs(2));
    for (seconds, expected) in [(f64::NAN, 0.1), (-1.0, 0.1), (1e300, 600.0)] {
        let settings = Settings { deadline_seconds: seconds, ..Settings::default() };
        assert_eq!(settings.deadline(), Duration::from_secs_f64(expected), "{seconds}");
    }
}

fn guest(name: &str, manifest: &str, at: u64) -> RecentGuest {
    RecentGuest { name: name.to_owned(), manifest: manifest.into(), at: Timestamp(at) }
}

#[test]
fn recent_guests_are_newest_first_each_once_and_few() {
    let mut remembered = Remembered::default();
    for at in 0..20 {
        remembered.opened(guest("g", &format!("/{at}/Cargo.toml"), at));
    }
    remembered.opened(guest("renamed", "/15/Cargo.toml", 99));
    let shown: Vec<_> = remembered.recent.iter().map(|guest| guest.at.0).collect();
    assert_eq!(shown, [99, 19, 18, 17, 16, 14, 13, 12, 11, 10, 9, 8]);
    assert_eq!(remembered.recent[0].name, "renamed");
}

#[test]
fn both_files_come_back_as_they_were_written() {
    let (_keep, folders) = folders();
    assert_eq!(load(&folders), Loaded::default(), "missing files are no news");
    let mut remembered = Remembered { layout_wide: Some(serde_json::json!({"a": [1, 2]})), ..Remembered::default() };
    remembered.window = Some(WindowSize { width: 800.5, height: 600.0 });
    remembered.opened(guest("greetings", "/g/Cargo.toml", 5));
    save_settings(&folders, &changed()).expect("written");
    save_remembered(&folders, &remembered).expect("written");
    assert_eq!(load(&folders), Loaded { settings: changed(), remembered, ..Loaded::default() });
    // Nothing but the files is left: no temporary ones.
    for (folder, expected) in [(&folders.config, "settings.toml"), (&folders.state, "remembered.json")] {
        let names: Vec<_> = fs::read_dir(folder).expect("there").map(|entry| entry.expect("one").file_name()).collect();
        assert_eq!(names, [expected]);
    }
}

#[cfg(unix)]
#[test]
fn the_files_are_private_and_a_link_stays_a_link() {
    use std::os::unix::fs::PermissionsExt;
    let (keep, folders) = folders();
    save_settings(&folders, &Settings::default()).expect("written");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&folders.config), mode(&folders.settings_file())), (0o700, 0o600));

    let elsewhere = keep.path().join("dotfiles.toml");
    fs::write(&elsewhere, "theme = \"light\"\n").expect("written");
    fs::remove_file(folders.settings_file()).expect("removed");
    std::os::unix::fs::symlink(&elsewhere, folders.settings_file()).expect("linked");
    save_settings(&folders, &changed()).expect("written");
    assert!(folders.settings_file().is_symlink());
    assert!(fs::read_to_string(&elsewhere).expect("there").contains("theme = \"dark\""));
}

#[test]
fn a_file_that_is_no_toml_is_kept_when_it_must_be_written() {
    for bytes in [b"scale = = 1".as_slice(), b"theme = \"\xff\""] {
        let (_keep, folders) = folders();
        let file = folders.settings_file();
        let kept = |name: &str| folders.config.join(name);
        create_private_folder(&folders.config).expect("made");
        fs::write(&file, bytes).expect("written");
        let loaded = load(&folders);
        assert_eq!(loaded.settings, Settings::default());
        assert!(loaded.notices.len() == 1 && loaded.notices[0].contains("settings.toml.unreadable"), "{loaded:?}");
        assert_eq!(fs::read(&file).expect("there"), bytes, "reading changes nothing");

        save_settings(&folders, &changed()).expect("written");
        assert_eq!(fs::read(kept("settings.toml.unreadable")).expect("kept"), bytes);
        assert_eq!(load(&folders).settings, changed());

        // A second one does not take the first one's place.
        fs::write(&file, "again = = 1").expect("written");
        save_settings(&folders, &changed()).expect("written");
        assert_eq!(fs::read(kept("settings.toml.unreadable")).expect("kept"), bytes);
        assert_eq!(fs::read(kept("settings.toml-2.unreadable")).expect("kept"), b"again = = 1");
    }
}

#[test]
fn what_cannot_be_read_is_told_and_not_written_over() {
    let (_keep, folders) = folders();
    // A folder in the file's place cannot be read by anybody, root included.
    create_private_folder(&folders.settings_file()).expect("made");
    create_private_folder(&folders.state).expect("made");
    fs::write(folders.remembered_file(), "{\"recent\": 5}").expect("written");
    let loaded = load(&folders);
    assert_eq!((loaded.settings, loaded.remembered), Default::default());
    assert_eq!(loaded.notices.len(), 2, "{:?}", loaded.notices);
    assert!(loaded.notices[0].contains("cannot be read"), "{:?}", loaded.notices);
    assert!(loaded.notices[1].contains("start afresh"), "{:?}", loaded.notices);
    let error = save_settings(&folders, &changed()).unwrap_err();
    assert!(matches!(error, FileError::Unreadable { .. }), "{error}");
}

#[test]
fn what_the_file_remembers_is_tidied() {
    let (_keep, folders) = folders();
    create_private_folder(&folders.state).expect("made");
    let text = r#"{"recent": [{"name": "a", "manifest": "/a", "at": 1}, {"name": "b", "manifest": "/a", "at": 2}],
        "window": {"width": -4, "height": 3}, "later": 1}"#;
    fs::write(folders.remembered_file(), text).expect("written");
    let loaded = load(&folders);
    assert_eq!(loaded.notices, [""; 0]);
    assert_eq!(loaded.remembered.recent, [guest("b", "/a", 2)]);
    assert_eq!(loaded.remembered.window, None);
}

#[test]
fn names_that_are_taken_get_a_number() {
    for (file, attempt, expected) in [
        ("/a/b.png", 1, "/a/b.png"),
        ("/a/b.png", 2, "/a/b-2.png"),
        ("/a/b", 3, "/a/b-3"),
        ("/a/b.c.png", 2, "/a/b.c-2.png"),
    ] {
        assert_eq!(free_name(Path::new(file), attempt), PathBuf::from(expected));
    }
}
