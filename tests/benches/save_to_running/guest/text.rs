//! The guests' texts: generated, the same each time, each with one function to edit.

use std::fmt::Write as _;

use super::{Below, EDITED, EXPORT, Guest, NUMBER};

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
    Guest { name: "small", dependencies: "", module: "", files: vec![("lib.rs".to_owned(), text)], below: Vec::new() }
}

/// The small guest on so many packages of its own workspace, each of a line, all of which it calls.
pub(crate) fn small_on(packages: usize) -> Guest {
    let mut guest = small();
    let sum: Vec<String> = (0..packages).map(|package| format!("package_{package}::number()")).collect();
    if let Some((_, text)) = guest.files.first_mut() {
        let sum = if sum.is_empty() { "0".to_owned() } else { sum.join(" + ") };
        let _ = write!(text, "\n/// A number of all packages.\n{EXPORT}pub fn sum() -> u64 {{\n    {sum}\n}}\n");
    }
    let below = |package: usize| Below {
        key: format!("package_{package}"),
        dependencies: "",
        files: vec![("lib.rs".to_owned(), format!("pub fn number() -> u64 {{\n    {package}\n}}\n"))],
    };
    guest.below = (0..packages).map(below).collect();
    guest
}

/// Some 2,000 lines in 12 files, with types that derive serde's traits and cross the border, and with rand and glam.
pub(crate) fn medium() -> Guest {
    const DEPENDENCIES: &str =
        "serde = { version = \"1\", features = [\"derive\"] }\nglam = \"0.34\"\nrand = \"0.10\"\n";
    parts("medium", 10, 3, DEPENDENCIES, ("walk", WALK))
}

/// Some 10,000 lines in 34 files, with egui linked in.
pub(crate) fn large() -> Guest {
    parts("large", LARGE_PARTS, LARGE_GROUPS, EGUI, ("panel", PANEL))
}

/// The same lines as a crate of their own without the SDK, below a small hot crate, in which the edit is.
pub(crate) fn split() -> Guest {
    let Guest { dependencies, files, .. } = large();
    // The edited function is in the hot crate.
    let mut files: Vec<(String, String)> =
        files.into_iter().map(|(file, text)| (file, text.replace(NUMBER, "0").replace(EXPORT, ""))).collect();
    if let Some((_, root)) = files.iter_mut().find(|(file, _)| file == "lib.rs") {
        root.push_str("\n/// Brings an order of each kind on: how many are done.\npub fn bring_all_on() -> usize {\n    let mut done = 0;\n");
        for part in 0..LARGE_PARTS {
            for group in part * LARGE_GROUPS..(part + 1) * LARGE_GROUPS {
                let _ = writeln!(
                    root,
                    "    done += usize::from(part_{part}::bring_on_{group}(Default::default()).is_done());"
                );
            }
        }
        root.push_str("    done\n}\n");
    }
    let hot = format!(
        r#"//! The hot crate of a guest whose other lines are in a library below it.

use logic::part_0::Order0;

/// The edited function.
{EXPORT}pub fn {EDITED}() -> u64 {{
    {NUMBER}
}}

/// Takes an order, has it brought on and gives it back.
{EXPORT}pub fn bring_on(order: Order0) -> Order0 {{
    logic::part_0::bring_on_0(order)
}}

/// How many kinds of orders can be brought on.
{EXPORT}pub fn kinds() -> u64 {{
    logic::bring_all_on() as u64
}}

/// How many shapes there are in a panel with a bit of everything.
{EXPORT}pub fn shapes(text: String) -> u64 {{
    logic::panel::shapes(text)
}}
"#
    );
    let below = vec![Below { key: "logic".to_owned(), dependencies, files }];
    Guest { name: "split", dependencies: "", module: "", files: vec![("lib.rs".to_owned(), hot)], below }
}

/// How many files the large guest's generated code is in, and how many groups of items each has.
const LARGE_PARTS: usize = 32;
const LARGE_GROUPS: usize = 5;

const EGUI: &str = "serde = { version = \"1\", features = [\"derive\"] }\n\
     egui = { version = \"0.37\", default-features = false, features = [\"default_fonts\"] }\n";

/// Uses the dependencies, so that they are not only named but linked.
const WALK: &str = r#"//! A walk at random.

use glam::{Quat, Vec3};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// How far from its start a walk of so many steps ends.
#[exuvia_guest::export]
pub fn walk(seed: u64, steps: u32) -> f32 {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut at = Vec3::ZERO;
    let mut heading = Vec3::X;
    for _ in 0..steps {
        heading = Quat::from_rotation_z(dice.random_range(-0.5..0.5)) * heading;
        at += heading * dice.random_range(0.5..1.5);
    }
    at.length()
}
"#;

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
fn parts(name: &'static str, parts: usize, groups: usize, dependencies: &'static str, more: (&str, &str)) -> Guest {
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
    let (module, text) = more;
    let _ = writeln!(root, "pub mod {module};");
    files.push((format!("{module}.rs"), text.to_owned()));
    files.push(("lib.rs".to_owned(), root));
    Guest { name, dependencies, module: "part_4::", files, below: Vec::new() }
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
