//! Bars of stages: a colour, a pattern and a place in the row for each stage, so that they can be
//! told apart without the colours.

use std::ops::Range;

use eframe::egui::{Align2, Color32, Grid, Painter, Pos2, Rect, RichText, Sense, Shape, Stroke, TextStyle, Ui, Vec2};
use exuvia_runtime::history::record::Durations;

use super::super::theme::{Palette, over};
use super::super::widgets::{text_width, wrap_before};
use crate::model::timeline::{Phase, Stage, total};
use crate::model::words;
use crate::text::Language;

/// What a bar is drawn to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// What the whole width stands for, in microseconds.
    pub(super) axis: u64,
    /// Whether cargo's time counts.
    pub(super) with_build: bool,
}

impl Palette {
    /// The colour of a stage.
    pub(super) fn stage(&self, stage: Stage) -> Color32 {
        self.stages[stage as usize]
    }
}

/// The stages that were reached, each with its part of the width (0 to 1), cut at 1; and whether
/// something was cut.
fn segments(durations: &Durations, scale: Scale) -> (Vec<(Stage, Range<f32>)>, bool) {
    #[expect(clippy::cast_precision_loss, reason = "points on a screen")]
    let share = |micros: u64| micros as f32 / scale.axis.max(1) as f32;
    let (mut parts, mut at) = (Vec::with_capacity(7), 0);
    for stage in Stage::ALL.into_iter().filter(|stage| scale.with_build || !stage.is_cargos()) {
        let Some(micros) = stage.of(durations).filter(|micros| *micros > 0) else { continue };
        let part = share(at).min(1.0)..share(at + micros).min(1.0);
        at += micros;
        if part.end > part.start {
            parts.push((stage, part));
        }
    }
    (parts, at > scale.axis)
}

/// Room for the mark of a bar that is cut.
const BREAK: f32 = 13.0;

/// A line of colours, as in the list of versions. One that is longer than the scale ends in two strokes across it, as
/// an axis that is broken.
pub(super) fn thin_bar(painter: &Painter, rect: Rect, palette: &Palette, durations: &Durations, scale: Scale) {
    let (parts, is_cut) = segments(durations, scale);
    let drawn = if is_cut { rect.with_max_x(rect.right() - BREAK) } else { rect };
    let inside = painter.with_clip_rect(drawn.intersect(painter.clip_rect()));
    inside.rect_filled(rect, 1.0, palette.line.gamma_multiply(0.5));
    for (stage, part) in parts {
        inside.rect_filled(within(rect, &part), 0.0, palette.stage(stage));
    }
    if is_cut {
        for x in [drawn.right() + 1.5, drawn.right() + 6.5] {
            let ends = [Pos2::new(x, rect.bottom() + 3.0), Pos2::new(x + 4.0, rect.top() - 3.0)];
            painter.line_segment(ends, Stroke::new(1.5, palette.text));
        }
    }
}

/// A bar with patterns, and the stages' names where there is room. Gives where it ends.
pub(super) fn full_bar(ui: &Ui, rect: Rect, durations: &Durations, scale: Scale) -> f32 {
    let palette = Palette::at(ui);
    let font = TextStyle::Small.resolve(ui.style());
    let (parts, is_cut) = segments(durations, scale);
    for (stage, part) in &parts {
        let rect = within(rect, part);
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        swatch(&painter, rect, palette, *stage);
        let color = over(palette.stage(*stage));
        let name = painter.layout_no_wrap(Language::at(ui).stage(*stage).to_owned(), font.clone(), color);
        if name.size().x + 8.0 <= rect.width() {
            // The pattern would cross the letters.
            let at = Align2::CENTER_CENTER.anchor_size(rect.center(), name.size());
            painter.rect_filled(at.expand2(Vec2::new(3.0, 0.0)), 2.0, palette.stage(*stage));
            painter.galley(at.min, name, color);
        }
    }
    let end = parts.last().map_or(rect.left(), |(_, part)| within(rect, part).right());
    if is_cut {
        // It goes on: two gaps, as in an axis that is broken.
        for x in [rect.right() - 12.0, rect.right() - 7.0] {
            let stroke = Stroke::new(2.0, palette.panel);
            ui.painter().line_segment([Pos2::new(x, rect.bottom()), Pos2::new(x + 4.0, rect.top())], stroke);
        }
    }
    end
}

fn within(rect: Rect, part: &Range<f32>) -> Rect {
    let x = |share: f32| rect.left() + share * rect.width();
    Rect::from_x_y_ranges(x(part.start)..=x(part.end), rect.y_range())
}

/// A stage's colour and pattern.
fn swatch(painter: &Painter, rect: Rect, palette: &Palette, stage: Stage) {
    let color = palette.stage(stage);
    painter.rect_filled(rect, 0.0, color);
    let stroke = Stroke::new(1.0, over(color).gamma_multiply(0.45));
    let (height, step) = (rect.height(), 6.0);
    let line = |from: Pos2, to: Pos2| Shape::line_segment([from, to], stroke);
    let mut lines = Vec::new();
    let mut x = rect.left() - height;
    while x < rect.right() {
        let (top, bottom) = (rect.top(), rect.bottom());
        match stage {
            Stage::Watch | Stage::Build | Stage::Swap => break,
            Stage::Lock => lines.push(line(Pos2::new(x, bottom), Pos2::new(x + height, top))),
            Stage::Verify => lines.push(line(Pos2::new(x, top), Pos2::new(x + height, bottom))),
            Stage::Stage => lines.push(line(Pos2::new(x, top), Pos2::new(x, bottom))),
            Stage::Probation => {
                lines.push(Shape::circle_filled(Pos2::new(x, rect.top() + height * 0.3), 1.0, stroke.color));
                lines.push(Shape::circle_filled(
                    Pos2::new(x + step / 2.0, rect.top() + height * 0.7),
                    1.0,
                    stroke.color,
                ));
            }
        }
        x += step;
    }
    painter.with_clip_rect(rect.intersect(painter.clip_rect())).extend(lines);
}

fn swatch_ui(ui: &mut Ui, stage: Stage) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(14.0, 10.0), Sense::hover());
    swatch(ui.painter(), rect, Palette::at(ui), stage);
}

/// All stages that count, with their names.
pub(super) fn legend(ui: &mut Ui, with_build: bool) {
    let l = Language::at(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        for stage in Stage::ALL.into_iter().filter(|stage| with_build || !stage.is_cargos()) {
            // A name stands beside its colour, not in the next row.
            let width = text_width(ui, l.stage(stage), TextStyle::Small.resolve(ui.style())) + 20.0;
            wrap_before(ui, width);
            swatch_ui(ui, stage);
            ui.label(RichText::new(l.stage(stage)).small()).on_hover_text(l.stage_hint(stage));
            ui.add_space(6.0);
        }
    });
}

/// The numbers, stage by stage: the content of tooltips.
pub(super) fn stages_table(ui: &mut Ui, durations: &Durations) {
    let l = Language::at(ui);
    ui.label(RichText::new(l.stages_title()).strong());
    Grid::new("stages").num_columns(4).min_col_width(14.0).spacing([10.0, 3.0]).show(ui, |ui| {
        for (stage, micros) in Stage::ALL.into_iter().filter_map(|stage| Some((stage, stage.of(durations)?))) {
            swatch_ui(ui, stage);
            ui.label(l.stage(stage));
            ui.label(RichText::new(words::duration(micros)).monospace());
            ui.label(RichText::new(l.stage_hint(stage)).small().color(Palette::at(ui).weak));
            ui.end_row();
            for (phase, micros) in phases(stage, durations) {
                ui.label("");
                ui.label(RichText::new(format!("  {}", l.phase(phase))).small());
                ui.label(RichText::new(words::duration(micros)).small().monospace());
                ui.label(RichText::new(l.phase_hint(phase)).small().color(Palette::at(ui).weak));
                ui.end_row();
            }
        }
        ui.label("");
        ui.label(RichText::new(l.stage_total()).strong());
        ui.label(RichText::new(words::duration(total(durations, true))).monospace().strong());
        ui.end_row();
    });
}

/// What the width of a bar in the list stands for, and whether this one is cut.
pub(super) fn scale_words(durations: &Durations, scale: Scale, l: Language) -> String {
    let (axis, took) = (words::duration(scale.axis), total(durations, scale.with_build));
    if took > scale.axis { l.bar_cut(&axis, &words::duration(took)) } else { l.bar_scale(&axis) }
}

/// The numbers in a line, for those who hear them.
pub(super) fn spoken(durations: &Durations, l: Language) -> String {
    let named = |name: &str, micros| format!("{name} {}", words::duration(micros));
    let stages = Stage::ALL.into_iter().filter_map(|stage| {
        let phases: Vec<_> =
            phases(stage, durations).into_iter().map(|(phase, micros)| named(l.phase(phase), micros)).collect();
        let stage = named(l.stage(stage), stage.of(durations)?);
        Some(if phases.is_empty() { stage } else { format!("{stage} ({})", phases.join(", ")) })
    });
    stages.collect::<Vec<_>>().join(", ")
}

/// The parts of a stage, where it was slow and they are known.
fn phases(stage: Stage, durations: &Durations) -> Vec<(Phase, u64)> {
    if stage == Stage::Build { Phase::slow(durations) } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_build_is_heard_with_its_parts() {
        let row = |front_end| crate::model::samples::slow_replay(1, [front_end, 80, 300, 400]);
        let (l, mut slow) = (Language::English, row(1_000));
        let parts = "build 1.78 s (front end 1.00 s, generation 80 ms, link 300 ms, rest 400 ms), stage";
        assert!(spoken(&slow.record.durations, l).contains(parts), "{}", spoken(&slow.record.durations, l));
        if let Some(phases) = &mut slow.record.durations.phases {
            (phases.front_end, phases.rest) = (None, None);
        }
        let parts = "(generation 80 ms, link 300 ms), stage";
        assert!(spoken(&slow.record.durations, l).contains(parts), "{}", spoken(&slow.record.durations, l));
        let quick = spoken(&row(100).record.durations, l);
        assert!(quick.contains("build 880 ms, stage"), "{quick}");
    }

    #[test]
    fn a_bar_that_is_cut_ends_in_a_mark_and_says_so() {
        let durations = Durations { build: Some(600_000), ..Durations::default() };
        let lines = |axis| {
            let ctx = eframe::egui::Context::default();
            let rect = Rect::from_min_size(Pos2::ZERO, Vec2::new(200.0, 3.0));
            let mut ends = Vec::new();
            let mut output = ctx.run_ui(eframe::egui::RawInput::default(), |ui| {
                let scale = Scale { axis, with_build: true };
                thin_bar(ui.painter(), rect, Palette::at(ui), &durations, scale);
            });
            output.textures_delta.clear();
            for clipped in output.shapes {
                match clipped.shape {
                    Shape::LineSegment { points, .. } => ends.push(points[0].x.max(points[1].x)),
                    Shape::Rect(bar) => assert!(bar.rect.intersect(clipped.clip_rect).right() <= 200.0),
                    _ => {}
                }
            }
            ends
        };
        assert_eq!(lines(600_000).len(), 0);
        let strokes = lines(200_000);
        assert!(strokes.len() == 2 && strokes.iter().all(|x| (185.0..=200.0).contains(x)), "{strokes:?}");
        for (axis, english, chinese) in [
            (1_000_000, "The whole width stands for 1.00 s", "整条宽度代表 1.00 s"),
            (
                200_000,
                "The bar is cut where it breaks: the whole width stands for 200 ms, and this took 600 ms",
                "色条在断开处截断：整条宽度代表 200 ms，而本次用了 600 ms",
            ),
        ] {
            let scale = Scale { axis, with_build: true };
            assert_eq!(scale_words(&durations, scale, Language::English), english);
            assert_eq!(scale_words(&durations, scale, Language::Chinese), chinese);
        }
    }

    #[test]
    fn bars_are_linear_and_cut_at_the_end() {
        let durations = Durations {
            watch: Some(10),
            build: Some(60),
            stage: Some(20),
            swap: Some(0),
            probation: Some(10),
            ..Durations::default()
        };
        let scale = |axis, with_build| Scale { axis, with_build };
        use Stage::{Build, Probation, Stage as Staged, Watch};
        for (scale, expected, cut) in [
            (
                scale(100, true),
                vec![(Watch, 0.0, 0.1), (Build, 0.1, 0.7), (Staged, 0.7, 0.9), (Probation, 0.9, 1.0)],
                false,
            ),
            (
                scale(200, true),
                vec![(Watch, 0.0, 0.05), (Build, 0.05, 0.35), (Staged, 0.35, 0.45), (Probation, 0.45, 0.5)],
                false,
            ),
            (scale(50, true), vec![(Watch, 0.0, 0.2), (Build, 0.2, 1.0)], true),
            (scale(40, false), vec![(Watch, 0.0, 0.25), (Staged, 0.25, 0.75), (Probation, 0.75, 1.0)], false),
        ] {
            let (parts, is_cut) = segments(&durations, scale);
            assert_eq!((parts.len(), is_cut), (expected.len(), cut), "{parts:?}");
            for ((stage, part), (other, start, end)) in parts.into_iter().zip(expected) {
                assert_eq!(stage, other);
                assert!((part.start - start).abs() < 1e-5 && (part.end - end).abs() < 1e-5, "{stage:?} {part:?}");
            }
        }
    }
}
