//! See [`gateleg_fuzz::filter`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gateleg_fuzz::filter(data));
