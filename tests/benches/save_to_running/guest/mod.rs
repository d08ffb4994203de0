//! The guests, written into folders: as crates for Exuvia, as programs, and for hot-lib-reloader and dx.
//!
//! | module | its job |
//! |---|---|
//! | `text` | their sources |
//! | `fetch` | their lock files, and their dependencies' sources |

mod fetch;
mod text;

use std::path::{Path, PathBuf};

use crate::dx::ANSWERS;

pub(crate) use text::{large, medium, small, small_on, split};

/// The export that is edited, and called.
pub(crate) const EDITED: &str = "answer";

/// Stands in the edited file's text for the number that the edited function returns.
const NUMBER: &str = "@NUMBER@";

/// The line that makes a function an export.
const EXPORT: &str = "#[exuvia_guest::export]\n";

/// A guest's text.
#[derive(Debug)]
pub(crate) struct Guest {
    /// Its name.
    pub name: &'static str,
    /// Lines of its `[dependencies]`.
    dependencies: &'static str,
    /// The module of the edited function, with `::`.
    module: &'static str,
    /// Files below `src` and their texts; the first is the one that is edited.
    files: Vec<(String, String)>,
    /// Packages of its own workspace that it depends on.
    below: Vec<Below>,
}

/// A package below a guest, without the SDK.
#[derive(Debug)]
struct Below {
    /// What it is called in the guest's code; also its folder.
    key: String,
    dependencies: &'static str,
    files: Vec<(String, String)>,
}

/// What is made of a guest's text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape<'a> {
    /// A guest, as Exuvia takes it.
    Guest,
    /// The same, linked against a base library.
    OnBase,
    /// A program that writes the edited function's answer and ends.
    Program,
    /// A program and a library beside it, as hot-lib-reloader's README has them, without the SDK.
    HotLib(HotLib<'a>),
    /// A program that calls the edited function through dioxus' libraries of this version, without the SDK.
    Patched(&'a str),
}

/// What hot-lib-reloader is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HotLib<'a> {
    /// Where cargo puts the library.
    pub libraries: &'a Path,
    /// In milliseconds; without it, what hot-lib-reloader has by itself.
    pub debounce: Option<u32>,
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

impl Guest {
    /// Lines of Rust.
    pub(crate) fn lines(&self) -> usize {
        let files = self.files.iter().chain(self.below.iter().flat_map(|below| &below.files));
        files.map(|(_, text)| text.lines().count()).sum()
    }

    /// Whether its edited function is in a crate on top of the rest.
    pub(crate) fn is_split(&self) -> bool {
        !self.below.is_empty()
    }

    /// Writes the crate, under a name with this ending, below a folder; its function returns this number
    /// at first. Its dependencies are on this machine when this returns.
    pub(crate) fn write(&self, below: &Path, ending: &str, shape: Shape<'_>, number: u64) -> Result<Place, String> {
        let name = format!("{}_{ending}", self.name);
        let root = below.join(&name);
        let (package, package_name, kind, sdk, workspace) = match shape {
            Shape::Guest => (root.clone(), name.clone(), CDYLIB, sdk()?, WORKSPACE),
            Shape::OnBase => (root.clone(), name.clone(), ON_BASE, sdk()?, WORKSPACE),
            Shape::Program => (root.clone(), name.clone(), "", sdk()?, WORKSPACE),
            Shape::HotLib(hot_lib) => {
                self.write_host(&root, &name, hot_lib)?;
                (root.join("lib"), format!("{name}_lib"), DYLIB, String::new(), "")
            }
            Shape::Patched(version) => (root.clone(), name.clone(), "", dioxus(version), WORKSPACE),
        };
        let mut dependencies = format!("{sdk}{}", self.dependencies);
        for Below { key, dependencies: of_it, files } in &self.below {
            let name = format!("{name}_{key}");
            dependencies.push_str(&format!("{key} = {{ path = {key:?}, package = {name:?} }}\n"));
            write_package(&package.join(key), &name, "", of_it, files)?;
        }
        let files = self.files_as(shape);
        let with_number = |(file, text): &(String, String)| (file.clone(), text.replace(NUMBER, &number.to_string()));
        let first: Vec<(String, String)> = files.iter().map(with_number).collect();
        write_package(&package, &package_name, kind, &format!("{dependencies}{workspace}"), &first)?;
        match shape {
            Shape::Patched(_) => fetch::fetch_for_dx(&root)?,
            _ => fetch::fetch(&root)?,
        }
        let (edited, text) = files.into_iter().next().ok_or("a guest without files")?;
        Ok(Place { edited: package.join("src").join(edited), root, name, text })
    }

    /// Its files in a shape; the edited one first.
    fn files_as(&self, shape: Shape<'_>) -> Vec<(String, String)> {
        let edited = format!("pub fn {EDITED}()");
        let exported = format!("{EXPORT}{edited}");
        let unmangled = format!("#[unsafe(no_mangle)]\n{edited}");
        let as_written = |(file, text): &(String, String)| match (shape, file.as_str()) {
            (Shape::Program, "lib.rs") => ("main.rs".to_owned(), self.as_program(text)),
            (Shape::Patched(_), "lib.rs") => ("main.rs".to_owned(), self.as_patched(&text.replace(EXPORT, ""))),
            (Shape::Patched(_), file) => (file.to_owned(), text.replace(EXPORT, "")),
            (Shape::HotLib(_), file) => (file.to_owned(), text.replace(&exported, &unmangled).replace(EXPORT, "")),
            _ => (file.clone(), text.clone()),
        };
        self.files.iter().map(as_written).collect()
    }

    fn as_program(&self, root: &str) -> String {
        let module = self.module;
        format!("#![allow(dead_code)]\n{root}\nfn main() {{\n    println!(\"{{}}\", {module}{EDITED}());\n}}\n")
    }

    /// A program that calls the function once it has started, and again after each patch, and writes each new answer
    /// to the benchmark. It ends with the benchmark, so that none is left when that is ended from outside.
    fn as_patched(&self, root: &str) -> String {
        let module = self.module;
        format!(
            r#"#![allow(dead_code)]
{root}
fn main() {{
    use std::io::{{Read as _, Write as _}};
    let address = std::env::var("{ANSWERS}").expect("where the answers are read");
    let mut answers = std::net::TcpStream::connect(address).expect("the benchmark");
    answers.set_nodelay(true).expect("a socket");
    let mut benchmark = answers.try_clone().expect("a socket");
    std::thread::spawn(move || {{
        let _ = benchmark.read(&mut [0]);
        std::process::exit(1);
    }});
    let (tell, patches) = std::sync::mpsc::channel();
    subsecond::register_handler(std::sync::Arc::new(move || tell.send(()).expect("the loop")));
    dioxus_devtools::connect_subsecond();
    let mut told = None;
    loop {{
        let answer = subsecond::call(|| {module}{EDITED}());
        if told.replace(answer) != Some(answer) {{
            answers.write_all(format!("{{answer}}\n").as_bytes()).expect("the benchmark");
        }}
        patches.recv().expect("a patch");
    }}
}}
"#
        )
    }

    /// Writes the program that loads the library by hot-lib-reloader, and writes each new answer. It ends with its
    /// standard input, so that none is left when the benchmark is ended from outside.
    fn write_host(&self, root: &Path, name: &str, hot_lib: HotLib<'_>) -> Result<(), String> {
        let file = self.files.first().map_or("lib.rs", |(file, _)| file.as_str());
        let debounce = hot_lib.debounce.map_or(String::new(), |ms| format!(", file_watch_debounce = {ms}"));
        let text = format!(
            r#"#[hot_lib_reloader::hot_module(dylib = "{name}_lib", lib_dir = {libraries:?}{debounce})]
mod hot_lib {{
    hot_functions_from_file!("lib/src/{file}");

    #[lib_change_subscription]
    pub fn subscribe() -> hot_lib_reloader::LibReloadObserver {{}}
}}

fn main() {{
    std::thread::spawn(|| {{
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    }});
    let observer = hot_lib::subscribe();
    let mut told = None;
    loop {{
        let answer = hot_lib::{EDITED}();
        if told.replace(answer) != Some(answer) {{
            println!("{{answer}}");
        }}
        observer.wait_for_reload();
    }}
}}
"#,
            libraries = hot_lib.libraries
        );
        let dependencies = format!(
            "hot-lib-reloader = \"0.8\"\n{name}_lib = {{ path = \"lib\" }}\n\n\
             [workspace]\nresolver = \"2\"\nmembers = [\"lib\"]\n"
        );
        write_package(root, name, "", &dependencies, &[("main.rs".to_owned(), text)])
    }
}

const CDYLIB: &str = "[lib]\ncrate-type = [\"cdylib\"]\n\n";

const ON_BASE: &str = "[lib]\ncrate-type = [\"cdylib\"]\n\n[package.metadata.exuvia]\nbase-library = true\n\n";

const DYLIB: &str = "[lib]\ncrate-type = [\"rlib\", \"dylib\"]\n\n";

const WORKSPACE: &str = "\n[workspace]\n";

/// The line that makes a crate depend on the SDK.
fn sdk() -> Result<String, String> {
    let sdk = fetch::repository()?.join("reloadable/guest");
    Ok(format!("exuvia-guest = {{ path = {sdk:?} }}\n"))
}

/// The lines that make a crate depend on dioxus' libraries for patches, in this version.
fn dioxus(version: &str) -> String {
    format!("dioxus-devtools = \"={version}\"\nsubsecond = \"={version}\"\n")
}

/// Writes a package. What follows `[dependencies]` in its manifest may have further tables at its end.
fn write_package(
    root: &Path,
    name: &str,
    kind: &str,
    dependencies: &str,
    files: &[(String, String)],
) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", root.display());
    std::fs::create_dir_all(root.join("src")).map_err(failed)?;
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{kind}[dependencies]\n{dependencies}"
    );
    std::fs::write(root.join("Cargo.toml"), manifest).map_err(failed)?;
    for (file, text) in files {
        std::fs::write(root.join("src").join(file), text).map_err(failed)?;
    }
    Ok(())
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
