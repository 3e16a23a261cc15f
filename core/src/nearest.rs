//! A misspelt word becomes the word that was probably meant.

use alloc::vec::Vec;

/// The closest of `candidates` that differs from `word` in case alone or in at most two edits (one, for short words), where
/// an edit inserts, removes or replaces a character or swaps two neighbours. The first of equals wins.
///
/// Candidates are names of ours, or such as DynamoDB takes: ASCII.
///
/// ```
/// use gateleg_core::nearest::nearest;
/// assert_eq!(nearest("item", ["Key", "Item"]), Some("Item"));
/// assert_eq!(nearest("dry_run", ["format", "dryRun"]), Some("dryRun"));
/// assert_eq!(nearest("colour", ["Key", "Item"]), None);
/// ```
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let mut candidates = candidates.into_iter();
    closest(word, &mut || candidates.next())
}

/// Once for all kinds of lists: a dozen of these are in every sandbox.
fn closest<'c>(word: &str, next: &mut dyn FnMut() -> Option<&'c str>) -> Option<&'c str> {
    // Nothing this long is a slip of a name of ours, and comparing takes time in proportion to it.
    if word.len() > 64 {
        return None;
    }
    let folded = fold(word);
    let mut best = None;
    while let Some(candidate) = next() {
        let target = fold(candidate);
        let allowed = match folded.len().min(target.len()) {
            0..=3 => 0,
            4..=5 => 1,
            _ => 2,
        };
        let edits = distance(&folded, &target);
        if edits <= allowed && best.is_none_or(|(fewest, _)| edits < fewest) {
            best = Some((edits, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// In lower case, as far as that can make anything equal to a letter of ASCII: the whole of Unicode's table is 12 KB.
fn fold(word: &str) -> Vec<char> {
    let mut folded = Vec::with_capacity(word.len());
    for c in word.chars() {
        match c {
            '\u{130}' => folded.extend(['i', '\u{307}']),
            // The sign of the kelvin.
            '\u{212a}' => folded.push('k'),
            c => folded.push(c.to_ascii_lowercase()),
        }
    }
    folded
}

/// Optimal string alignment distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous_a = None;
    for (i, &x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        let mut previous_b = None;
        for (j, &y) in b.iter().enumerate() {
            let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
            let replace = at(&last, j) + usize::from(x != y);
            let mut best = replace.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            if previous_a == Some(y) && previous_b == Some(x) && j > 0 {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
            previous_b = Some(y);
        }
        before = core::mem::replace(&mut last, row);
        previous_a = Some(x);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_finds_every_letter_that_is_one_of_ascii_in_lower_case() {
        for c in '\0'..=char::MAX {
            let lower: Vec<char> = c.to_lowercase().collect();
            let mut bytes = [0; 4];
            let folded = fold(c.encode_utf8(&mut bytes));
            let ascii = |chars: &[char]| chars.iter().map(|c| c.is_ascii().then_some(*c)).collect::<Vec<_>>();
            assert_eq!(ascii(&folded), ascii(&lower), "{c:?}");
        }
    }
}
