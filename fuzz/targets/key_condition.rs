//! See [`gateleg_fuzz::key_condition`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gateleg_fuzz::key_condition(data));
