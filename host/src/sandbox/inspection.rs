//! A file's bytes become what is to be known of them before they plan anything: what they import and export, what they take, and
//! whether the sandbox loads them.

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::{COMPONENT, CORE_MODULE, Limits, Needs, Origin, Sandbox, SandboxError, compile, engine};

/// What is known of a file that might be a planner.
#[derive(Debug)]
pub struct Inspection {
    /// What it is, by its first bytes.
    pub kind: Kind,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// What it asks for from outside; known if it can be compiled.
    pub imports: Option<Vec<String>>,
    /// What it offers; known if it can be compiled.
    pub exports: Option<Vec<String>>,
    /// What an instance of it takes; known if that is not too much.
    pub needs: Option<Needs>,
    /// Why it does not load, if it does not.
    pub refusal: Option<SandboxError>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A WebAssembly component.
    Component,
    /// A core WebAssembly module.
    Module,
    /// Nothing of WebAssembly.
    Other,
}

impl Kind {
    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Component => "component",
            Kind::Module => "module",
            Kind::Other => "other",
        }
    }
}

/// Looks at a file's bytes, and loads them as a server would, under those limits.
pub fn inspect(bytes: &[u8], limits: Limits) -> Inspection {
    let kind = match bytes {
        bytes if bytes.starts_with(COMPONENT) => Kind::Component,
        bytes if bytes.starts_with(CORE_MODULE) => Kind::Module,
        _ => Kind::Other,
    };
    let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut inspection = Inspection { kind, sha256, imports: None, exports: None, needs: None, refusal: None };
    inspection.refusal = inspection.load(bytes, limits).err();
    inspection
}

impl Inspection {
    fn load(&mut self, bytes: &[u8], limits: Limits) -> Result<(), SandboxError> {
        let needs = self.needs.insert(Needs::of(bytes, &limits)?);
        let engine = engine::pooled(&limits, needs, Origin::Stranger)?;
        let component = compile(&engine, bytes)?;
        self.describe(&engine, &component);
        Sandbox::prepare(&engine, &component, limits, Origin::Stranger).map(drop)
    }

    fn describe(&mut self, engine: &Engine, component: &Component) {
        let face = component.component_type();
        self.imports = Some(face.imports(engine).map(|(name, _)| name.into()).collect());
        self.exports = Some(face.exports(engine).map(|(name, _)| name.into()).collect());
    }
}
