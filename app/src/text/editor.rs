//! Which editor opens a file, and why none did.

use super::Language;
use crate::editor::{EditorError, Origin};

super::texts! {
    editor_by(editor: &str, origin: &str) = "{editor} ({origin})", "{editor}（{origin}）";
    origin_setting(label: &str) = "the setting “{label}”", "设置“{label}”";
    origin_path = "the first editor on PATH", "PATH 中的第一个编辑器";

    editor_help(label: &str) = "set “{label}” in Settings, for example: code -g {{file}}:{{line}}:{{column}}", "请在“设置”中填写“{label}”，例如 code -g {{file}}:{{line}}:{{column}}";
    editor_none(help: &str) = "No editor was found: $VISUAL and $EDITOR are not set, and none that Exuvia knows is on PATH; {help}", "未找到编辑器：$VISUAL 和 $EDITOR 均未设置，PATH 中也没有 Exuvia 认识的编辑器；{help}";
    editor_no_file(file: &str) = "{file} is not there any more", "{file} 已不存在";
    editor_quotes(origin: &str, line: &str, help: &str) = "{origin} is `{line}`, whose quotes do not match; {help}", "{origin} 的内容是 `{line}`，其中引号不匹配；{help}";
    editor_placeholder(origin: &str, name: &str, help: &str) = "{origin} has {{{name}}}, and only {{file}}, {{line}} and {{column}} are known; {help}", "{origin} 中有 {{{name}}}，而可用的只有 {{file}}、{{line}} 和 {{column}}；{help}";
    editor_not_found(origin: &str, program: &str, help: &str) = "{origin} asks for `{program}`, which is not on PATH or cannot be run; {help}", "{origin} 指定了 `{program}`，但它不在 PATH 中或无法运行；{help}";
    editor_no_terminal(program: &str, origin: &str, help: &str) = "`{program}` ({origin}) needs a terminal, and no terminal emulator was found on PATH; install one, set $TERMINAL to one, or {help}", "`{program}`（{origin}）需要终端，但 PATH 中没有终端模拟器；请安装一个，或将 $TERMINAL 设为终端程序；否则{help}";
    editor_not_started(program: &str, origin: &str, reason: &str, help: &str) = "`{program}` ({origin}) could not be started: {reason}; {help}", "无法启动 `{program}`（{origin}）：{reason}；{help}";
}

impl Language {
    /// Who chose the editor.
    pub(crate) fn origin(self, origin: Origin) -> String {
        match origin {
            Origin::Setting => self.origin_setting(self.set_editor()),
            Origin::Visual => "$VISUAL".to_owned(),
            Origin::Editor => "$EDITOR".to_owned(),
            Origin::Path => self.origin_path().to_owned(),
        }
    }

    /// Why no editor opened the file, and what to do.
    pub(crate) fn editor_error(self, error: &EditorError) -> String {
        self.editor_error_with(error, &self.editor_help(self.set_editor()))
    }

    /// The same beside the setting, where nobody has to be sent to it.
    pub(crate) fn editor_error_at_setting(self, error: &EditorError) -> String {
        match error {
            EditorError::NoEditor => self.set_editor_none().to_owned(),
            EditorError::NoTerminal { program, .. } => self.set_editor_terminal(program),
            _ => self.editor_error_with(error, self.set_editor_example()),
        }
    }

    fn editor_error_with(self, error: &EditorError, help: &str) -> String {
        let by = |origin: &Origin| self.origin(*origin);
        match error {
            EditorError::NoEditor => self.editor_none(help),
            EditorError::NoFile { file } => self.editor_no_file(&file.display().to_string()),
            EditorError::Quotes { origin, line } => self.editor_quotes(&by(origin), line, help),
            EditorError::Placeholder { origin, name } => self.editor_placeholder(&by(origin), name, help),
            EditorError::NotFound { origin, program } => self.editor_not_found(&by(origin), program, help),
            EditorError::NoTerminal { origin, program } => self.editor_no_terminal(program, &by(origin), help),
            EditorError::NotStarted { origin, program, reason } => {
                self.editor_not_started(program, &by(origin), reason, help)
            }
            EditorError::Mistake { message } => message.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_the_setting_nobody_is_sent_to_it() {
        let vim = EditorError::NoTerminal { origin: Origin::Path, program: "vim".to_owned() };
        let quotes = EditorError::Quotes { origin: Origin::Visual, line: "x '".to_owned() };
        let l = Language::English;
        assert_eq!(l.editor_error_at_setting(&vim), "vim needs a terminal; for example: code -g {file}:{line}");
        for error in [EditorError::NoEditor, vim, quotes] {
            for language in [Language::English, Language::Chinese] {
                let said = language.editor_error_at_setting(&error);
                assert!(said.contains("code -g {file}:{line}"), "{said}");
                assert!(!said.contains(language.set_editor()), "{said}");
            }
        }
    }

    #[test]
    fn an_error_names_the_setting_by_its_label_in_either_language() {
        let errors = [
            EditorError::NoEditor,
            EditorError::Quotes { origin: Origin::Setting, line: "x '".to_owned() },
            EditorError::Placeholder { origin: Origin::Setting, name: "path".to_owned() },
            EditorError::NotFound { origin: Origin::Visual, program: "gone".to_owned() },
            EditorError::NoTerminal { origin: Origin::Path, program: "vim".to_owned() },
            EditorError::NotStarted { origin: Origin::Editor, program: "x".to_owned(), reason: "no".to_owned() },
        ];
        for language in [Language::English, Language::Chinese] {
            for error in &errors {
                let said = language.editor_error(error);
                assert!(said.contains(&format!("“{}”", language.set_editor())), "{said}");
                assert!(said.contains("code -g {file}:{line}:{column}") && !said.contains("`editor`"), "{said}");
            }
        }
        assert_eq!(
            Language::Chinese.editor_by("vim", &Language::Chinese.origin(Origin::Path)),
            "vim（PATH 中的第一个编辑器）"
        );
    }
}
