//! Random changes to the kept corpus of `fuzz/`: no reader panics, whatever it is given. What libFuzzer
//! does better needs a nightly toolchain; this runs anywhere.

use std::panic::catch_unwind;
use std::path::Path;

use exuvia_runtime::fuzz;
use exuvia_tests::dice::{Dice, given, seed};
use exuvia_tests::program::workspace;

/// What often stands at a border of something.
const EDGES: [&[u8]; 12] = [
    b"\0",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\xc1",
    b"\xdf\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"../",
    b"/",
    b"\"",
    b"\\ud800",
    b"[[[[[[[[",
];

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = workspace().join("fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// A few changes to one input, sometimes with a piece of another.
fn changed(corpus: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = corpus[dice.index(corpus.len())].clone();
    for _ in 0..=dice.below(4) {
        let at = dice.index(bytes.len() + 1);
        let end = (at + dice.index(64)).min(bytes.len());
        match dice.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..at, EDGES[dice.index(EDGES.len())].iter().copied())),
            3 => drop(bytes.splice(at..end, EDGES[dice.index(EDGES.len())].iter().copied())),
            4 => {
                let other = &corpus[dice.index(corpus.len())];
                let from = dice.index(other.len() + 1);
                drop(bytes.splice(at..at, other[from..].iter().copied()));
            }
            5 => {
                let again = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, again));
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
    }
    bytes
}

fn survives(target: &str, share: u64, read: impl Fn(&[u8]) -> usize + std::panic::RefUnwindSafe) {
    let corpus = corpus(target);
    let understood = corpus.iter().filter(|bytes| read(bytes) > 0).count();
    assert!(
        understood * 2 >= corpus.len(),
        "fuzz/corpus/{target} is stale: {understood} of {} are understood",
        corpus.len()
    );
    let mut dice = Dice::new(seed());
    let count = given("EXUVIA_TEST_MUTATIONS", 10_000) / share;
    let mut understood = 0;
    for number in 0..count {
        let bytes = changed(&corpus, &mut dice);
        match catch_unwind(|| read(&bytes)) {
            Ok(found) => understood += usize::from(found > 0),
            Err(_) => panic!("{target}, input {number} of seed {}: {}", seed(), bytes.escape_ascii()),
        }
    }
    // Changes that leave nothing to be understood would only try the first line of a reader.
    assert!(understood > 0, "{target}: none of {count} was understood");
    println!("{target}: {understood} of {count} were understood");
}

#[test]
fn the_runners_protocol() {
    survives("requests", 1, fuzz::requests);
    survives("responses", 1, fuzz::responses);
}

#[test]
fn cargos_messages() {
    survives("cargo_messages", 2, fuzz::cargo_messages);
}

#[test]
fn the_historys_reader() {
    let folder = tempfile::tempdir().unwrap();
    let folder: &Path = folder.path();
    // Files are written for each.
    survives("history", 4, |bytes| fuzz::history(folder, bytes));
}
