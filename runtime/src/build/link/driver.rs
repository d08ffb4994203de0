//! What the compiler driver, which rustc calls as its linker, makes of rustc's call: a call of the linker
//! itself. Pure.
//!
//! The driver and its `collect2` take some milliseconds of each link, and add the same words each time. What they
//! add is learned once, from the driver's own word (`-###`: "like -v but arguments quoted and commands
//! not executed", gcc(1)), and only if all the rest is understood to the last word.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// Words that only the driver is told.
pub(super) const DRIVERS_OWN: [&str; 4] = ["-m64", "-shared", "-nodefaultlibs", USES_LLD];

/// How the words begin that name folders: of libraries, which the driver gathers before all else, and of
/// programs.
pub(super) const FOLDERS: [&str; 2] = ["-L", PROGRAMS];

/// How a word begins that holds words for the linker, with commas between them.
pub(super) const FOR_LINKER: &str = "-Wl,";

const USES_LLD: &str = "-fuse-ld=lld";
const PROGRAMS: &str = "-B";

/// The linker's own name when it is lld for this system: <https://lld.llvm.org>.
const LLD: &str = "ld.lld";

/// The folder in which Rust's own programs lie that start Rust's linker, that linker above it, and how it is told which one to be:
/// <https://github.com/rust-lang/rust/tree/1.95.0/src/tools/lld-wrapper>.
const STARTERS: &str = "gcc-ld";
const RUSTS: &str = "rust-lld";
const AS_LLD: [&str; 2] = ["-flavor", "gnu"];

/// A call of the linker without the driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Direct {
    /// The linker.
    pub linker: String,
    /// What it is given before rustc's words.
    pub before: Vec<String>,
    /// What it is given after them.
    pub after: Vec<String>,
}

impl Direct {
    /// What the driver does with these arguments, according to what it `said`; `is_program` tells whether there is
    /// a program. `None` where not all of it is understood.
    pub(super) fn of(args: &[String], said: &str, is_program: impl Fn(&Path) -> bool) -> Option<Self> {
        // The commands are indented; linking is the last.
        let command = said.lines().rev().find(|line| line.starts_with(' '))?;
        let mut words = unquoted(command)?.into_iter();
        let program = words.next()?;
        let is_wanted = args.iter().filter(|arg| arg.starts_with("-fuse-ld")).eq([USES_LLD]);
        let linker = match Path::new(&program).file_name()?.to_str()? {
            LLD => program,
            // It looks for the linker in these folders first.
            "collect2" if is_wanted => args
                .iter()
                .filter_map(|arg| arg.strip_prefix(PROGRAMS))
                .map(|folder| format!("{folder}/{LLD}"))
                .find(|linker| is_program(Path::new(linker)))?,
            _ => return None,
        };
        let mut called = Vec::new();
        while let Some(word) = words.next() {
            match &*word {
                // For lld, rustc's objects are what they are: no plugin of gcc's has to do with them.
                "-plugin" | "-o" => drop(words.next()?),
                _ if word.starts_with("-plugin-opt=") || word == USES_LLD => {}
                _ => called.push(word),
            }
        }
        let (passed, folders) = passed(args)?;
        let at = called.windows(passed.len()).position(|window| window == passed)?;
        let after = called.split_off(at + passed.len());
        called.truncate(at);
        let mut before = called.iter();
        // In this order, with the driver's own behind them.
        let has_folders = folders.iter().all(|folder| before.any(|word| word == folder));
        let can_be_written = !args.iter().chain([&linker]).any(|word| word.contains(['"', '\\', '\n']));
        let rusts = Path::new(&linker).parent().filter(|folder| folder.ends_with(STARTERS));
        let rusts = rusts.map(|folder| folder.with_file_name(RUSTS)).filter(|rusts| is_program(rusts));
        let (linker, before) = match rusts.as_deref().and_then(Path::to_str) {
            Some(rusts) => (rusts.to_owned(), AS_LLD.map(str::to_owned).into_iter().chain(called).collect()),
            None => (linker, called),
        };
        (!passed.is_empty() && has_folders && can_be_written).then_some(Self { linker, before, after })
    }
}

/// The words that reach the linker in their places, and the folders of libraries.
fn passed(args: &[String]) -> Option<(Vec<String>, Vec<String>)> {
    let (mut passed, mut folders) = (Vec::new(), Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if let Some(words) = arg.strip_prefix(FOR_LINKER) {
            passed.extend(words.split(',').map(str::to_owned));
        } else if arg == "-o" {
            args.next()?;
        } else if arg == "-L" {
            folders.push(format!("-L{}", args.next()?));
        } else if arg.starts_with("-L") {
            folders.push(arg.clone());
        } else if !DRIVERS_OWN.contains(&arg.as_str()) && !arg.starts_with(PROGRAMS) {
            passed.push(arg.clone());
        }
    }
    Some((passed, folders))
}

/// The words of a command as gcc and clang print them: in quotation marks where they need them.
fn unquoted(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut chars = command.trim().chars().peekable();
    while chars.peek().is_some() {
        let (mut word, mut is_quoted) = (String::new(), false);
        loop {
            match chars.next() {
                Some('"') => is_quoted = !is_quoted,
                Some('\\') => word.push(chars.next()?),
                Some(' ') if !is_quoted => break,
                Some(char) => word.push(char),
                None if is_quoted => return None,
                None => break,
            }
        }
        if !word.is_empty() {
            words.push(word);
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    const ARGS: &str = "-Wl,--version-script=/t/rustcX/list -m64 /t/g.o -Wl,--as-needed -Wl,-Bstatic /t/liba.rlib \
                        -lc -L /t/raw -B/r/none -B/r/bin -fuse-ld=lld -L /s/lib -o /t/libg.so -shared \
                        -Wl,-z,relro,-z,now -nodefaultlibs";

    const GCC: &str = r#"COLLECT_GCC=cc
 /usr/lib/gcc/12/collect2 -plugin /usr/lib/lto.so "-plugin-opt=/usr/lib/lto-wrapper" --build-id "--hash-style=gnu" -shared "-fuse-ld=lld" -o /t/libg.so /usr/crti.o -L/t/raw -L/s/lib -L/usr/lib "--version-script=/t/rustcX/list" /t/g.o --as-needed -Bstatic /t/liba.rlib -lc -z relro -z now /usr/crtn.o
COLLECT_GCC_OPTIONS='-m64' '-shared'
"#;

    const CLANG: &str = r#"clang version 14
 "/r/bin/ld.lld" "--build-id" "-shared" "-o" "/t/libg.so" "/usr/crti.o" "-L/t/raw" "-L/s/lib" "-L/usr/lib" "--version-script=/t/rustcX/list" "/t/g.o" "--as-needed" "-Bstatic" "/t/liba.rlib" "-lc" "-z" "relro" "-z" "now" "/usr/crtn.o"
"#;

    #[test]
    fn what_the_driver_adds_is_learned_if_all_the_rest_is_known() {
        let of = |args: &str, said: &str| Direct::of(&words(args), said, |path| path.starts_with("/r/bin"));
        let direct = |before: &str| {
            let (linker, after) = ("/r/bin/ld.lld".to_owned(), words("/usr/crtn.o"));
            Some(Direct { linker, before: words(before), after })
        };
        let gcc = direct("--build-id --hash-style=gnu -shared /usr/crti.o -L/t/raw -L/s/lib -L/usr/lib");
        let starter = |text: &str| text.replace("/r/bin", "/r/bin/gcc-ld");
        let rusts = direct("-flavor gnu --build-id -shared /usr/crti.o -L/t/raw -L/s/lib -L/usr/lib");
        let rusts = rusts.map(|direct| Direct { linker: "/r/bin/rust-lld".to_owned(), ..direct });
        for (what, args, said, wanted) in [
            ("gcc", ARGS.to_owned(), GCC.to_owned(), gcc),
            (
                "clang",
                ARGS.to_owned(),
                CLANG.to_owned(),
                direct("--build-id -shared /usr/crti.o -L/t/raw -L/s/lib -L/usr/lib"),
            ),
            ("clang, and Rust's own linker", starter(ARGS), starter(CLANG), rusts),
            ("an option that the driver keeps to itself", format!("{ARGS} -march=native"), GCC.to_owned(), None),
            ("an option that it turns into others", ARGS.to_owned(), GCC.replace("-lc", "-lc -lm"), None),
            ("another linker beside", format!("{ARGS} -fuse-ld=mold"), GCC.to_owned(), None),
            ("the system's linker", ARGS.replace("-fuse-ld=lld", ""), GCC.replace("\"-fuse-ld=lld\"", ""), None),
            ("no such linker", ARGS.replace("-B/r/bin", ""), GCC.to_owned(), None),
            ("folders in another order", ARGS.to_owned(), GCC.replace("-L/t/raw -L/s/lib", "-L/s/lib -L/t/raw"), None),
            (
                "a word that cannot be written",
                ARGS.replace("/t/g.o", "/t/\\g.o"),
                GCC.replace("/t/g.o", "/t/\\\\g.o"),
                None,
            ),
            ("no commands", ARGS.to_owned(), "cc: error: unrecognized option".to_owned(), None),
            ("nothing", String::new(), String::new(), None),
        ] {
            assert_eq!(of(&args, &said), wanted, "{what}");
        }
    }

    #[test]
    fn words_are_read_as_they_are_printed() {
        for (printed, read) in [
            (r#" a "b c" "d\"e" f\$"#, Some(vec!["a", "b c", "d\"e", "f$"])),
            ("  a  b ", Some(vec!["a", "b"])),
            (r#"a "b"#, None),
        ] {
            assert_eq!(unquoted(printed), read.map(|read| read.into_iter().map(str::to_owned).collect()), "{printed}");
        }
    }
}
