//! Things become an order, and the place of one that equals an earlier one is found.
//!
//! One sort for all kinds of things, on their places in a list: the library's sort is compiled anew for each kind, and each
//! time is 10 to 40 KB of WebAssembly, which every sandbox has to load.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Compares two things by their places.
type Compare<'c> = &'c dyn Fn(usize, usize) -> Ordering;

/// Sorts; equals keep their order.
pub(crate) fn sort<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    if items.is_sorted_by(|a, b| compare(a, b).is_le()) {
        return;
    }
    let mut order = places(items.len(), &|a, b| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    // Each cycle of the permutation is walked once; a place that is done points at itself.
    for start in 0..items.len() {
        let mut at = start;
        while let Some(next) = order.get_mut(at).map(|place| core::mem::replace(place, at)) {
            if next == start || next == at {
                break;
            }
            items.swap(at, next);
            at = next;
        }
    }
}

/// The first place at which something stands that equals something before it.
pub(crate) fn repeated(count: usize, compare: Compare<'_>) -> Option<usize> {
    if count < 2 {
        return None;
    }
    let sorted = places(count, compare);
    let equal = sorted.windows(2).filter_map(|pair| match pair {
        [a, b] if compare(*a, *b).is_eq() => Some(*b),
        _ => None,
    });
    equal.min()
}

/// [`repeated`] for texts that nearly always all differ: only those that a hash cannot tell apart are compared. Where somebody has
/// written texts that share a hash, these are sorted as by `repeated`, and no more than that.
pub(crate) fn repeated_text<'t>(count: usize, text: &dyn Fn(usize) -> &'t str) -> Option<usize> {
    // A word for each text is so many bits that few share one by chance.
    let mut seen = alloc::vec![0_u64; count];
    let mut twice = seen.clone();
    let hashes: Vec<Hash> = (0..count).map(|index| Hash::of(text(index).as_bytes(), count)).collect();
    for hash in &hashes {
        if let (Some(seen), Some(twice)) = (seen.get_mut(hash.word), twice.get_mut(hash.word)) {
            *twice |= *seen & hash.bit;
            *seen |= hash.bit;
        }
    }
    let shares = |hash: &Hash| twice.get(hash.word).is_some_and(|twice| twice & hash.bit != 0);
    let suspects: Vec<usize> = (0..).zip(&hashes).filter(|(_, hash)| shares(hash)).map(|(index, _)| index).collect();
    let suspect = |at: usize| suspects.get(at).map(|index| text(*index));
    let at = repeated(suspects.len(), &|a, b| suspect(a).cmp(&suspect(b)))?;
    suspects.get(at).copied()
}

/// One bit in a list of words.
struct Hash {
    word: usize,
    bit: u64,
}

impl Hash {
    fn of(text: &[u8], words: usize) -> Self {
        // An odd number without pattern: that of SplitMix64.
        let mix = |hash: u64, bits: u64| (hash.rotate_left(5) ^ bits).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let (chunks, rest) = text.as_chunks();
        let hash = chunks.iter().fold(0, |hash, chunk| mix(hash, u64::from_le_bytes(*chunk)));
        let hash = mix(hash, rest.iter().fold(1, |bits, byte| bits << 8 | u64::from(*byte)));
        // The upper bits of a product depend on all that was multiplied.
        let word = (u128::from(hash) * words as u128) >> 64;
        Hash { word: usize::try_from(word).unwrap_or(0), bit: 1 << (hash >> 8 & 63) }
    }
}

/// The places `0..count` in the order of what stands there; equals in the order of their places.
pub(crate) fn places(count: usize, compare: Compare<'_>) -> Vec<usize> {
    let heap: BinaryHeap<Place<'_>> = (0..count).map(|index| Place { index, compare }).collect();
    heap.into_sorted_vec().into_iter().map(|place| place.index).collect()
}

#[derive(Clone, Copy)]
struct Place<'c> {
    index: usize,
    compare: Compare<'c>,
}

impl Ord for Place<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.compare)(self.index, other.index).then(self.index.cmp(&other.index))
    }
}

impl PartialOrd for Place<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Place<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Place<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_librarys_stable_sort(numbers in vec(0u8..20, 0..60)) {
            let mut expected: Vec<(u8, usize)> = numbers.iter().copied().zip(0..).collect();
            let mut sorted = expected.clone();
            expected.sort_by_key(|(number, _)| *number);
            sort(&mut sorted, |(a, _), (b, _)| a.cmp(b));
            prop_assert_eq!(sorted, expected);
        }

        #[test]
        fn the_first_repetition_is_found(numbers in vec(0u8..60, 0..20)) {
            let at = |index: usize| numbers.get(index);
            let expected = (0..numbers.len()).find(|index| numbers.iter().take(*index).any(|n| Some(n) == at(*index)));
            prop_assert_eq!(repeated(numbers.len(), &|a, b| at(a).cmp(&at(b))), expected);
            let texts: Vec<_> = numbers.iter().map(|n| alloc::format!("a text that is long {n}")).collect();
            prop_assert_eq!(repeated_text(texts.len(), &|index| texts.get(index).unwrap()), expected);
        }
    }

    #[test]
    fn of_thousands_of_texts_the_one_repetition_is_found() {
        // So many that by chance some share a bit.
        let mut texts: Vec<_> = (0..5_000).map(|n| alloc::format!("attribute{n}")).collect();
        let found = |texts: &[alloc::string::String]| repeated_text(texts.len(), &|index| texts.get(index).unwrap());
        assert_eq!(found(&texts), None);
        for (first, second) in [(0, 4_999), (1, 2), (17, 4_000)] {
            let kept = core::mem::replace(&mut texts[second], alloc::format!("attribute{first}"));
            assert_eq!(found(&texts), Some(second));
            texts[second] = kept;
        }
    }
}
