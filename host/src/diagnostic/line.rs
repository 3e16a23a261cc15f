//! A line of a request becomes what fits on a terminal's line: cut around the characters that matter, which are marked.
//!
//! What a terminal would obey, or what would change the order of characters on it, is written as an escape.

use std::ops::Range;

use unicode_width::UnicodeWidthChar as _;

/// Stands for what was cut away.
const CUT: char = '…';

/// What is shown of a line.
#[derive(Debug, Default, PartialEq)]
pub struct Shown {
    /// The text, cut to fit.
    pub text: String,
    /// Where the marked characters are in `text`, in bytes.
    pub marked: Vec<Range<usize>>,
    /// Where the first marked characters are on the terminal, in columns; at least one column.
    pub columns: Range<usize>,
}

/// Shows `line` in at most `width` columns, with as much as possible around the `marks` (byte ranges of the line, in order).
pub fn show(line: &str, marks: &[Range<usize>], width: usize) -> Shown {
    let cells: Vec<Cell> = line.char_indices().map(|(at, c)| Cell::new(at, c)).collect();
    let index = |byte: usize| cells.partition_point(|cell| cell.at < byte);
    let marks: Vec<Range<usize>> = marks.iter().map(|mark| index(mark.start)..index(mark.end)).collect();
    // Columns before each cell.
    let mut columns = Vec::with_capacity(cells.len() + 1);
    columns.push(0);
    for cell in &cells {
        columns.push(columns[columns.len() - 1] + cell.width);
    }
    let fits = columns[cells.len()] <= width;
    let parts = if fits { std::iter::once(0..cells.len()).collect() } else { fit(&marks, &columns, width) };
    render(&cells, &parts, &marks, width)
}

/// One character as it is shown.
struct Cell {
    at: usize,
    c: char,
    width: usize,
}

impl Cell {
    fn new(at: usize, c: char) -> Self {
        let width = match escaped(c) {
            Some(text) => text.len(),
            None => c.width().unwrap_or(1),
        };
        Cell { at, c, width }
    }
}

/// What is shown instead of the character.
pub fn escaped(c: char) -> Option<String> {
    match c {
        '\t' => Some("    ".into()),
        c if c.is_control() || turns(c) => Some(format!("\\u{:04x}", u32::from(c))),
        _ => None,
    }
}

/// Characters that show text in another order than it is in.
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The parts of the line, in cells, that hold the marks with the widest surroundings that fit.
fn fit(marks: &[Range<usize>], columns: &[usize], width: usize) -> Vec<Range<usize>> {
    let end = columns.len() - 1;
    let around = |margin: usize| {
        let mut parts: Vec<Range<usize>> = Vec::new();
        for mark in marks.iter().chain(marks.is_empty().then_some(&(0..0))) {
            let start = columns.partition_point(|column| column + margin < columns[mark.start]);
            let stop = columns.partition_point(|column| *column <= columns[mark.end] + margin).max(1) - 1;
            let stop = stop.min(end);
            match parts.last_mut() {
                Some(last) if start <= last.end + 3 => last.end = stop.max(last.end),
                _ => parts.push(start..stop.max(start)),
            }
        }
        let cuts = parts.len() - 1
            + usize::from(parts.first().is_some_and(|part| part.start > 0))
            + usize::from(parts.last().is_some_and(|part| part.end < end));
        let shown: usize = parts.iter().map(|part| columns[part.end] - columns[part.start]).sum();
        (parts, shown + cuts)
    };
    // The narrowest that does not fit is one more than the widest that does.
    let margins: Vec<usize> = (0..=width).collect();
    let fitting = margins.partition_point(|margin| around(*margin).1 <= width);
    around(fitting.saturating_sub(1)).0
}

fn render(cells: &[Cell], parts: &[Range<usize>], marks: &[Range<usize>], width: usize) -> Shown {
    let mut shown = Shown::default();
    let mut column = 0;
    let mut first: Option<Range<usize>> = None;
    let mut last_end = 0;
    for part in parts {
        if part.start > last_end {
            shown.text.push(CUT);
            column += 1;
        }
        for (index, cell) in cells.iter().enumerate().take(part.end).skip(part.start) {
            if column + cell.width >= width && index + 1 < cells.len() && column + cell.width + 1 > width {
                break;
            }
            let text = escaped(cell.c).unwrap_or_else(|| cell.c.to_string());
            if let Some(mark) = marks.iter().find(|mark| mark.contains(&index)) {
                if marks.first() == Some(mark) {
                    let start = first.as_ref().map_or(column, |first| first.start);
                    first = Some(start..column + cell.width);
                }
                let at = shown.text.len();
                let end = at + text.len();
                match shown.marked.last_mut() {
                    Some(last) if last.end == at => last.end = end,
                    _ => shown.marked.push(at..end),
                }
            } else if first.is_none() && marks.first().is_some_and(|mark| mark.is_empty() && mark.start == index) {
                first = Some(column..column + 1);
            }
            shown.text.push_str(&text);
            column += cell.width;
            last_end = index + 1;
        }
    }
    if last_end < cells.len() {
        shown.text.push(CUT);
    }
    shown.columns = first.unwrap_or(column..column + 1);
    if shown.columns.is_empty() {
        shown.columns.end += 1;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, mark: &str, width: usize, expected: &str) {
        let at = line.find(mark).unwrap();
        let shown = show(line, std::slice::from_ref(&(at..at + mark.len())), width);
        let under = " ".repeat(shown.columns.start) + &"^".repeat(shown.columns.len());
        assert_eq!(format!("{}\n{under}", shown.text), expected);
    }

    #[test]
    fn a_line_is_cut_around_what_matters() {
        check("0123456789", "5", 80, "0123456789\n     ^");
        check("0123456789abcdefghijklmnopqrstuvwxyz", "9", 11, "…56789abcd…\n     ^");
        check("0123456789abcdefghijklmnopqrstuvwxyz", "01", 11, "0123456789…\n^^");
        check("0123456789abcdefghijklmnopqrstuvwxyz", "z", 11, "…qrstuvwxyz\n          ^");
        check("0123456789abcdefghijklmnopqrstuvwxyz", "23456789abcdefghijkl", 11, "…23456789a…\n ^^^^^^^^^");
    }

    #[test]
    fn columns_are_those_of_a_terminal() {
        check("日本 = x", "x", 80, "日本 = x\n       ^");
        check("\t\u{1b}[2J\u{202e}x", "x", 80, "    \\u001b[2J\\u202ex\n                   ^");
        check("e\u{301}x", "x", 80, "e\u{301}x\n ^");
        check("日本語日本語日本語", "語日", 9, "…語日…\n ^^^^");
    }

    #[test]
    fn several_marks_share_the_line() {
        let line = "a2345678901234567890b23456789012345678c";
        let shown = show(line, &[0..1, 20..21, 38..39], 19);
        assert_eq!(shown.text, "a234…890b234…678c");
        assert_eq!(shown.marked.iter().map(|at| &shown.text[at.clone()]).collect::<Vec<_>>(), ["a", "b", "c"]);
    }
}
