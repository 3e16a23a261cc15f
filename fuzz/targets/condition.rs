//! See [`gateleg_fuzz::condition`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gateleg_fuzz::condition(data));
