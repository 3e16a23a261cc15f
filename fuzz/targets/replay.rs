//! See [`gateleg_fuzz::replay`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gateleg_fuzz::replay(data));
