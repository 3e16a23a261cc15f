//! See [`gateleg_fuzz::update`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gateleg_fuzz::update(data));
