//! Small charts with logarithmic axes as an SVG, in colours for light and for dark pages.

use crate::sample::figure;
use anyhow::Result;
use std::fmt::Write;

/// Charts stand in rows of so many.
const COLUMNS: usize = 3;
/// A chart with its texts, and the field of its lines in it.
const WIDTH: f64 = 270.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 46.0;
const TOP: f64 = 30.0;
const FIELD: (f64, f64) = (205.0, 110.0);

const STYLE: &str = "
text { font: 11px system-ui, sans-serif; fill: #57606a } .title { font-weight: 600; fill: #24292f }
.grid { stroke: #d0d7de; stroke-width: 1 } .line { fill: none; stroke-width: 2 }
.a { stroke: #0969da } .b { stroke: #bc4c00; stroke-dasharray: 6 3 } .a-dot { fill: #0969da } .b-dot { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1 } .title { fill: #f0f6fc } .grid { stroke: #3d444d }
.a { stroke: #4493f8 } .b { stroke: #f0883e } .a-dot { fill: #4493f8 } .b-dot { fill: #f0883e } }
";

/// Lines over one axis.
pub(super) struct Chart {
    pub(super) title: &'static str,
    /// What the horizontal axis counts.
    pub(super) across: &'static str,
    pub(super) lines: Vec<Line>,
}

/// A line's name, and where it goes.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) points: Vec<(f64, f64)>,
}

/// All charts in one image.
pub(super) fn svg(charts: &[Chart]) -> Result<String> {
    let mut svg = String::new();
    let (mut x, mut y) = (0.0, 0.0);
    for row in charts.chunks(COLUMNS) {
        x = 0.0;
        for chart in row {
            writeln!(svg, r#"<g transform="translate({x} {y})">"#)?;
            chart.draw(&mut svg)?;
            writeln!(svg, "</g>")?;
            x += WIDTH;
        }
        let names = row.first().map_or(&[][..], |chart| &chart.lines);
        for (line, class) in names.iter().zip(["a", "b"]) {
            let (at, base) = (if class == "a" { LEFT } else { LEFT + WIDTH }, y + HEIGHT + 8.0);
            writeln!(svg, r#"<path class="line {class}" d="M{at} {base}h24"/>"#)?;
            writeln!(svg, r#"<text x="{}" y="{}">{}</text>"#, at + 30.0, base + 4.0, line.name)?;
        }
        y += HEIGHT + 30.0;
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {x} {y}\" width=\"{x}\" height=\"{y}\">\n\
         <style>{STYLE}</style>\n{svg}</svg>\n"
    ))
}

impl Chart {
    fn draw(&self, svg: &mut String) -> Result<()> {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let across = Axis::of(points().map(|(x, _)| *x));
        let up = Axis::of(points().map(|(_, y)| *y));
        let x = |value| LEFT + across.at(value) * FIELD.0;
        let y = |value| TOP + (1.0 - up.at(value)) * FIELD.1;
        writeln!(svg, r#"<text class="title" x="{LEFT}" y="16">{}</text>"#, self.title)?;
        for value in up.powers() {
            let at = y(value);
            writeln!(svg, r#"<path class="grid" d="M{LEFT} {at:.1}h{}"/>"#, FIELD.0)?;
            writeln!(svg, r#"<text x="{}" y="{:.1}" text-anchor="end">{}</text>"#, LEFT - 6.0, at + 4.0, label(value))?;
        }
        let bottom = TOP + FIELD.1;
        for value in across.powers() {
            let at = x(value);
            writeln!(svg, r#"<path class="grid" d="M{at:.1} {bottom}v-{}"/>"#, FIELD.1)?;
            writeln!(svg, r#"<text x="{at:.1}" y="{}" text-anchor="middle">{}</text>"#, bottom + 16.0, label(value))?;
        }
        writeln!(svg, r#"<text x="{LEFT}" y="{}">{}</text>"#, bottom + 32.0, self.across)?;
        for (line, class) in self.lines.iter().zip(["a", "b"]) {
            let path: Vec<_> = line.points.iter().map(|(a, b)| format!("{:.1} {:.1}", x(*a), y(*b))).collect();
            writeln!(svg, r#"<path class="line {class}" d="M{}"/>"#, path.join("L"))?;
            for (a, b) in &line.points {
                let (at, up) = (x(*a), y(*b));
                let said = format!("{}: {}", line.name, figure(*b));
                writeln!(
                    svg,
                    r#"<circle class="{class}-dot" cx="{at:.1}" cy="{up:.1}" r="3"><title>{said}</title></circle>"#
                )?;
            }
        }
        Ok(())
    }
}

/// The powers of ten between which all values are.
struct Axis {
    from: i32,
    to: i32,
}

impl Axis {
    /// At least a decade, so that what is flat looks flat.
    #[expect(clippy::cast_possible_truncation, reason = "an exponent is small")]
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let (least, most) = (values.clone().fold(f64::MAX, f64::min), values.fold(f64::MIN_POSITIVE, f64::max));
        let from = least.log10().floor() as i32;
        Self { from, to: (most.log10().ceil() as i32).max(from + 1) }
    }

    /// Where a value stands, from 0 to 1.
    fn at(&self, value: f64) -> f64 {
        (value.log10() - f64::from(self.from)) / f64::from(self.to - self.from)
    }

    /// Its powers of ten.
    fn powers(&self) -> impl Iterator<Item = f64> {
        (self.from..=self.to).map(|power| 10_f64.powi(power))
    }
}

/// A power of ten.
fn label(value: f64) -> String {
    match value {
        _ if value >= 1e6 => format!("{} M", value / 1e6),
        _ if value >= 1e3 => format!("{} k", value / 1e3),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_holds_its_values_and_shows_flat_as_flat() {
        let axis = Axis::of([10.0, 700.0].into_iter());
        assert_eq!((axis.from, axis.to), (1, 3));
        assert!((axis.at(100.0) - 0.5).abs() < 1e-9);
        let flat = Axis::of([5.0, 5.1].into_iter());
        assert!(flat.at(5.1) - flat.at(5.0) < 0.01);
    }

    #[test]
    fn every_line_is_drawn() {
        let line = |name| Line { name, points: vec![(10.0, 1.0), (100.0, 20.0)] };
        let chart = Chart { title: "units", across: "runs", lines: vec![line("list"), line("detail")] };
        let svg = svg(&[chart]).expect("an image");
        assert_eq!((svg.matches("class=\"line a\"").count(), svg.matches("<circle").count()), (2, 4));
        assert!(svg.contains("detail: 20.0"));
    }
}
