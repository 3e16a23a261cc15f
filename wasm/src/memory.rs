//! Where heaps have their memory from: wasm's own, which grows by pages.

#![expect(unsafe_code, reason = "growing memory is unsafe for whoever thinks to know where it ends")]

/// Memory that can grow.
pub(crate) trait Memory {
    /// Makes memory end at `end` or beyond, and says where it ends now; `None` if there is no more.
    ///
    /// # Safety
    /// What lies between the end so far and the new end must be nobody's.
    unsafe fn grow(&mut self, end: usize) -> Option<usize>;
}

#[cfg(all(target_arch = "wasm32", not(feature = "browser")))]
pub(crate) use linear::end;
#[cfg(target_arch = "wasm32")]
pub(crate) use linear::{Linear, heap_base};

#[cfg(target_arch = "wasm32")]
mod linear {
    use core::arch::wasm32::{memory_grow, memory_size};

    const PAGE: usize = 65536;

    /// Wasm's linear memory.
    pub(crate) struct Linear;

    impl super::Memory for Linear {
        unsafe fn grow(&mut self, end: usize) -> Option<usize> {
            let pages = end.div_ceil(PAGE).saturating_sub(memory_size::<0>());
            (memory_grow::<0>(pages) != usize::MAX).then(self::end)
        }
    }

    unsafe extern "C" {
        static __heap_base: u8;
    }

    /// Where the linker says that a heap may begin.
    pub(crate) fn heap_base() -> usize {
        &raw const __heap_base as usize
    }

    /// Where memory ends.
    pub(crate) fn end() -> usize {
        memory_size::<0>() * PAGE
    }
}

#[cfg(test)]
pub(crate) mod tests {
    /// A stretch of a test's own memory.
    pub(crate) struct Stretch {
        end: usize,
        limit: usize,
    }

    impl super::Memory for Stretch {
        unsafe fn grow(&mut self, end: usize) -> Option<usize> {
            let end = end.next_multiple_of(4096);
            if end > self.limit {
                return None;
            }
            self.end = end;
            Some(end)
        }
    }

    /// The memory, and where it starts.
    pub(crate) fn stretch(backing: &mut [u128]) -> (Stretch, usize) {
        let start = backing.as_mut_ptr() as usize;
        (Stretch { end: start, limit: start + size_of_val(backing) }, start)
    }
}
