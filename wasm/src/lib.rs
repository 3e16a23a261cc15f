//! gateleg-wasm
