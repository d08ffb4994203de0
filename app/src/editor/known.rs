//! The editors that we know, and how each is told a line. From their manuals.

/// An editor, or several that are told in the same way.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// Base names of its programs.
    pub(super) programs: &'static [&'static str],
    /// The arguments.
    pub(super) arguments: &'static [&'static str],
    /// Where it shows itself.
    pub(super) needs: Needs,
}

/// Where an editor shows itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// In a window of its own.
    Nothing,
    /// In a terminal.
    Terminal,
    /// In a window of its own, but in a terminal with one of these options.
    TerminalWith(&'static [&'static str]),
}

const COLONS: &[&str] = &["{file}:{line}:{column}"];

/// All of them; those with a window come first.
pub(super) const KNOWN: &[Known] = &[
    window(&["code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"], &["-g", "{file}:{line}:{column}"]),
    window(&["zed", "zeditor", "zedit", "subl", "sublime_text", "lapce"], COLONS),
    window(
        &["rustrover", "rustrover.sh", "idea", "idea.sh", "clion", "clion.sh"],
        &["--line", "{line}", "--column", "{column}", "{file}"],
    ),
    window(&["kate", "kwrite", "geany"], &["--line", "{line}", "--column", "{column}", "{file}"]),
    window(&["gnome-text-editor", "gedit"], &["+{line}:{column}", "{file}"]),
    window(&["gvim", "mvim"], CURSOR),
    Known {
        programs: &["emacs", "emacsclient"],
        arguments: &["+{line}:{column}", "{file}"],
        needs: Needs::TerminalWith(&["-nw", "-t", "-tty", "--tty", "--no-window-system"]),
    },
    terminal(&["nvim", "vim"], CURSOR),
    terminal(&["hx", "helix"], COLONS),
    terminal(&["kak", "micro"], &["+{line}:{column}", "{file}"]),
    terminal(&["nano"], &["+{line},{column}", "{file}"]),
    // They may be built without `:call`.
    terminal(&["vi", "vim.tiny", "nvi"], &["+{line}", "{file}"]),
];

/// What is looked for where the user has chosen none: those with a window first, then what people
/// install on purpose, then what is there anyway.
pub(super) const LOOKED_FOR: &[&str] = &[
    "code",
    "codium",
    "vscodium",
    "cursor",
    "zed",
    "zeditor",
    "rustrover",
    "idea",
    "clion",
    "subl",
    "kate",
    "gnome-text-editor",
    "gedit",
    "gvim",
    "emacs",
    "hx",
    "helix",
    "nvim",
    "vim",
    "micro",
    "nano",
    "vi",
];

const CURSOR: &[&str] = &["+call cursor({line},{column})", "{file}"];

const fn window(programs: &'static [&'static str], arguments: &'static [&'static str]) -> Known {
    Known { programs, arguments, needs: Needs::Nothing }
}

const fn terminal(programs: &'static [&'static str], arguments: &'static [&'static str]) -> Known {
    Known { programs, arguments, needs: Needs::Terminal }
}

/// The editor that a program is, by its base name.
pub(super) fn known(program: &str) -> Option<&'static Known> {
    let base = base_name(program);
    KNOWN.iter().find(|known| known.programs.contains(&base))
}

/// `/usr/bin/hx` is `hx`.
pub(super) fn base_name(program: &str) -> &str {
    let base = program.rsplit(std::path::is_separator).next().unwrap_or(program);
    base.strip_suffix(std::env::consts::EXE_SUFFIX).unwrap_or(base)
}

impl Known {
    /// Whether it needs a terminal, with these options of the user's.
    pub(super) fn needs_terminal(&self, options: &[String]) -> bool {
        match self.needs {
            Needs::Nothing => false,
            Needs::Terminal => true,
            Needs::TerminalWith(those) => options.iter().any(|option| those.contains(&option.as_str())),
        }
    }
}
