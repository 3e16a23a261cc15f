//! The page's heap: memory from the end of what is used, and nothing is ever given back; [`Arena::clear`] takes all of it back at
//! once, before each question. A question is short, and what frees nothing need not be told what to free: without the code that
//! walks through values to free them the page's wasm is a twentieth smaller.

#![expect(unsafe_code, reason = "a heap hands out raw memory")]

use core::alloc::Layout;
use core::ptr;

use crate::memory::Memory;

/// A heap on top of `M`.
pub(crate) struct Arena<M> {
    memory: M,
    start: usize,
    /// Where the next block starts; all that are in use lie below.
    next: usize,
    /// Where memory ends.
    end: usize,
}

impl<M: Memory> Arena<M> {
    /// A heap that begins at `start` and may use memory up to `end` without asking for more.
    pub(crate) const fn new(memory: M, start: usize, end: usize) -> Self {
        Arena { memory, start, next: start, end }
    }

    /// Takes every block back.
    ///
    /// # Safety
    /// None is used again.
    pub(crate) unsafe fn clear(&mut self) {
        self.next = self.start;
    }

    /// A block for `layout`, or null.
    ///
    /// # Safety
    /// The memory from `start` on is the heap's alone.
    pub(crate) unsafe fn alloc(&mut self, layout: Layout) -> *mut u8 {
        let start = self.next.next_multiple_of(layout.align());
        // SAFETY: as the caller's.
        if unsafe { self.reserve(start, layout.size()) } { start as *mut u8 } else { ptr::null_mut() }
    }

    /// Changes a block's size, in place if it is the last one; null leaves it as it was.
    ///
    /// # Safety
    /// It is a block of this heap, of that layout.
    pub(crate) unsafe fn realloc(&mut self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if block as usize + layout.size() == self.next {
            // SAFETY: as the caller's.
            return if unsafe { self.reserve(block as usize, size) } { block } else { ptr::null_mut() };
        }
        if size <= layout.size() {
            return block;
        }
        // SAFETY: the alignment is a valid one, and the caller's size is.
        let moved = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !moved.is_null() {
            // SAFETY: two different blocks, each at least that long.
            unsafe { ptr::copy_nonoverlapping(block, moved, layout.size()) };
        }
        moved
    }

    /// Makes `start + size` the end of what is used.
    unsafe fn reserve(&mut self, start: usize, size: usize) -> bool {
        let Some(next) = start.checked_add(size) else { return false };
        if next > self.end {
            // SAFETY: beyond the end is nobody's.
            let Some(end) = (unsafe { self.memory.grow(next) }) else { return false };
            self.end = end;
        }
        self.next = next;
        true
    }
}

#[cfg(all(target_arch = "wasm32", feature = "browser"))]
pub(crate) mod linear {
    //! The arena on wasm's linear memory, as the program's allocator.

    use core::alloc::{GlobalAlloc, Layout};
    use core::cell::UnsafeCell;

    use super::Arena;
    use crate::memory::{Linear, heap_base};

    struct Global(UnsafeCell<Arena<Linear>>);

    // SAFETY: wasm without threads has one.
    unsafe impl Sync for Global {}

    #[global_allocator]
    static GLOBAL: Global = Global(UnsafeCell::new(Arena::new(Linear, 0, 0)));

    /// Empties the heap.
    ///
    /// # Safety
    /// Nothing that is on it is used again.
    pub(crate) unsafe fn clear() {
        // SAFETY: as the caller's; and no reference to the arena is held across a call.
        unsafe { GLOBAL.arena().clear() };
    }

    impl Global {
        #[expect(clippy::mut_from_ref, reason = "one thread, and no call below lets another in")]
        unsafe fn arena(&self) -> &mut Arena<Linear> {
            // SAFETY: one thread, and no call below comes back here.
            let arena = unsafe { &mut *self.0.get() };
            if arena.start == 0 {
                // The linker says where the heap may begin. Nothing is known of memory's end until it is asked for.
                *arena = Arena::new(Linear, heap_base(), 0);
            }
            arena
        }
    }

    // SAFETY: blocks are distinct until the heap is emptied, of the size and alignment asked for, and stay where they are.
    unsafe impl GlobalAlloc for Global {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: memory from `__heap_base` on is the heap's.
            unsafe { self.arena().alloc(layout) }
        }

        #[inline(always)]
        unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

        unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            // SAFETY: as the caller's.
            unsafe { self.arena().realloc(block, layout, size) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::tests::stretch;

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 8).unwrap_or(Layout::new::<u64>())
    }

    #[test]
    fn blocks_follow_one_another_the_last_grows_in_place_and_clearing_takes_all_back() {
        let mut backing = vec![0_u128; 1 << 12];
        let (memory, start) = stretch(&mut backing);
        let mut arena = Arena::new(memory, start, start);
        // SAFETY: every block is used as its layout says, and not after it was taken back.
        unsafe {
            let first = arena.alloc(layout(100));
            assert_eq!(first as usize, start);
            assert_eq!(arena.realloc(first, layout(100), 200), first);
            first.write_bytes(7, 200);
            let second = arena.alloc(Layout::new::<u128>());
            assert_eq!(second as usize, start + 208);
            let moved = arena.realloc(first, layout(200), 300);
            assert_eq!(moved as usize, start + 224);
            assert!((0..200).all(|at| moved.add(at).read() == 7));
            assert_eq!(arena.realloc(second, Layout::new::<u128>(), 8), second);
            assert!(arena.alloc(layout(1 << 17)).is_null(), "more than there is");
            arena.clear();
            assert_eq!(arena.alloc(layout(8)) as usize, start);
        }
    }
}
