//! Tests of the experiment in words.

use super::*;

fn on_disk(path: &str, inode: u64) -> FileFacts {
    FileFacts { path: path.into(), device: "fe:00".to_owned(), inode, bytes: 2048 }
}

fn in_memory(inode: u64, deleted: bool) -> MappedFile {
    MappedFile { path: "/run/a.so".into(), deleted, device: "fe:00".to_owned(), inode, bytes: 4096 }
}

fn library(inode: u64) -> LibraryFacts {
    let code = Some(in_memory(7, inode != 7));
    LibraryFacts { path: "/run/a.so".into(), file: on_disk("/run/a.so", inode), handle: Some(255), address: 16, code }
}

#[test]
fn every_step_has_its_facts() {
    let doing = StepKind::OpenedAgain;
    for (step, expected) in [
        (
            Step::Copied { from: on_disk("/x/old", 1), to: on_disk("/run/a.so", 7) },
            &["copied: old (inode 1, 2 KiB) to a.so (inode 7, 2 KiB)"][..],
        ),
        (Step::Opened { library: library(7) }, &["opened: a.so (inode 7, 2 KiB), handle 0xff, code from inode 7"]),
        (
            Step::OpenedAgain { library: library(8), same_handle: Some(true) },
            &["opened again: a.so (inode 8, 2 KiB), handle 0xff as before, code from inode 7 (deleted)"],
        ),
        (Step::Greeted { printed: "Hello\n".to_owned(), address: 16 }, &["printed: \"Hello\", from 0x10"]),
        (
            Step::Closed { mapped: Some(vec![in_memory(7, true), in_memory(8, false)]) },
            &["closed: the first handle", "mapped: a.so (deleted) (inode 7, 4 KiB)", "mapped: a.so (inode 8, 4 KiB)"],
        ),
        (Step::LookedAtMappings { mapped: Some(Vec::new()) }, &["mapped: nothing"]),
        (Step::LookedAtMappings { mapped: None }, &["mapped: what is mapped cannot be read on this platform"]),
        (
            Step::Died { doing, ending: "SIGBUS".to_owned(), printed: String::new() },
            &["died: while opening the library again: SIGBUS"],
        ),
        (Step::Silent { doing, waited: 10 }, &["killed: while opening the library again: no answer for 10 ms"]),
    ] {
        let found: Vec<String> = rows(&step).into_iter().map(|(name, facts)| format!("{name}: {facts}")).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn sentences_are_wrapped() {
    let long = "word ".repeat(30);
    let text = wrapped(&long, "=> ", "   ");
    assert!(text.lines().all(|line| line.len() <= 100 && line == line.trim_end()), "{text}");
    assert_eq!(text.lines().map(|line| &line[..3]).collect::<Vec<_>>(), ["=> ", "   "]);
    assert_eq!(text.split_whitespace().skip(1).count(), 30);
    assert_eq!(wrapped("a b", "> ", ""), "> a b\n");
}
