//! See [`gateleg_fuzz::request`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gateleg_fuzz::request(data));
