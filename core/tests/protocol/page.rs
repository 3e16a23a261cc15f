//! A page with marked regions becomes the same page with its regions written anew.
//!
//! A region begins with a line `<!-- generated: .. -->` or `<!-- example: .. -->` and ends with `<!-- end -->`. All else is a
//! person's. What stands in a region is left to [`crate::tables`] and [`crate::example`].

/// What is asked to fill a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A table of core's.
    Generated,
    /// A case of the corpus.
    Example,
}

/// A part of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'p> {
    /// What a person wrote, line by line.
    Line(&'p str),
    /// A region and what its marker asks for.
    Region(Kind, &'p str),
}

const END: &str = "<!-- end -->";

/// The parts of a page, without what stands in its regions.
pub fn pieces(page: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(asked) = line.strip_prefix("<!-- ") else {
            pieces.push(Piece::Line(line));
            continue;
        };
        let asked = asked.strip_suffix(" -->").ok_or(format!("line {}: the marker is not closed", number + 1))?;
        let (kind, asked) = match asked.split_once(": ") {
            Some(("generated", asked)) => (Kind::Generated, asked),
            Some(("example", asked)) => (Kind::Example, asked),
            _ => return Err(format!("line {}: no marker is called `{asked}`", number + 1)),
        };
        pieces.push(Piece::Region(kind, asked));
        if !lines.any(|(_, line)| line == END) {
            return Err(format!("line {}: the region has no end", number + 1));
        }
    }
    Ok(pieces)
}

/// The page with every region as `fill` has it.
pub fn render(page: &str, fill: impl Fn(Kind, &str) -> Result<String, String>) -> Result<String, String> {
    let mut out = String::new();
    for piece in pieces(page)? {
        match piece {
            Piece::Line(line) => out.push_str(line),
            Piece::Region(kind, asked) => {
                let name = if kind == Kind::Generated { "generated" } else { "example" };
                let body = fill(kind, asked).map_err(|error| format!("{name}: {asked}: {error}"))?;
                out.push_str(&format!("<!-- {name}: {asked} -->\n\n{}\n\n{END}", body.trim_end()));
            }
        }
        out.push('\n');
    }
    Ok(out)
}

/// The headings that a person wrote, with their depth; what stands in a code block is none.
pub fn headings(page: &str) -> Vec<(usize, String)> {
    let lines = pieces(page).unwrap_or_default().into_iter().filter_map(|piece| match piece {
        Piece::Line(line) => Some(line),
        Piece::Region(..) => None,
    });
    headings_of(lines)
}

/// The headings among those lines.
pub fn headings_of<'l>(lines: impl Iterator<Item = &'l str>) -> Vec<(usize, String)> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in lines {
        in_code ^= line.starts_with("```");
        let text = line.trim_start_matches('#');
        let depth = line.len() - text.len();
        if !in_code && depth > 0 && text.starts_with(' ') {
            found.push((depth, text.trim().to_owned()));
        }
    }
    found
}
