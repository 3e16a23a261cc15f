//! Turns what contenders take and cost at each size of memory into a plot: dollars to the right, milliseconds upwards, by their
//! logarithm. The less of both, the better.
//!
//! One SVG, legible by day and by night, without a script or a font of its own.

use std::fmt::Write as _;

use crate::cost::{PROCESSORS, REQUESTS, million};
use crate::measure::Shared;
use crate::process::Contender;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 400.0;
/// Left, right, upper and lower edge of the plot itself.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 616.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 340.0;

const STYLE: &str = "\
    text { font: 13px system-ui, sans-serif; fill: #24292f } .small { font-size: 11px } .title { font-size: 15px; font-weight: 600 }
    .paper { fill: #ffffff } .line { stroke: #d0d7de; stroke-width: 1 } path { fill: none; stroke-width: 2 }
    .a { stroke: #b7410e } .a circle, text.a { fill: #b7410e; stroke: none }
    .b { stroke: #3572a5 } .b circle, text.b { fill: #3572a5; stroke: none }
    .c { stroke: #6e7781 } .c circle, text.c { fill: #6e7781; stroke: none } .c path { stroke-dasharray: 5 4 }
    g text { stroke: #ffffff; stroke-width: 4px; paint-order: stroke }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } g text { stroke: #0d1117 } .paper { fill: #0d1117 } .line { stroke: #30363d }
      .a { stroke: #ff8a5c } .a circle, text.a { fill: #ff8a5c }
      .b { stroke: #6cb6ff } .b circle, text.b { fill: #6cb6ff }
      .c { stroke: #9aa4af } .c circle, text.c { fill: #9aa4af }
    }";

/// Dollars for a million creates beside the p50 of one, a point for each size of memory and a line for each contender.
pub fn svg(contenders: &[Contender], shares: &[Vec<Shared>]) -> String {
    let (processor, price) = PROCESSORS[0];
    let points: Vec<Vec<Point>> =
        shares.iter().map(|shares| shares.iter().map(|one| Point::of(one, price)).collect()).collect();
    let scale = Scale::over(&points);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Dollars for a million creates, and the p50 of one, at four sizes of memory\">\n\
         <style>\n{STYLE}\n</style>\n<rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\"/>\n\
         <text class=\"title\" x=\"{LEFT}\" y=\"26\">A warm create: its time and its price, at 128 to 1769 MB</text>\n"
    );
    scale.draw(&mut out, processor);
    let mut at = LEFT;
    for ((contender, points), class) in contenders.iter().zip(&points).zip(["a", "b", "c"]) {
        draw(&mut out, points, &scale, class);
        let name = contender.name;
        text(&mut out, class, "start", (at, 48.0), &format!("\u{25cf} {name}"));
        at += 40.0 + 7.5 * name.len() as f64;
    }
    out.push_str("</svg>\n");
    out
}

struct Point {
    size: u32,
    dollars: f64,
    milliseconds: f64,
}

impl Point {
    fn of(shared: &Shared, price: f64) -> Point {
        let Shared { size, p50, .. } = *shared;
        Point { size, dollars: million(size, p50, price), milliseconds: p50 }
    }
}

/// Where values stand.
struct Scale {
    /// Dollars at the right edge, and between two lines; at the left edge are those that every request costs.
    dollars: f64,
    step: f64,
    /// Milliseconds at the lower and the upper edge.
    milliseconds: (f64, f64),
}

impl Scale {
    fn over(points: &[Vec<Point>]) -> Scale {
        let all = || points.iter().flatten();
        let dollars = all().map(|point| point.dollars).fold(0.0, f64::max) * 1.03;
        let step = if dollars > 1.2 { 0.2 } else { 0.1 };
        let least = all().map(|point| point.milliseconds).fold(f64::INFINITY, f64::min) * 0.65;
        let most = all().map(|point| point.milliseconds).fold(0.0, f64::max) * 1.3;
        Scale { dollars: (dollars / step - 1e-9).ceil() * step, step, milliseconds: (least, most) }
    }

    fn x(&self, dollars: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * (dollars - REQUESTS) / (self.dollars - REQUESTS)
    }

    fn y(&self, milliseconds: f64) -> f64 {
        let (least, most) = self.milliseconds;
        BOTTOM - (BOTTOM - TOP) * (milliseconds / least).ln() / (most / least).ln()
    }

    /// Lines with their values, and what they mean.
    fn draw(&self, out: &mut String, processor: &str) {
        let mut dollars = REQUESTS;
        while dollars <= self.dollars + self.step / 2.0 {
            let x = self.x(dollars);
            line(out, (x, TOP), (x, BOTTOM));
            text(out, "small", "middle", (x, BOTTOM + 18.0), &format!("{dollars:.1}"));
            dollars += self.step;
        }
        let (least, most) = self.milliseconds;
        let decades = [1.0, 10.0, 100.0, 1000.0].into_iter().flat_map(|decade| [1.0, 2.0, 5.0].map(|one| one * decade));
        for milliseconds in decades.filter(|value| (least..most).contains(value)) {
            let y = self.y(milliseconds);
            line(out, (LEFT, y), (RIGHT, y));
            text(out, "small", "end", (LEFT - 8.0, y + 4.0), &format!("{milliseconds}"));
        }
        let below =
            format!("dollars for a million on {processor}, of which {REQUESTS:.1} are for being asked; Lambda alone");
        text(out, "", "middle", ((LEFT + RIGHT) / 2.0, HEIGHT - 16.0), &below);
        let (x, y) = (20.0, (TOP + BOTTOM) / 2.0);
        let _ = writeln!(
            out,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" transform=\"rotate(-90 {x} {y})\">p50, ms</text>"
        );
    }
}

/// One contender's points, joined, each with its size of memory.
fn draw(out: &mut String, points: &[Point], scale: &Scale, class: &str) {
    let places: Vec<(f64, f64)> =
        points.iter().map(|point| (scale.x(point.dollars), scale.y(point.milliseconds))).collect();
    let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
    // Ours lie close to one rival's; below them nothing does.
    let label = if class == "a" { 17.0 } else { -8.0 };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "<g class=\"{class}\"><path d=\"M{}\"/>", path.join(" L"));
    for (point, (x, y)) in points.iter().zip(places) {
        let _ = write!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
        text(out, "small", "middle", (x, y + label), &point.size.to_string());
    }
    out.push_str("</g>\n");
}

fn line(out: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let _ = writeln!(out, "<path class=\"line\" d=\"M{x1:.1} {y1:.1} L{x2:.1} {y2:.1}\"/>");
}

fn text(out: &mut String, class: &str, anchor: &str, (x, y): (f64, f64), text: &str) {
    let _ = writeln!(out, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
}
