//! The paths of an update or a projection are told apart, or to overlap or conflict.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::fault::Findings;
use super::{Element, Path};
use crate::order;
use crate::rule::Rule;

/// Notes the first two paths of which one leads into the other, or else the first two that differ in what they take for a
/// list.
pub(super) fn check(paths: &[&Path], findings: &mut Findings) {
    let Some(rule) = worst(paths) else { return };
    for (index, two) in paths.iter().enumerate() {
        if let Some(one) = paths.iter().take(index).find(|one| meet(one, two) == Some(rule)) {
            findings.note(rule, &[&one.in_brackets(), &two.in_brackets()], two.span);
            return;
        }
    }
}

/// How any two paths meet: in order, those that do have neighbours that do. This keeps a long list from being compared pair
/// by pair.
fn worst(paths: &[&Path]) -> Option<Rule> {
    if paths.len() < 2 {
        return None;
    }
    let mut sorted: Vec<&Path> = paths.to_vec();
    order::sort(&mut sorted, |one, two| {
        let steps = one.elements.iter().zip(&two.elements);
        steps
            .map(|(a, b)| compare(a, b))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| one.elements.len().cmp(&two.elements.len()))
    });
    let mut found = None;
    for (one, two) in sorted.iter().zip(sorted.iter().skip(1)) {
        match meet(one, two) {
            Some(Rule::ExpressionOverlap) => return Some(Rule::ExpressionOverlap),
            met => found = found.or(met),
        }
    }
    found
}

fn meet(one: &Path, two: &Path) -> Option<Rule> {
    for (a, b) in one.elements.iter().zip(&two.elements) {
        match (a.name(), b.name()) {
            (Some(_), None) | (None, Some(_)) => return Some(Rule::ExpressionConflict),
            _ if a.is_same(b) => {}
            _ => return None,
        }
    }
    Some(Rule::ExpressionOverlap)
}

/// Names before indexes.
fn compare(a: &Element, b: &Element) -> Ordering {
    match (a, b) {
        (Element::Index(a), Element::Index(b)) => a.cmp(b),
        (Element::Index(_), _) => Ordering::Greater,
        (_, Element::Index(_)) => Ordering::Less,
        _ => a.name().cmp(&b.name()),
    }
}
