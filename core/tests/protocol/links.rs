//! A page becomes its links and the anchors they may lead to, as GitHub names them.

use std::collections::BTreeSet;

use crate::page::headings_of;

/// The anchor of a heading; a second heading of the same words is numbered.
pub fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

/// The anchors of those headings, in order.
pub fn slugs<'h>(headings: impl Iterator<Item = &'h str>) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    for heading in headings {
        let slug = slug(heading);
        let numbered = (1..).map(|number| format!("{slug}-{number}"));
        let free = std::iter::once(slug.clone()).chain(numbered).find(|slug| !taken.contains(slug));
        taken.extend(free);
    }
    taken
}

/// Everything on a page that a link can lead to.
pub fn anchors(page: &str) -> BTreeSet<String> {
    let headings = headings_of(page.lines());
    let named = page.split("<a id=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
    slugs(headings.iter().map(|(_, heading)| heading.as_str())).into_iter().chain(named).collect()
}

/// Where the links of a page lead, those to other sites left out.
pub fn targets(page: &str) -> Vec<&str> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in page.lines() {
        in_code ^= line.starts_with("```");
        if !in_code {
            let ends = line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
            found.extend(ends.filter(|target| !target.contains("://")));
        }
    }
    found
}
