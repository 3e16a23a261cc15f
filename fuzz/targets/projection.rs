//! See [`gateleg_fuzz::projection`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gateleg_fuzz::projection(data));
