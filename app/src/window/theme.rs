//! Colours and sizes, for both themes. All text and every chip reaches WCAG AA (4.5 : 1); the
//! tests count it out.

use eframe::egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Stroke, Style, TextStyle, Theme, Ui, Vec2, Visuals,
};
use exuvia_runtime::session::status::Tone;

use super::fonts;

/// The colours of one theme.
#[derive(Debug)]
pub(crate) struct Palette {
    /// Between panels, and behind the tabs of those that are not shown.
    pub(crate) gap: Color32,
    /// Behind panels.
    pub(crate) panel: Color32,
    /// Behind entry fields, diagnostics and output.
    pub(crate) well: Color32,
    /// Behind a button.
    pub(crate) button: Color32,
    /// Behind a button under the pointer, and a row under the pointer.
    pub(crate) hovered: Color32,
    /// Lines between things.
    pub(crate) line: Color32,
    /// Text.
    pub(crate) text: Color32,
    /// Headings and what is selected.
    pub(crate) strong: Color32,
    /// Text of less weight.
    pub(crate) weak: Color32,
    /// Behind a selected row and selected text.
    pub(crate) selected: Color32,
    /// The active version, the focused widget.
    pub(crate) accent: Color32,
    good: Color32,
    busy: Color32,
    attention: Color32,
    bad: Color32,
    /// The stages of a change, in the order of the way.
    pub(crate) stages: [Color32; 7],
    /// The terminal's colours 0 to 15.
    pub(crate) ansi: [Color32; 16],
}

const fn rgb(hex: u32) -> Color32 {
    let [_, r, g, b] = hex.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

static DARK: Palette = Palette {
    gap: rgb(0x0d_0f11),
    panel: rgb(0x1b_1d21),
    well: rgb(0x12_1417),
    button: rgb(0x2d_3138),
    hovered: rgb(0x26_2a30),
    line: rgb(0x36_3a42),
    text: rgb(0xd3_d8df),
    strong: rgb(0xf6_f8fa),
    weak: rgb(0xa0_a8b3),
    selected: rgb(0x25_3d52),
    accent: rgb(0xc4_a7ff),
    good: rgb(0x74_cf8b),
    busy: rgb(0x7f_b8f5),
    attention: rgb(0xe8_b95a),
    bad: rgb(0xff_8f88),
    stages: [
        rgb(0x98_a2ad),
        rgb(0xd9_a93a),
        rgb(0x4f_93d8),
        rgb(0x3f_bfc9),
        rgb(0xb7_94f4),
        rgb(0x62_bd78),
        rgb(0xf0_8a5d),
    ],
    ansi: [
        rgb(0x8b_949e),
        rgb(0xff_7b72),
        rgb(0x56_d364),
        rgb(0xe3_b341),
        rgb(0x79_b8ff),
        rgb(0xd2_a8ff),
        rgb(0x56_d4dd),
        rgb(0xd3_d8df),
        rgb(0x9e_a7b3),
        rgb(0xff_9891),
        rgb(0x7e_e787),
        rgb(0xf2_cc60),
        rgb(0x94_c8ff),
        rgb(0xe0_c3ff),
        rgb(0x7c_e5ec),
        rgb(0xf6_f8fa),
    ],
};

static LIGHT: Palette = Palette {
    gap: rgb(0xdd_e1e6),
    panel: rgb(0xf5_f6f7),
    well: rgb(0xff_ffff),
    button: rgb(0xe3_e6ea),
    hovered: rgb(0xe8_ebef),
    line: rgb(0xcf_d4da),
    text: rgb(0x2b_3138),
    strong: rgb(0x0e_1116),
    weak: rgb(0x56_5f6a),
    selected: rgb(0xcf_e4f8),
    accent: rgb(0x6b_35c4),
    good: rgb(0x12_6a30),
    busy: rgb(0x0b_5cad),
    attention: rgb(0x7d_5200),
    bad: rgb(0xb3_1d28),
    stages: [
        rgb(0x6b_7580),
        rgb(0x9a_6b00),
        rgb(0x2d_6fbd),
        rgb(0x0d_7886),
        rgb(0x7d_4fd0),
        rgb(0x1e_7a3e),
        rgb(0xb9_4a10),
    ],
    ansi: [
        rgb(0x24_292f),
        rgb(0xb3_1d28),
        rgb(0x11_6329),
        rgb(0x7d_5200),
        rgb(0x0b_5cad),
        rgb(0x79_38b8),
        rgb(0x0f_6674),
        rgb(0x57_606a),
        rgb(0x57_606a),
        rgb(0xc0_2230),
        rgb(0x1a_7035),
        rgb(0x86_5800),
        rgb(0x0f_62b8),
        rgb(0x82_50df),
        rgb(0x13_6c7a),
        rgb(0x2b_3138),
    ],
};

impl Palette {
    /// The colours of a theme.
    pub(crate) fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }

    /// The colours that are drawn with now.
    pub(crate) fn at(ui: &Ui) -> &'static Self {
        Self::of_visuals(ui.visuals())
    }

    /// The colours that these visuals were made from.
    pub(crate) fn of_visuals(visuals: &Visuals) -> &'static Self {
        Self::of(if visuals.dark_mode { Theme::Dark } else { Theme::Light })
    }

    /// The text colour of a tone.
    pub(crate) fn tone(&self, tone: Tone) -> Color32 {
        match tone {
            Tone::Good => self.good,
            Tone::Busy => self.busy,
            Tone::Attention => self.attention,
            Tone::Bad => self.bad,
        }
    }

    /// What lies behind a chip whose text has this colour.
    pub(crate) fn behind(&self, text: Color32) -> Color32 {
        mix(self.panel, text, 0.14)
    }

    /// What lies behind a line that was added or removed, in a well.
    pub(crate) fn behind_in_well(&self, sign: Color32) -> Color32 {
        mix(self.well, sign, 0.14)
    }
}

/// Black or white, whichever can be read better on this ground.
pub(crate) fn over(ground: Color32) -> Color32 {
    let better = contrast(Color32::BLACK, ground) >= contrast(Color32::WHITE, ground);
    if better { Color32::BLACK } else { Color32::WHITE }
}

/// `share` of `top` over `bottom`.
fn mix(bottom: Color32, top: Color32, share: f32) -> Color32 {
    bottom.lerp_to_gamma(top, share)
}

/// This colour, moved towards `text` until it can be read on `ground`. Guests and compilers may
/// name any colour at all.
pub(crate) fn readable(color: Color32, text: Color32, ground: Color32) -> Color32 {
    (0..=10_u8)
        .map(|step| mix(color, text, f32::from(step) / 10.0))
        .find(|mixed| contrast(*mixed, ground) >= 4.5)
        .unwrap_or(text)
}

/// The contrast of two opaque colours, from 1 to 21 (WCAG 2.2, "contrast ratio").
pub(crate) fn contrast(a: Color32, b: Color32) -> f32 {
    let luminance = |color: Color32| {
        let linear = |byte: u8| {
            let part = f32::from(byte) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Gives a context our look.
pub(crate) fn install(ctx: &Context) {
    fonts::install(ctx);
    for theme in [Theme::Dark, Theme::Light] {
        let palette = Palette::of(theme);
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(theme, palette);
            sizes(style);
        });
    }
}

fn sizes(style: &mut Style) {
    let font = |size| FontId::new(size, FontFamily::Proportional);
    style.text_styles.extend([
        (TextStyle::Small, font(12.0)),
        (TextStyle::Body, font(14.0)),
        (TextStyle::Button, font(14.0)),
        (TextStyle::Heading, font(17.0)),
        (TextStyle::Monospace, FontId::new(13.0, FontFamily::Monospace)),
    ]);
    style.spacing.item_spacing = Vec2::new(8.0, 5.0);
    style.spacing.button_padding = Vec2::new(8.0, 3.0);
    style.spacing.tooltip_width = 560.0;
    // A veil over a list's last lines would make them look disabled; its bar says that it goes on.
    style.spacing.scroll.fade.strength = 0.0;
    style.spacing.scroll.dormant_handle_opacity = 0.5;
    // Nothing moves by itself: a window that animates repaints.
    style.animation_time = 0.0;
    style.visuals.text_cursor.blink = false;
}

fn visuals(theme: Theme, palette: &Palette) -> Visuals {
    let mut visuals = theme.default_visuals();
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.panel;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.extreme_bg_color = palette.well;
    visuals.faint_bg_color = palette.hovered;
    visuals.code_bg_color = palette.well;
    visuals.weak_text_color = Some(palette.weak);
    visuals.hyperlink_color = palette.busy;
    visuals.warn_fg_color = palette.attention;
    visuals.error_fg_color = palette.bad;
    visuals.selection.bg_fill = palette.selected;
    visuals.selection.stroke = Stroke::new(1.0, palette.strong);
    visuals.text_cursor.stroke.color = palette.strong;
    visuals.disabled_alpha = 0.6;
    let widgets = &mut visuals.widgets;
    for (widget, fill, text) in [
        (&mut widgets.noninteractive, palette.panel, palette.text),
        (&mut widgets.inactive, palette.button, palette.text),
        (&mut widgets.hovered, palette.hovered, palette.strong),
        (&mut widgets.active, palette.hovered, palette.strong),
        (&mut widgets.open, palette.hovered, palette.strong),
    ] {
        widget.weak_bg_fill = fill;
        widget.bg_fill = fill;
        widget.fg_stroke.color = text;
        widget.corner_radius = CornerRadius::same(4);
        widget.expansion = 0.0;
    }
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, palette.line);
    // An entry field has its outline from here; 3 : 1 for what one must find (WCAG 1.4.11).
    widgets.inactive.bg_stroke = Stroke::NONE;
    widgets.hovered.bg_stroke = Stroke::new(1.0, palette.weak);
    widgets.active.bg_stroke = Stroke::new(1.0, palette.accent);
    widgets.open.bg_stroke = Stroke::new(1.0, palette.weak);
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_wcags() {
        assert!((contrast(Color32::WHITE, Color32::BLACK) - 21.0).abs() < 0.01);
        assert!((contrast(rgb(0x77_7777), Color32::WHITE) - 4.48).abs() < 0.01);
    }

    #[test]
    fn all_text_can_be_read_in_both_themes() {
        for palette in [&DARK, &LIGHT] {
            let grounds = [palette.gap, palette.panel, palette.well, palette.button, palette.hovered, palette.selected];
            for text in [palette.text, palette.strong, palette.weak] {
                for ground in grounds {
                    assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}: {}", contrast(text, ground));
                }
            }
            let tones = [Tone::Good, Tone::Busy, Tone::Attention, Tone::Bad].map(|tone| palette.tone(tone));
            for text in tones.into_iter().chain([palette.accent, palette.weak]) {
                for ground in [palette.panel, palette.well, palette.hovered, palette.selected, palette.behind(text)] {
                    assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}: {}", contrast(text, ground));
                }
            }
            for stage in palette.stages {
                // A bar is no text: 3 : 1 (WCAG 1.4.11). Its name stands on it.
                for ground in [palette.panel, palette.well, palette.selected, palette.hovered] {
                    assert!(contrast(stage, ground) >= 3.0, "{stage:?} on {ground:?}: {}", contrast(stage, ground));
                }
                assert!(contrast(over(stage), stage) >= 4.5, "{stage:?}");
            }
            for text in palette.ansi {
                assert!(contrast(text, palette.well) >= 4.5, "{text:?}: {}", contrast(text, palette.well));
            }
            for any in [Color32::BLACK, Color32::WHITE, palette.well, rgb(0x00_0080)] {
                assert!(contrast(readable(any, palette.text, palette.well), palette.well) >= 4.5, "{any:?}");
            }
        }
    }
}
