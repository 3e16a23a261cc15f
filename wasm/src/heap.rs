//! The heap: memory from the end of what is used, and blocks that were given back, by size.
//!
//! A request is short, and the guest's instance is thrown away after it, so speed comes from doing little: a new block is an addition, the
//! last block grows and shrinks in place (which is how strings and lists are built), and a block that is given back goes to
//! the list of its size, from which the next of that size is taken. The lists are what lets a session read page after page, and a
//! web page preview request after request. Neighbouring free blocks are never joined.

#![expect(unsafe_code, reason = "a heap hands out raw memory")]

use core::alloc::Layout;
use core::ptr;

use crate::memory::Memory;

/// A heap on top of `M`.
pub(crate) struct Heap<M> {
    memory: M,
    /// Where the next new block starts; blocks lie below. A multiple of [`UNIT`].
    next: usize,
    /// Where memory ends.
    end: usize,
    /// By size class, the first free block, which holds the address of the second, and so on; 0 is none.
    free: [usize; CLASSES],
}

/// Every block's size and address are multiples of this; larger alignments are made by wasting what comes before.
const UNIT: usize = 8;

/// Sizes up to here have a class each; above, four classes share a power of two, so that at most a fifth is wasted.
const FINE: usize = 64;

const CLASSES: usize = 8 + 4 * 26;

/// The class of a size, and the size of that class's blocks; `None` for what no wasm memory holds.
fn class(size: usize) -> Option<(usize, usize)> {
    if size <= FINE {
        let units = size.div_ceil(UNIT).max(1);
        return Some((units - 1, units * UNIT));
    }
    // With size in (2^n, 2^(n+1)]: steps of 2^(n-2).
    let n = (size - 1).ilog2();
    if n > 31 {
        return None;
    }
    let step = 1_usize << (n - 2);
    let steps = size.div_ceil(step);
    Some((8 + 4 * (n as usize - 6) + (steps - 5), steps.checked_mul(step)?))
}

impl<M: Memory> Heap<M> {
    /// A heap that begins at `start` and may use memory up to `end` without asking for more.
    pub(crate) const fn new(memory: M, start: usize, end: usize) -> Self {
        Heap { memory, next: start.next_multiple_of(UNIT), end, free: [0; CLASSES] }
    }

    /// A block for `layout`, or null.
    ///
    /// # Safety
    /// The memory from `start` on is the heap's alone.
    pub(crate) unsafe fn alloc(&mut self, layout: Layout) -> *mut u8 {
        let Some((index, size)) = class(layout.size()) else { return ptr::null_mut() };
        let Some(head) = self.free.get_mut(index) else { return ptr::null_mut() };
        if *head != 0 && head.is_multiple_of(layout.align()) {
            let block = *head as *mut usize;
            // SAFETY: a block on a list is nobody's, and starts with the address of the next one.
            *head = unsafe { block.read() };
            return block.cast();
        }
        let start = self.next.next_multiple_of(layout.align());
        // SAFETY: as the caller's.
        if unsafe { self.reserve(start, size) } { start as *mut u8 } else { ptr::null_mut() }
    }

    /// Takes a block back.
    ///
    /// # Safety
    /// It is a block of this heap, of that layout, and not used again.
    pub(crate) unsafe fn dealloc(&mut self, block: *mut u8, layout: Layout) {
        let Some((index, size)) = class(layout.size()) else { return };
        if block as usize + size == self.next {
            self.next = block as usize;
        } else if let Some(head) = self.free.get_mut(index) {
            // SAFETY: the block is ours again, and at least one unit long.
            unsafe { block.cast::<usize>().write(*head) };
            *head = block as usize;
        }
    }

    /// Changes a block's size, in place if it is the last one or of the same class; null leaves it as it was.
    ///
    /// # Safety
    /// It is a block of this heap, of that layout.
    pub(crate) unsafe fn realloc(&mut self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let (Some((_, old)), Some((_, new))) = (class(layout.size()), class(size)) else { return ptr::null_mut() };
        if old == new {
            return block;
        }
        if block as usize + old == self.next {
            // SAFETY: as the caller's.
            return if unsafe { self.reserve(block as usize, new) } { block } else { ptr::null_mut() };
        }
        // SAFETY: the alignment is a valid one, and `class` has seen that the size is far below the limit.
        let moved = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !moved.is_null() {
            // SAFETY: two different blocks, each at least that long; the old one is not used again.
            unsafe {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
        }
        moved
    }

    /// Makes `start + size` the end of what is used.
    unsafe fn reserve(&mut self, start: usize, size: usize) -> bool {
        let Some(next) = start.checked_add(size) else { return false };
        if next > self.end {
            // Each growth costs the host a system call: take an eighth of what there is, unless that is too much.
            // SAFETY: beyond the end is nobody's.
            let grown = unsafe { self.memory.grow(next + next / 8).or_else(|| self.memory.grow(next)) };
            match grown {
                Some(end) => self.end = end,
                None => return false,
            }
        }
        self.next = next;
        true
    }
}

#[cfg(all(target_arch = "wasm32", not(feature = "browser")))]
mod linear {
    //! The heap on wasm's linear memory, as the program's allocator.

    use core::alloc::{GlobalAlloc, Layout};
    use core::cell::UnsafeCell;

    use super::Heap;
    use crate::memory::{Linear, end, heap_base};

    struct Global(UnsafeCell<Heap<Linear>>);

    // SAFETY: wasm without threads has one.
    unsafe impl Sync for Global {}

    // The linker says where the heap may begin. Nothing is known of memory's end until it is asked for.
    #[global_allocator]
    static GLOBAL: Global = Global(UnsafeCell::new(Heap::new(Linear, 0, 0)));

    impl Global {
        #[expect(clippy::mut_from_ref, reason = "one thread, and no call below lets another in")]
        unsafe fn heap(&self) -> &mut Heap<Linear> {
            // SAFETY: one thread, and no call below comes back here.
            let heap = unsafe { &mut *self.0.get() };
            if heap.next == 0 {
                *heap = Heap::new(Linear, heap_base(), end());
            }
            heap
        }
    }

    // SAFETY: blocks are distinct while they are in use, of the size and alignment asked for, and stay where they are.
    unsafe impl GlobalAlloc for Global {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: memory from `__heap_base` on is the heap's.
            unsafe { self.heap().alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: as the caller's.
            unsafe { self.heap().dealloc(block, layout) }
        }

        unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            // SAFETY: as the caller's.
            unsafe { self.heap().realloc(block, layout, size) }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::memory::tests::{Stretch, stretch};

    #[test]
    fn classes_ascend_waste_little_and_hold_what_they_are_for() {
        let mut last = (0, 0);
        for size in 1..100_000 {
            let (index, block) = class(size).unwrap();
            assert!(block >= size && block % UNIT == 0, "{size}: {block}");
            assert!(block - size < UNIT || (block - size) * 5 <= block, "{size}: {block}");
            assert!((index, block) == last || (index == last.0 + 1 || last.1 == 0) && block > last.1, "{size}");
            assert_eq!(class(block), Some((index, block)));
            last = (index, block);
        }
        assert!(class(1 << 31).is_some());
        assert_eq!(class(usize::MAX), None);
        assert!(class(u32::MAX as usize).is_none_or(|(index, _)| index < CLASSES));
    }

    fn heap(backing: &mut [u128]) -> Heap<Stretch> {
        let (memory, start) = stretch(backing);
        Heap::new(memory, start, start)
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 8).unwrap()
    }

    #[test]
    fn the_last_block_grows_and_shrinks_in_place() {
        let mut backing = vec![0_u128; 1 << 16];
        let mut heap = heap(&mut backing);
        // SAFETY: every block is used as its layout says.
        unsafe {
            let block = heap.alloc(layout(100));
            assert_eq!(heap.realloc(block, layout(100), 500_000), block);
            assert_eq!(heap.realloc(block, layout(500_000), 8), block);
            assert_eq!(heap.alloc(layout(8)) as usize, block as usize + 8);
            assert!(heap.alloc(layout(1 << 20)).is_null(), "more than there is");
        }
    }

    #[test]
    fn blocks_in_use_never_overlap_and_keep_what_is_in_them() {
        let mut backing = vec![0_u128; 1 << 16];
        let mut heap = heap(&mut backing);
        let mut seed = 1_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        let mut blocks: Vec<(*mut u8, Layout, u8)> = Vec::new();
        // SAFETY: every block is used as its layout says, and not after it was given back.
        unsafe {
            for round in 0..50_000_u32 {
                let size = 1 + random(if round % 7 == 0 { 3000 } else { 80 });
                match random(3) {
                    0 if blocks.len() < 200 => {
                        let layout = Layout::from_size_align(size, 1 << random(5)).unwrap();
                        let block = heap.alloc(layout);
                        assert!(!block.is_null() && (block as usize).is_multiple_of(layout.align()));
                        block.write_bytes(round as u8, size);
                        blocks.push((block, layout, round as u8));
                    }
                    1 if !blocks.is_empty() => {
                        let (block, layout, mark) = blocks.swap_remove(random(blocks.len()));
                        assert!((0..layout.size()).all(|at| block.add(at).read() == mark));
                        heap.dealloc(block, layout);
                    }
                    _ if !blocks.is_empty() => {
                        let at = random(blocks.len());
                        let (block, layout, mark) = blocks[at];
                        let moved = heap.realloc(block, layout, size);
                        assert!((0..layout.size().min(size)).all(|at| moved.add(at).read() == mark));
                        moved.write_bytes(mark, size);
                        blocks[at] = (moved, Layout::from_size_align(size, layout.align()).unwrap(), mark);
                    }
                    _ => {}
                }
            }
        }
    }
}
