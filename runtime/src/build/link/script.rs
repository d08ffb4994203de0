//! The script that a replay gives to rustc as its linker, and the one that has the linker stand ready for it. Plain `sh`: starting
//! our executable costs more than what it does. Pure.
//!
//! A linker that stands ready is started by the gate, in the next replay's rustc (`runtime/gate`), and held in front of the file that its
//! arguments are to come from. It says its process id, by which that file is called, then `g` when it is held, and how it ends. The script in rustc's
//! place for the linker writes the file and says go. Whatever goes another way than that, it calls a linker itself, as ever.

use super::driver::{DRIVERS_OWN, Direct, FOLDERS, FOR_LINKER};
use super::recorder::SUBCOMMAND;
use crate::build::quoted;
use crate::history::record::ContentHash;

/// What the script does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Script<'a> {
    /// The linker that rustc would call.
    pub program: &'a str,
    /// Whoever writes down how rustc calls the linker, and the folder to write into.
    pub recorder: Option<(&'a str, &'a str)>,
    /// What the guest is linked against in place of its crates.
    pub base: Option<OnBase<'a>>,
    /// How to call the linker itself.
    pub direct: Option<&'a Direct>,
}

/// A base library, and what it stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnBase<'a> {
    /// The library.
    pub base: &'a str,
    /// The libraries that it holds.
    pub libraries: &'a [&'a str],
    /// How the name of the object begins that names the allocator.
    pub allocator: &'a str,
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Texts {
    /// The script.
    pub script: String,
    /// If the linker is called without the driver.
    pub standing: Option<Standing>,
}

/// The script that has the linker stand ready. It lies beside the other one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    /// Another one for each text.
    pub name: String,
    pub text: String,
}

/// How that name begins.
pub(super) const STANDING: &str = "standing-";

/// By which the linker's allocator is told to keep what is given back to it, and to take it from one place: glibc's manual, "Memory
/// Allocation Tunables". The threshold of `mmap` is the highest that it accepts.
const KEEPS: &str = "glibc.malloc.trim_threshold=1073741824:glibc.malloc.mmap_threshold=33554432";

/// Says go to the linker that stands ready, if there is one, and is done if that ended well. What it said is said on.
const GO: &str = r#"if [ -n "$held" ]; then
    trap '' PIPE
    { echo >&"$EXUVIA_LINKER_GO" && read held <&"$EXUVIA_LINKER_DONE"; } 2>/dev/null
    if [ "$held" = g0 ] && [ -f "$arguments.said" ]; then
        [ ! -s "$arguments.said" ] || cat "$arguments.said" >&2
        exit 0
    fi
    trap - PIPE
fi
"#;

/// Words as the script writes them for the linker, one in a line.
const WRITE: &str = r#"printf '"%s"\n'"#;

impl Script<'_> {
    /// `None` where a name cannot be written into one.
    pub(super) fn texts(&self) -> Option<Texts> {
        let standing = self.standing();
        Some(Texts { script: self.text(standing.as_ref())?, standing })
    }

    fn text(&self, standing: Option<&Standing>) -> Option<String> {
        let mut text =
            "#!/bin/sh\n# Stands in for the linker in a replay: the workbench writes it anew as needed.\n".to_owned();
        if let Some((executable, folder)) = self.recorder {
            // Without a recording the guest is linked as ever.
            let words = [executable, SUBCOMMAND, folder, self.program].map(quoted).join(" ");
            text.push_str(&format!("{words} \"$@\" || :\n"));
        }
        if self.base.is_none() && self.direct.is_none() {
            text.push_str(&format!("exec {} \"$@\"\n", quoted(self.program)));
            return Some(text);
        }
        let mut cases = Vec::new();
        if let Some(OnBase { base, libraries, allocator }) = self.base {
            // What the script writes is read with the rules of response files.
            let names = libraries.iter().copied().chain([base, allocator]);
            if names.into_iter().any(|name| name.contains(['\'', '"', '\\', '\n'])) {
                return None;
            }
            let patterns: Vec<String> = libraries.iter().copied().map(quoted).collect();
            // It stands among libraries that are to be found as archives only.
            let shared = match self.direct {
                Some(_) => format!("--push-state -Bdynamic {} --pop-state", quoted(base)),
                None => format!("{FOR_LINKER}--push-state,-Bdynamic {} {FOR_LINKER}--pop-state", quoted(base)),
            };
            cases.push((
                patterns.join(" | \\\n    "),
                format!("if [ -n \"$first\" ]; then {WRITE} {shared}; first=; fi"),
            ));
            cases.push((format!("*/{}*", quoted(allocator)), String::new()));
        }
        if self.direct.is_some() {
            let [libraries, programs] = FOLDERS;
            cases.push((libraries.to_owned(), "skip=yes".to_owned()));
            cases.push((format!("{} | {libraries}* | {programs}*", DRIVERS_OWN.join(" | ")), String::new()));
            // The field separator is a comma.
            cases.push((format!("{FOR_LINKER}*"), format!("{WRITE} ${{argument#{FOR_LINKER}}}")));
        }
        cases.push(("*".to_owned(), format!("{WRITE} \"$argument\"")));
        let cases: String = cases.iter().map(|(pattern, does)| format!("    {pattern}) {does} ;;\n")).collect();
        // What the script writes goes to the file that the linker which stands ready was started with, if it is there.
        let choice = standing.map_or_else(String::new, |Standing { name, .. }| {
            format!(
                "if [ \"$EXUVIA_LINKER\" = \"${{0%/*}}/{name}\" ] && {{ read held <&\"$EXUVIA_LINKER_DONE\"; }} 2>/dev/null\n\
                 then arguments=$EXUVIA_LINKER.$held\n\
                 fi\n"
            )
        });
        let go = standing.map_or("", |_| GO);
        text.push_str(&format!(
            "arguments=$0.arguments\nheld=\n{choice}\
             set -f\nIFS=,\nfirst=yes\nskip=\n\
             for argument do\n\
             \x20   if [ -n \"$skip\" ]; then skip=; continue; fi\n\
             \x20   case $argument in\n{cases}\
             \x20   esac\n\
             done > \"$arguments\"\n{go}"
        ));
        let call = self.call().unwrap_or_else(|| {
            format!("{} \"@$arguments\" {FOR_LINKER}-z,nodelete {FOR_LINKER}-z,defs", quoted(self.program))
        });
        text.push_str(&format!("exec {call}\n"));
        Some(text)
    }

    /// The linker itself, with its arguments in the file `$arguments`.
    fn call(&self) -> Option<String> {
        let list = |words: &[String]| words.iter().map(|word| format!(" {}", quoted(word))).collect::<String>();
        let Direct { linker, before, after } = self.direct?;
        // A version's own code is so little that threads take longer to start than they save (measured on two cores).
        let options = ["-z", "nodelete", "-z", "defs", "--threads=1"].map(str::to_owned);
        let options = if self.base.is_some() { list(&options) } else { String::new() };
        Some(format!("{}{} \"@$arguments\"{options}{}", quoted(linker), list(before), list(after)))
    }

    fn standing(&self) -> Option<Standing> {
        // The next link will be another one.
        let call = self.call().filter(|_| self.recorder.is_none())?;
        let text = format!(
            "#!/bin/sh\n# Has the linker stand ready for a replay: the gate starts this.\n\
             arguments=$0.$$\n\
             # What those have left that are gone: nobody is to wait for that.\n\
             for old in \"$0\".*[0-9]; do\n\
             \x20   kill -0 \"${{old##*.}}\" 2>/dev/null || rm -f \"$old\" \"$old.said\"\n\
             done\n\
             # It has to be there. No linker that is not held is to do anything.\n\
             echo --not-yet > \"$arguments\"\n\
             echo $$\n\
             LD_PRELOAD=$EXUVIA_LINKER_GATE EXUVIA_GATE=$arguments EXUVIA_GATE_MEMORY=$EXUVIA_LINKER_MEMORY \\\n\
             GLIBC_TUNABLES=${{GLIBC_TUNABLES:-{KEEPS}}} \\\n\
             {call} 2> \"$arguments.said\"\n\
             # The gate has said so already, unless it was killed.\n\
             echo $?\n"
        );
        Some(Standing { name: format!("{STANDING}{}", ContentHash::of(text.as_bytes()).short()), text })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// Written by another process: one that this process starts meanwhile, for another test, would have the file open
    /// for a moment, and what is open to be written is not run.
    fn write_script(path: &Path, text: &str) {
        let written = Command::new("sh")
            .args(["-c", "printf %s \"$2\" > \"$1\" && chmod 700 \"$1\"", "sh"])
            .arg(path)
            .arg(text)
            .status();
        assert!(written.unwrap().success());
    }

    const ARGS: [&str; 17] = [
        "-Wl,--version-script=/t/rustcX/list",
        "-m64",
        "/t/rustcX/symbols.o",
        "/t/g.1ab.s1.rcgu.o",
        "/t/g.2cd.s1.rcgu.o",
        "-Wl,-Bstatic",
        "/t/libegui-1.rlib",
        "/t/libwith_sdk-3.rlib",
        "/s/libstd-4.rlib",
        "-Wl,-Bdynamic",
        "-L",
        "/s/lib",
        "-B/s/bin",
        "-o",
        "/t/with space, and comma/lib*.so",
        "-Wl,-z,relro,-z,now",
        "-nodefaultlibs",
    ];

    #[test]
    fn the_linker_is_called_with_what_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let echo = folder.path().join("echo it");
        let text = "#!/bin/sh\nfor a do case $a in @*) cat \"${a#@}\";; *) echo \"$a\";; esac; done\n";
        write_script(&echo, text);
        let echo = echo.to_str().unwrap();
        let libraries = ["/t/libegui-1.rlib", "/s/libstd-4.rlib"];
        let base = OnBase { base: "/b/the base.so", libraries: &libraries, allocator: "g.2cd." };
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let direct =
            Direct { linker: echo.to_owned(), before: words("-shared /usr/crti.o"), after: words("/usr/crtn.o") };
        let as_ever = Script { program: echo, recorder: None, base: None, direct: None };
        let on_base = "-Wl,--version-script=/t/rustcX/list|-m64|/t/rustcX/symbols.o|/t/g.1ab.s1.rcgu.o|-Wl,-Bstatic\
                       |-Wl,--push-state,-Bdynamic|/b/the base.so|-Wl,--pop-state|/t/libwith_sdk-3.rlib|-Wl,-Bdynamic\
                       |-L|/s/lib|-B/s/bin|-o|/t/with space, and comma/lib*.so|-Wl,-z,relro,-z,now|-nodefaultlibs\
                       #-Wl,-z,nodelete|-Wl,-z,defs";
        let alone = "-shared|/usr/crti.o#--version-script=/t/rustcX/list|/t/rustcX/symbols.o|/t/g.1ab.s1.rcgu.o\
                     |/t/g.2cd.s1.rcgu.o|-Bstatic|/t/libegui-1.rlib|/t/libwith_sdk-3.rlib|/s/libstd-4.rlib|-Bdynamic\
                     |-o|/t/with space, and comma/lib*.so|-z|relro|-z|now#/usr/crtn.o";
        let both = "-shared|/usr/crti.o#--version-script=/t/rustcX/list|/t/rustcX/symbols.o|/t/g.1ab.s1.rcgu.o\
                    |-Bstatic|--push-state|-Bdynamic|/b/the base.so|--pop-state|/t/libwith_sdk-3.rlib|-Bdynamic\
                    |-o|/t/with space, and comma/lib*.so|-z|relro|-z|now#-z|nodelete|-z|defs|--threads=1|/usr/crtn.o";
        for (what, script, wanted) in [
            ("as ever", as_ever, ARGS.join("\n")),
            ("a recorder that fails", Script { recorder: Some(("/bin/false", "/t")), ..as_ever }, ARGS.join("\n")),
            ("on a base", Script { base: Some(base), ..as_ever }, on_base.to_owned()),
            ("without the driver", Script { direct: Some(&direct), ..as_ever }, alone.to_owned()),
            ("both", Script { base: Some(base), direct: Some(&direct), ..as_ever }, both.to_owned()),
        ] {
            // Those between the signs go by way of a file, in quotation marks.
            let mut parts: Vec<String> = wanted.split('#').map(str::to_owned).collect();
            let in_file = match (parts.len(), script.direct) {
                (1, _) => None,
                (_, None) => Some(0),
                (_, Some(_)) => Some(1),
            };
            if let Some(index) = in_file {
                let quoted: Vec<String> = parts[index].split('|').map(|word| format!("\"{word}\"")).collect();
                parts[index] = quoted.join("|");
            }
            let linker = folder.path().join("cc");
            write_script(&linker, &script.texts().unwrap().script);
            let said = Command::new(&linker).args(ARGS).output().unwrap();
            assert!(said.status.success(), "{what}: {}", String::from_utf8_lossy(&said.stderr));
            let said = String::from_utf8(said.stdout).unwrap();
            assert_eq!(
                said.trim_end().split('\n').collect::<Vec<_>>(),
                parts.join("|").split(['|', '\n']).collect::<Vec<_>>(),
                "{what}"
            );
        }
        let odd = Script { base: Some(OnBase { base: "/it's/base.so", ..base }), ..as_ever };
        assert_eq!(odd.texts(), None);
    }

    /// Runs the script beside one that has the linker stand ready, as the gate connects the two, and gives what was printed.
    fn beside_standing(folder: &Path, texts: &Texts) -> String {
        let Standing { name, text } = texts.standing.as_ref().unwrap();
        write_script(&folder.join("cc"), &texts.script);
        write_script(&folder.join(name), text);
        let text = format!(
            "cd \"$1\"; mkfifo go done; \"$1/{name}\" < go > done 2>/dev/null & exec 8> go 9< done\n\
             EXUVIA_LINKER=\"$1/{name}\" EXUVIA_LINKER_GO=8 EXUVIA_LINKER_DONE=9 \"$1/cc\" --word /t/liba.rlib\n\
             status=$?; exec 8>&- 9<&-; wait; rm go done; echo $status; cat called; rm called; ls | grep -c 'standing.*[.].*[0-9]$'\n"
        );
        let output = Command::new("sh").args(["-c", &text, "sh"]).arg(folder).output().unwrap();
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    }

    #[test]
    fn a_linker_that_stands_ready_is_used_if_all_is_well() {
        let folder = tempfile::tempdir().unwrap();
        let (root, linker) = (folder.path(), folder.path().join("ld.lld"));
        let path = linker.to_str().unwrap();
        let direct = Direct { linker: path.to_owned(), before: vec!["-shared".to_owned()], after: Vec::new() };
        let script = Script { program: "cc", recorder: None, base: None, direct: Some(&direct) };
        let texts = script.texts().unwrap();
        // Notes how it was called, and with what in the file.
        let link = "{ echo $1 $([ -n \"$EXUVIA_GATE\" ] && echo held); cat \"${2#@}\"; } >> called";
        let held = "[ -z \"$EXUVIA_GATE\" ] || { printf g; read word || exit 1; }";
        let linked = |how: &str| format!("-shared {how}\n\"--word\"\n\"/t/liba.rlib\"\n").replace(" \n", "\n");
        for (what, does, status, called) in [
            ("held", format!("{held}\n{link}"), 0, linked("held")),
            // It says itself what is wrong.
            ("fails", format!("{held}\n{link}\nexit 3"), 3, linked("held") + &linked("")),
            ("warns", format!("{held}\n{link}\n[ -z \"$EXUVIA_GATE\" ] || echo beware >&2"), 0, linked("held")),
            ("was killed", format!("[ -z \"$EXUVIA_GATE\" ] || kill -9 $$\n{link}"), 0, linked("")),
            ("was not held", format!("[ -z \"$EXUVIA_GATE\" ] || exit 0\n{link}"), 0, linked("")),
        ] {
            write_script(&linker, &format!("#!/bin/sh\n{does}\n"));
            // What the one before has left is gone.
            let said = if what == "warns" { "beware\n" } else { "" };
            assert_eq!(beside_standing(root, &texts), format!("{status}\n{called}1\n{said}"), "{what}");
        }

        // One that links otherwise is not for this script.
        let other = Direct { before: vec!["-pie".to_owned()], ..direct.clone() };
        let other = Script { direct: Some(&other), ..script }.texts().unwrap();
        let mixed = Texts { script: other.script, standing: texts.standing };
        assert!(beside_standing(root, &mixed).starts_with("0\n-pie\n"), "by itself");
        assert_eq!(Script { recorder: Some(("exuvia", "/t")), ..script }.texts().unwrap().standing, None);
    }
}
