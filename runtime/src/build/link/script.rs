//! The script that a replay gives to rustc as its linker. Plain `sh`: starting our executable costs more than
//! what it does. Pure.

use super::driver::{DRIVERS_OWN, Direct, FOLDERS, FOR_LINKER};
use super::recorder::SUBCOMMAND;
use crate::build::quoted;

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

/// Words as the script writes them for the linker, one in a line.
const WRITE: &str = r#"printf '"%s"\n'"#;

impl Script<'_> {
    /// Its text. `None` where a name cannot be written into one.
    pub(super) fn text(&self) -> Option<String> {
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
        text.push_str(&format!(
            "set -f\nIFS=,\nfirst=yes\nskip=\n\
             for argument do\n\
             \x20   if [ -n \"$skip\" ]; then skip=; continue; fi\n\
             \x20   case $argument in\n{cases}\
             \x20   esac\n\
             done > \"$0.arguments\"\n"
        ));
        let list = |words: &[String]| words.iter().map(|word| format!("{} ", quoted(word))).collect::<String>();
        let options = ["-z", "nodelete", "-z", "defs"].map(str::to_owned);
        text.push_str(&match self.direct {
            Some(Direct { linker, before, after }) => {
                let options = if self.base.is_some() { list(&options) } else { String::new() };
                format!("exec {} {}\"@$0.arguments\" {options}{}\n", quoted(linker), list(before), list(after))
            }
            None => {
                format!("exec {} \"@$0.arguments\" {FOR_LINKER}-z,nodelete {FOR_LINKER}-z,defs\n", quoted(self.program))
            }
        });
        Some(text)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::platform::write_script;

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
        write_script(&echo, text).unwrap();
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
                    |-o|/t/with space, and comma/lib*.so|-z|relro|-z|now#-z|nodelete|-z|defs|/usr/crtn.o";
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
            write_script(&linker, &script.text().unwrap()).unwrap();
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
        assert_eq!(odd.text(), None);
    }
}
