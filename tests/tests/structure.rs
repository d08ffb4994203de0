//! Invariants of the source tree that are absences: no window in the engine, no `unsafe` outside
//! of two modules, no loader in the shell.

use std::path::{Path, PathBuf};

use exuvia_tests::cli::cargo;
use exuvia_tests::program::workspace;
use exuvia_tests::tokens::{StringLiteral, code_only, has_word, string_literals};

fn tree(package: &str, more: &[&str]) -> Vec<String> {
    let mut arguments =
        vec!["tree", "--offline", "--edges=normal", "--prefix=none", "--format={p}", "--package", package];
    arguments.extend(more);
    cargo(&arguments).lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn the_engine_has_no_window_in_its_tree() {
    let tree = tree("exuvia-runtime", &[]);
    assert!(tree.len() > 20, "{tree:?}");
    for window in ["egui", "eframe", "winit", "epaint", "exuvia"] {
        assert!(!tree.iter().any(|package| package == window), "{window}");
    }
}

#[test]
fn the_contract_depends_on_nothing() {
    assert_eq!(tree("exuvia-contract", &[]), ["exuvia-contract"]);
}

#[test]
fn only_the_engine_depends_on_the_loader() {
    for package in ["exuvia", "exuvia-guest", "greetings"] {
        let direct = tree(package, &["--depth=1"]);
        assert!(direct.iter().all(|dependency| dependency != "libloading"), "{package}: {direct:?}");
    }
    assert!(tree("exuvia-runtime", &["--depth=1"]).iter().any(|dependency| dependency == "libloading"));
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn unsafe_code_lies_in_four_files() {
    let mut files = Vec::new();
    sources(workspace(), &mut files);
    assert!(files.len() > 50, "{}", files.len());
    let mut with: Vec<PathBuf> = files
        .iter()
        // The macros' parser names the keyword in order to refuse it.
        .filter(|path| {
            has_word(&code_only(&std::fs::read_to_string(path).unwrap()).replace("Token![unsafe]", ""), "unsafe")
        })
        .map(|path| path.strip_prefix(workspace()).unwrap().to_owned())
        .collect();
    with.sort();
    let allowed = [
        "reloadable/guest/src/shim.rs",
        "runtime/gate/src/lib.rs",
        "runtime/src/load/library.rs",
        "runtime/src/platform/crash.rs",
    ];
    assert_eq!(with, allowed.map(Path::new));
}

/// Whether this reads like words for a user: two words or more, or one that begins a sentence.
fn is_said(literal: &StringLiteral) -> bool {
    // Placeholders and escapes are no words.
    let text: String =
        literal.text.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect();
    let text = text.replace("\\n", " ");
    let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1).collect();
    let capital = words.first().is_some_and(|word| {
        word.starts_with(|c: char| c.is_uppercase()) && word.chars().skip(1).all(char::is_lowercase)
    });
    let spoken = text.trim().contains(' ') && words.len() > 1;
    // What only programmers see, and the names of widgets.
    let unseen = [
        "expect(",
        "reason = ",
        "debug_struct(",
        "panic!(",
        "assert!(",
        "Id::unique(",
        "id_salt(",
        "Grid::new(",
        "Bar::",
    ];
    (spoken || capital) && !unseen.iter().any(|before| literal.before.contains(before))
}

#[test]
fn all_words_of_the_window_are_in_the_folder_of_texts() {
    // Names that are the same in each language, of keys and of fonts.
    let names = ["Exuvia", "English", "Comma", "Escape", "Esc", "Hack"];
    let is_name = |text: &str| names.contains(&text) || text.starts_with("Noto ");
    let mut files = Vec::new();
    sources(&workspace().join("app/src/window"), &mut files);
    let mut said = Vec::new();
    for path in files.iter().filter(|path| !path.to_string_lossy().contains("tests")) {
        let source = std::fs::read_to_string(path).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let literals = string_literals(code).into_iter().filter(is_said);
        let literals = literals.filter(|literal| !is_name(&literal.text));
        said.extend(literals.map(|literal| format!("{}: {:?}", path.display(), literal.text)));
    }
    assert!(files.len() > 20, "{files:?}");
    assert!(said.is_empty(), "these belong into app/src/text, in both languages:\n{}", said.join("\n"));
}
