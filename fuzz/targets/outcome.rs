//! See [`gateleg_fuzz::outcome`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gateleg_fuzz::outcome(data));
