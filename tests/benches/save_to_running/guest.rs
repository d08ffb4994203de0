//! The guests: generated, the same each time, each with one function to edit.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The export that is edited, and called.
pub(crate) const EDITED: &str = "answer";

/// Stands in the edited file's text for the number that the edited function returns.
const NUMBER: &str = "@NUMBER@";

/// A guest's text.
#[derive(Debug)]
pub(crate) struct Guest {
    /// Its name.
    pub name: &'static str,
    dependencies: &'static str,
    /// The module of the edited function, with `::`.
    module: &'static str,
    /// Files below `src` and their texts; the first is the one that is edited.
    files: Vec<(String, String)>,
}

/// A guest in a folder.
#[derive(Debug)]
pub(crate) struct Place {
    /// The crate's folder.
    pub root: PathBuf,
    /// The package's name.
    pub name: String,
    edited: PathBuf,
    text: String,
}

/// Some 30 lines in one file, nothing but the SDK.
pub(crate) fn small() -> Guest {
    let text = format!(
        r#"//! A small guest.

/// The edited function.
#[exuvia_guest::export]
pub fn {EDITED}() -> u64 {{
    {NUMBER}
}}

/// Greets.
#[exuvia_guest::export]
pub fn greet(name: &str) -> String {{
    format!("Hello, {{name}} from the guest!")
}}

/// The mean of some numbers; `Err` for none.
#[exuvia_guest::export]
pub fn mean(numbers: Vec<f64>) -> Result<f64, String> {{
    if numbers.is_empty() {{
        return Err("no numbers".to_owned());
    }}
    Ok(numbers.iter().sum::<f64>() / numbers.len() as f64)
}}

/// Words of a text, longest first.
#[exuvia_guest::export]
pub fn words(text: &str) -> Vec<String> {{
    let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}}
"#
    );
    Guest { name: "small", dependencies: "", module: "", files: vec![("lib.rs".to_owned(), text)] }
}

/// Some 2,000 lines in 11 files, with types that derive serde's traits and cross the border.
pub(crate) fn medium() -> Guest {
    parts("medium", 10, 3, SERDE, None)
}

/// Some 10,000 lines in 34 files, with egui linked in.
pub(crate) fn large() -> Guest {
    const DEPENDENCIES: &str = "serde = { version = \"1\", features = [\"derive\"] }\n\
         egui = { version = \"0.37\", default-features = false, features = [\"default_fonts\"] }\n";
    parts("large", 32, 5, DEPENDENCIES, Some(PANEL))
}

const SERDE: &str = "serde = { version = \"1\", features = [\"derive\"] }\n";

/// Draws something, so that the toolkit is not only named but linked.
const PANEL: &str = r#"//! A panel.

/// How many shapes there are in a panel with a bit of everything.
#[exuvia_guest::export]
pub fn shapes(text: String) -> u64 {
    let mut text = text;
    let mut value = 0.5;
    let output = egui::Context::default().run_ui(egui::RawInput::default(), |ui| {
        ui.heading("A panel");
        ui.text_edit_singleline(&mut text);
        ui.add(egui::Slider::new(&mut value, 0.0..=1.0));
        egui::ScrollArea::vertical().show(ui, |ui| {
            for number in 0..10 {
                ui.collapsing(format!("Part {number}"), |ui| ui.label("text"));
            }
        });
    });
    let shapes = output.shapes.len() as u64;
    output.drop_without_applying_deltas();
    shapes
}
"#;

/// A guest of so many files with so many groups of items each; edited is a file in the middle, not the
/// crate's root.
fn parts(name: &'static str, parts: usize, groups: usize, dependencies: &'static str, more: Option<&str>) -> Guest {
    const EDITED_PART: usize = 4;
    let part = |part: usize| {
        let mut text = format!("//! Part {part} of the guest.\n\nuse serde::{{Deserialize, Serialize}};\n");
        for group in 0..groups {
            // Writing to a string cannot fail.
            let _ = write!(text, "{}", group_text(part * groups + group));
        }
        if part == EDITED_PART {
            let _ = write!(
                text,
                "\n/// The edited function.\n#[exuvia_guest::export]\npub fn {EDITED}() -> u64 {{\n    {NUMBER}\n}}\n"
            );
        }
        (format!("part_{part}.rs"), text)
    };
    let mut root = "//! A guest of many parts.\n\n".to_owned();
    for part in 0..parts {
        let _ = writeln!(root, "pub mod part_{part};");
    }
    let mut files = vec![part(EDITED_PART)];
    files.extend((0..parts).filter(|number| *number != EDITED_PART).map(part));
    if let Some(more) = more {
        root.push_str("pub mod panel;\n");
        files.push(("panel.rs".to_owned(), more.to_owned()));
    }
    files.push(("lib.rs".to_owned(), root));
    Guest { name, dependencies, module: "part_4::", files }
}

/// Two types, their methods, some functions, and an export that uses them all.
fn group_text(n: usize) -> String {
    let (rate, limit, step) = (n % 7 + 2, n * 13 + 40, n % 5 + 1);
    format!(
        r#"
/// How order {n} stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Standing{n} {{
    /// Not looked at.
    #[default]
    Open,
    /// Under way, with this many steps behind it.
    UnderWay(u32),
    /// Done.
    Done {{ steps: u32, late: bool }},
}}

/// Order {n}.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Order{n} {{
    pub id: u64,
    pub name: String,
    pub weights: Vec<f64>,
    pub note: Option<String>,
    pub standing: Standing{n},
}}

impl Order{n} {{
    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {{
        matches!(self.standing, Standing{n}::Done {{ .. }})
    }}

    /// One step on.
    pub fn advance(&mut self) {{
        self.standing = match self.standing {{
            Standing{n}::Open => Standing{n}::UnderWay({step}),
            Standing{n}::UnderWay(steps) if steps > {limit} => Standing{n}::Done {{ steps, late: steps % 2 == 0 }},
            Standing{n}::UnderWay(steps) => Standing{n}::UnderWay(steps + {step}),
            done => done,
        }};
    }}
}}

/// The weights' sum, each taken {rate} times.
pub fn weight_{n}(order: &Order{n}) -> f64 {{
    order.weights.iter().map(|weight| weight * {rate}.0).sum()
}}

/// The name with its words in order {n}'s way.
pub fn label_{n}(order: &Order{n}) -> String {{
    let mut words: Vec<&str> = order.name.split_whitespace().collect();
    words.sort_unstable_by_key(|word| word.len() % {rate});
    words.join("-")
}}

/// Takes an order, brings it on and gives it back.
#[exuvia_guest::export]
pub fn bring_on_{n}(mut order: Order{n}) -> Order{n} {{
    while !order.is_done() {{
        order.advance();
    }}
    order.note = Some(format!("{{}}: {{:.1}}", label_{n}(&order), weight_{n}(&order)));
    order
}}
"#
    )
}

impl Guest {
    /// Lines of Rust.
    pub(crate) fn lines(&self) -> usize {
        self.files.iter().map(|(_, text)| text.lines().count()).sum()
    }

    /// Writes the crate, under a name with this ending, below a folder; its function returns this number
    /// at first. As a program it writes what the function returns.
    pub(crate) fn write(&self, below: &Path, ending: &str, is_program: bool, number: u64) -> Result<Place, String> {
        let name = format!("{}_{ending}", self.name);
        let root = below.join(&name);
        let failed = |error: std::io::Error| format!("{}: {error}", root.display());
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().map_err(failed)?;
        std::fs::create_dir_all(root.join("src")).map_err(failed)?;
        // The repository's versions of all dependencies, which are on this machine.
        std::fs::copy(repository.join("Cargo.lock"), root.join("Cargo.lock")).map_err(failed)?;
        let sdk = repository.join("reloadable/guest");
        let kind = if is_program { "" } else { "[lib]\ncrate-type = [\"cdylib\"]\n\n" };
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{kind}\
             [dependencies]\nexuvia-guest = {{ path = {sdk:?} }}\n{}\n[workspace]\n",
            self.dependencies
        );
        std::fs::write(root.join("Cargo.toml"), manifest).map_err(failed)?;
        let as_written = |(file, text): &(String, String)| match (is_program, file.as_str()) {
            (true, "lib.rs") => ("main.rs".to_owned(), self.as_program(text)),
            _ => (file.clone(), text.clone()),
        };
        let files: Vec<(String, String)> = self.files.iter().map(as_written).collect();
        for (file, text) in &files {
            let text = text.replace(NUMBER, &number.to_string());
            std::fs::write(root.join("src").join(file), text).map_err(failed)?;
        }
        let (edited, text) = files.first().ok_or("a guest without files")?;
        Ok(Place { edited: root.join("src").join(edited), root, name, text: text.clone() })
    }

    fn as_program(&self, root: &str) -> String {
        let module = self.module;
        format!("#![allow(dead_code)]\n{root}\nfn main() {{\n    println!(\"{{}}\", {module}{EDITED}());\n}}\n")
    }
}

impl Place {
    /// The edited file's text with this number.
    pub(crate) fn text(&self, number: u64) -> String {
        self.text.replace(NUMBER, &number.to_string())
    }

    /// Saves the edited file as most editors do: a new file beside it, renamed over it.
    pub(crate) fn save(&self, text: &str) -> Result<(), String> {
        let beside = self.edited.with_extension("rs~");
        std::fs::write(&beside, text)
            .and_then(|()| std::fs::rename(&beside, &self.edited))
            .map_err(|error| format!("{}: {error}", self.edited.display()))
    }
}
