//! A misspelt word becomes the word that was probably meant.

use alloc::vec::Vec;

/// The closest of `candidates` that differs from `word` in case alone or in at most two edits (one, for short words), where
/// an edit inserts, removes or replaces a character or swaps two neighbours. The first of equals wins.
///
/// ```
/// use gateleg_core::nearest::nearest;
/// assert_eq!(nearest("item", ["Key", "Item"]), Some("Item"));
/// assert_eq!(nearest("dry_run", ["format", "dryRun"]), Some("dryRun"));
/// assert_eq!(nearest("colour", ["Key", "Item"]), None);
/// ```
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    // Nothing this long is a slip of a name of ours, and comparing takes time in proportion to it.
    if word.len() > 64 {
        return None;
    }
    let folded: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let target: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
            let allowed = match folded.len().min(target.len()) {
                0..=3 => 0,
                4..=5 => 1,
                _ => 2,
            };
            let edits = distance(&folded, &target);
            (edits <= allowed).then_some((edits, candidate))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
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
