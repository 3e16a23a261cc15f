//! Two versions of a text become the lines that differ, and what differs in them.

use std::ops::Range;

/// Lines that were replaced by others, or removed, or added.
#[derive(Debug, PartialEq)]
pub struct Hunk {
    /// Lines of the old text that are gone.
    pub old: Vec<Line>,
    /// Lines of the new text that took their place.
    pub new: Vec<Line>,
}

/// A line that is in one text only.
#[derive(Debug, PartialEq)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// Its text.
    pub text: String,
    /// What differs in it, in bytes; empty where the other text has more.
    pub changed: Vec<Range<usize>>,
}

/// Texts that differ in more than this are compared as a whole.
const MAX_DIFFERENT: usize = 1000;

/// The hunks in which the texts differ, in order.
pub fn hunks(old: &str, new: &str) -> Vec<Hunk> {
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = common(&old_lines, &new_lines);
    let mut hunks = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (next_i, next_j) in same.into_iter().chain([(old_lines.len(), new_lines.len())]) {
        if next_i > i || next_j > j {
            hunks.push(hunk(&old_lines[i..next_i], i, &new_lines[j..next_j], j));
        }
        (i, j) = (next_i + 1, next_j + 1);
    }
    hunks
}

fn hunk(old: &[&str], old_start: usize, new: &[&str], new_start: usize) -> Hunk {
    let (old_text, new_text) = (old.join("\n"), new.join("\n"));
    let (in_old, in_new) = different(&old_text, &new_text);
    Hunk { old: lines(old, old_start, &in_old), new: lines(new, new_start, &in_new) }
}

/// Each line with the part of `changed`, ranges of all the lines together, that is in it.
fn lines(lines: &[&str], start: usize, changed: &[Range<usize>]) -> Vec<Line> {
    let mut at = 0;
    let mut out = Vec::with_capacity(lines.len());
    for (index, text) in lines.iter().enumerate() {
        let here = at..at + text.len();
        at = here.end + 1;
        let inside = changed.iter().filter(|range| range.start <= here.end && range.end >= here.start);
        let within =
            |range: &Range<usize>| range.start.max(here.start) - here.start..range.end.min(here.end) - here.start;
        let changed = inside.map(within).collect();
        out.push(Line { number: start + index + 1, text: (*text).to_string(), changed });
    }
    out
}

/// Words, runs of spaces, and every other character by itself.
fn tokens(text: &str) -> Vec<&str> {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '#' | ':' | '$');
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if word(first) { rest.find(|c| !word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// The bytes in which the texts differ, one range of each for every change; what was only added is an empty range of the old.
fn different(old: &str, new: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let (old_tokens, new_tokens) = (tokens(old), tokens(new));
    let (old_ends, new_ends) = (ends(&old_tokens), ends(&new_tokens));
    let bytes = |range: Range<usize>, ends: &[usize]| ends[range.start]..ends[range.end];
    let mut changes: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for (in_old, in_new) in gaps(&old_tokens, &new_tokens) {
        let (in_old, in_new) = (bytes(in_old, &old_ends), bytes(in_new, &new_ends));
        match changes.last_mut() {
            // White space between two changes is not worth telling apart.
            Some((last_old, last_new)) if old[last_old.end..in_old.start].trim().is_empty() => {
                (last_old.end, last_new.end) = (in_old.end, in_new.end);
            }
            _ => changes.push((in_old, in_new)),
        }
    }
    changes.into_iter().unzip()
}

/// Where each token ends, after a 0.
fn ends(tokens: &[&str]) -> Vec<usize> {
    let mut ends = Vec::with_capacity(tokens.len() + 1);
    ends.push(0);
    for token in tokens {
        ends.push(ends[ends.len() - 1] + token.len());
    }
    ends
}

/// What lies between the tokens that both have. An addition that could as well be a bit later is: `"a"` to `"a", "b"` adds
/// `, "b"` and not `", "b`.
fn gaps(old: &[&str], new: &[&str]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut gaps = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (next_i, next_j) in common(old, new).into_iter().chain([(old.len(), new.len())]) {
        if next_i > i || next_j > j {
            gaps.push((i..next_i, j..next_j));
        }
        (i, j) = (next_i + 1, next_j + 1);
    }
    for index in 0..gaps.len() {
        let limit = gaps.get(index + 1).map_or(old.len(), |(next, _)| next.start);
        let (in_old, in_new) = &mut gaps[index];
        let added = |range: &Range<usize>, tokens: &[&str]| tokens.get(range.end) == tokens.get(range.start);
        while in_old.end < limit
            && (in_old.start == in_old.end && added(in_new, new) || in_new.start == in_new.end && added(in_old, old))
        {
            (*in_old, *in_new) = (in_old.start + 1..in_old.end + 1, in_new.start + 1..in_new.end + 1);
        }
    }
    gaps
}

/// Pairs of places at which both have the same: a longest common subsequence.
fn common<T: PartialEq>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    let before = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[before..], &new[before..]);
    let after = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (n, m) = (old_rest.len() - after, new_rest.len() - after);
    let mut pairs: Vec<(usize, usize)> = (0..before).map(|at| (at, at)).collect();
    if n <= MAX_DIFFERENT && m <= MAX_DIFFERENT {
        // longest[i][j]: of what is left from i and j on.
        let mut longest = vec![vec![0_u32; m + 1]; n + 1];
        for i in (0..n).rev() {
            for j in (0..m).rev() {
                longest[i][j] = if old_rest[i] == new_rest[j] {
                    longest[i + 1][j + 1] + 1
                } else {
                    longest[i + 1][j].max(longest[i][j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < n && j < m {
            if old_rest[i] == new_rest[j] {
                pairs.push((before + i, before + j));
                (i, j) = (i + 1, j + 1);
            } else if longest[i + 1][j] >= longest[i][j + 1] {
                i += 1;
            } else {
                j += 1;
            }
        }
    }
    pairs.extend((0..after).map(|at| (before + n + at, before + m + at)));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Changed parts stand in brackets.
    fn check(old: &str, new: &str, expected: &str) {
        let mut out = String::new();
        for hunk in hunks(old, new) {
            for (sign, line) in hunk.old.iter().map(|line| ('-', line)).chain(hunk.new.iter().map(|line| ('+', line))) {
                let mut text = line.text.clone();
                for range in line.changed.iter().rev().filter(|range| !range.is_empty()) {
                    text.insert(range.end, ']');
                    text.insert(range.start, '[');
                }
                out.push_str(&format!("{}{sign}{text}\n", line.number));
            }
        }
        assert_eq!(out, expected);
    }

    #[test]
    fn lines_that_differ_say_in_what() {
        check("a\nb\nc", "a\nB x\nc", "2-[b]\n2+[B x]\n");
        check("a\nb\nc", "a\nc", "2-[b]\n");
        check("a\nc", "a\nb\nc", "2+[b]\n");
        check("{\"item\": 1}", "{\"Item\": 1}", "1-{\"[item]\": 1}\n1+{\"[Item]\": 1}\n");
        check("x(\na,\nb\n)", "x(\na,\nb,\nc\n)", "3-b\n3+b[,]\n4+[c]\n");
        check("same", "same", "");
        check("{\"a\": \"b\"}", "{\"a\": \"b\", \"c\": \"b\"}", "1-{\"a\": \"b\"}\n1+{\"a\": \"b\"[, \"c\": \"b\"]}\n");
        check("[1, 2, 3]", "[1, 3]", "1-[1, [2, ]3]\n1+[1, 3]\n");
    }
}
