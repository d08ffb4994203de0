//! What egui's own fonts have not: Chinese, signs, emoji. The fonts come with the program, so that
//! text looks the same everywhere and no system font has to be looked for; those come after ours.

use std::sync::Arc;

use eframe::egui::{Context, FontData, FontDefinitions, FontFamily, FontTweak};

/// The last fallbacks of both families, in their order: a sign that is also an emoji is drawn as the sign.
static FALLBACKS: [(&str, &[u8], f32); 3] = [
    ("Noto Sans CJK SC", include_bytes!("../../../assets/fonts/NotoSansCJKsc-Regular.subset.otf"), 1.0),
    ("Noto Sans Symbols", include_bytes!("../../../assets/fonts/NotoSansSymbols.subset.ttf"), 1.0),
    // Emoji are wider and taller than a line's other glyphs.
    ("Noto Emoji", include_bytes!("../../../assets/fonts/NotoEmoji-Regular.subset.ttf"), 0.85),
];

/// Gives a context the fonts.
pub(crate) fn install(ctx: &Context) {
    ctx.set_fonts(definitions());
}

fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    // Box drawing and arrows, in running text too.
    if let Some(proportional) = fonts.families.get_mut(&FontFamily::Proportional) {
        proportional.push("Hack".to_owned());
    }
    for (name, bytes, scale) in FALLBACKS {
        let data = FontData::from_static(bytes).tweak(FontTweak { scale, ..FontTweak::default() });
        fonts.font_data.insert(name.to_owned(), Arc::new(data));
        for family in fonts.families.values_mut() {
            family.push(name.to_owned());
        }
    }
    fonts
}

#[cfg(test)]
mod tests {
    use eframe::egui::FontId;

    use super::*;

    #[test]
    fn both_families_have_what_the_window_shows() {
        let ctx = Context::default();
        install(&ctx);
        ctx.run_ui(Default::default(), |ui| {
            for family in [FontFamily::Proportional, FontFamily::Monospace] {
                let font = FontId::new(14.0, family.clone());
                for (what, text) in [
                    ("Chinese", "构建失败：保存后正在重新加载第三版，状态已保留。鑫淼蛐饕餮"),
                    ("punctuation", "，。！？；：、“”‘’（）《》【】「」『』—…·～￥ＡＺａｚ０９"),
                    ("kana", "ひらがなカタカナー"),
                    ("box drawing", "─│┌┐└┘├┤┬┴┼╭╮╯╰━┃═║█░▒▓▁▂▃▄▅▆▇"),
                    ("arrows", "→←↑↓↔⇒⇐↵↺↻⟳⟲"),
                    ("signs", "×✓✗✔✘⌘⌥⌃⇧⌫⏎⏵⏸⏹★☆●○◆◇■□▲▼▶◀▸▾⚠⚙☰⋮⋯•‣≤≥≠≈∞°µλ"),
                    ("Braille", "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏⣾⣽⣻⢿⡿⣟⣯⣷"),
                    ("emoji", "🦀🔥🚀😀🎉👍✨🔒🔍📌🗑📁💡🤖🧪⏰❤"),
                ] {
                    let missing: String =
                        text.chars().filter(|c| !ui.fonts_mut(|fonts| fonts.has_glyph(&font, *c))).collect();
                    assert_eq!(missing, "", "{what} in {family:?}");
                }
            }
        })
        .drop_without_applying_deltas();
    }

    #[test]
    fn egui_comes_first() {
        let own = FontDefinitions::default();
        for (family, fonts) in &definitions().families {
            assert!(fonts.starts_with(&own.families[family]), "{family:?}: {fonts:?}");
            assert!(fonts.ends_with(&FALLBACKS.map(|(name, ..)| name.to_owned())), "{family:?}: {fonts:?}");
        }
    }
}
