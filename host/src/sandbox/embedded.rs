//! The planner that is built in, as a component and, in a release, as machine code.
//!
//! The build script makes both; see there.

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::{SandboxError, engine};

/// The component.
pub static PLANNER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/planner.wasm"));

/// Its digest, in hexadecimal.
pub const PLANNER_SHA256: &str = env!("GATELEG_PLANNER_SHA256");

/// The digest of the machine code that is built in beside the component, if any is.
pub const PRECOMPILED_SHA256: Option<&str> =
    if PRECOMPILED.is_empty() { None } else { Some(env!("GATELEG_PLANNER_CWASM_SHA256")) };

const PRECOMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/planner.cwasm"));

/// The built-in component as machine code for this kind of machine (any of it: only what every one of its processors has is
/// used), behind the component's digest: the file that the build script takes in `GATELEG_PLANNER_CWASM`.
///
/// # Errors
/// When it cannot be compiled.
pub fn precompile() -> Result<Vec<u8>, SandboxError> {
    let setup = |error: wasmtime::Error| SandboxError::Setup(format!("{error:#}"));
    let mut config = engine::config();
    config.target(env!("GATELEG_TARGET")).map_err(setup)?;
    let code = Engine::new(&config).and_then(|engine| engine.precompile_component(PLANNER)).map_err(setup)?;
    let mut file = Sha256::digest(PLANNER).to_vec();
    file.extend(code);
    Ok(file)
}

/// The built-in machine code, if there is any that runs here.
pub(super) fn precompiled(engine: &Engine) -> Option<Component> {
    if PRECOMPILED.is_empty() {
        return None;
    }
    match load(engine, PRECOMPILED) {
        Ok(component) => Some(component),
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "the precompiled planner does not run here; it is compiled anew"
            );
            None
        }
    }
}

/// Only for what [`precompile`] made.
#[expect(unsafe_code, reason = "machine code of our own")]
fn load(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `precompile` of this same program made the bytes: a part of the program, which the build checked by the component's
    // digest, or a test's.
    unsafe { Component::deserialize(engine, code) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::sandbox::{Limits, Needs, Origin, Sandbox};

    #[test]
    fn what_is_precompiled_runs_in_the_pool_and_starts_with_the_components_digest() {
        let file = precompile().unwrap();
        let (digest, code) = file.split_at(32);
        let hexadecimal: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hexadecimal, PLANNER_SHA256);
        let limits = Limits { max_concurrent: 1, ..Limits::default() };
        let needs = Needs::of(PLANNER, &limits).unwrap();
        let engine = engine::pooled(&limits, &needs, Origin::Ours).unwrap();
        let component = load(&engine, code).unwrap();
        Sandbox::prepare(&engine, &component, limits, Origin::Ours).map(drop).unwrap();
    }
}
