//! The medians as bars, in an SVG file for the docs.

use std::fmt::Write as _;

use crate::figures::{Column, Report};

const WIDTH: f64 = 860.0;
const LABELS: f64 = 210.0;
const VALUES: f64 = 90.0;
const BAR: f64 = 18.0;
const GAP: f64 = 6.0;
const HEAD: f64 = 34.0;

/// A block of bars for each guest, each on a scale of its own: guests differ tenfold.
pub(crate) fn svg(report: &Report) -> String {
    let mut bars = String::new();
    let mut y = 8.0;
    for guest in &report.guests {
        let longest = guest.measured().map(Column::median).fold(0.0, f64::max);
        // Writing to a string cannot fail.
        let _ = writeln!(
            bars,
            "<text x=\"8\" y=\"{:.0}\" class=\"head\">{}, {} lines: save to running, ms</text>",
            y + 18.0,
            guest.name,
            guest.lines
        );
        y += HEAD;
        for column in guest.measured() {
            let median = column.median();
            let width = (WIDTH - LABELS - VALUES) * median / longest;
            let class = if column.name.starts_with("Exuvia") { "ours" } else { "bar" };
            let middle = y + BAR - 5.0;
            let _ = writeln!(
                bars,
                "<text x=\"{:.0}\" y=\"{middle:.0}\" class=\"label\">{}</text>\
                 <rect x=\"{LABELS}\" y=\"{y:.0}\" width=\"{width:.1}\" height=\"{BAR}\" class=\"{class}\"/>\
                 <text x=\"{:.1}\" y=\"{middle:.0}\">{median:.0}</text>",
                LABELS - 8.0,
                column.name,
                LABELS + width + 6.0
            );
            y += BAR + GAP;
        }
        y += GAP;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{y:.0}\" viewBox=\"0 0 {WIDTH} {y:.0}\">\n\
         <style>text{{font:13px sans-serif;fill:#222}}.head{{font-weight:bold}}.label{{text-anchor:end}}\
         .bar{{fill:#9aa5b1}}.ours{{fill:#c2410c}}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{bars}</svg>\n"
    )
}
