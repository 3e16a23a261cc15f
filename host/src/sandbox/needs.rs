//! A component's bytes become what one instance of it takes of a pool: core instances, memories, tables.
//!
//! Counted before anything is compiled, because a pool is made for the component that it is to hold. Whether the component is valid
//! is left to wasmtime, and so are the core instances that it adds between components that call one another.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind, ComponentTypeRef, Encoding,
    Instance, Parser, Payload,
};

use super::{CORE_MODULE, Limits, SandboxError, unreadable};

/// More core instances than this are no planner's; ours has 1, that of a JavaScript engine about ten. Each takes some of the host's
/// memory, whatever its own limit.
pub(super) const MOST_CORE_INSTANCES: u32 = 200;

/// A memory takes 4 GB of the host's address space for every request that may be under way at once.
const MOST_MEMORIES: u32 = 20;

/// A table's elements are the host's memory.
const MOST_TABLES: u32 = 100;
const MOST_TABLE_ELEMENTS: u64 = 1_000_000;

/// What one instance of a component takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Core instances.
    pub core_instances: u32,
    /// Memories, and most of them in one core instance.
    pub memories: u32,
    pub(super) memories_per_instance: u32,
    /// Bytes of its memories at the start, all together.
    pub memory_bytes: u64,
    /// Tables, and most of them in one core instance.
    pub tables: u32,
    pub(super) tables_per_instance: u32,
    /// Elements of its largest table at the start.
    pub table_elements: u64,
}

impl Needs {
    /// What a component takes, if it is not more than any planner may.
    ///
    /// # Errors
    /// When it is, when these bytes are no component, or when the parts cannot be counted.
    pub(super) fn of(bytes: &[u8], limits: &Limits) -> Result<Self, SandboxError> {
        if bytes.starts_with(CORE_MODULE) {
            return Err(SandboxError::NotAComponent(
                "this is a core module; make a component of it with: wasm-tools component new".into(),
            ));
        }
        let needs = count(bytes).map_err(|fault| match fault {
            Fault::Unreadable(error) => unreadable(bytes, error.to_string()),
            Fault::Uncountable => SandboxError::Unfit(
                "it instantiates a module or a component that it is handed, so that its parts cannot be counted".into(),
            ),
        })?;
        needs.check(limits)
    }

    fn check(self, limits: &Limits) -> Result<Self, SandboxError> {
        let memory = u64::try_from(limits.memory_bytes).unwrap_or(u64::MAX);
        for (what, found, most) in [
            ("core instances", self.core_instances.into(), MOST_CORE_INSTANCES.into()),
            ("memories", self.memories.into(), MOST_MEMORIES.into()),
            ("bytes of memory at the start", self.memory_bytes, memory),
            ("tables", self.tables.into(), MOST_TABLES.into()),
            ("elements of a table", self.table_elements, MOST_TABLE_ELEMENTS),
        ] {
            if found > most {
                return Err(SandboxError::Unfit(format!("expected at most {most} {what}, but found {found}")));
            }
        }
        Ok(self)
    }

    /// With those of another.
    fn and(self, other: Needs) -> Self {
        Needs {
            core_instances: self.core_instances.saturating_add(other.core_instances),
            memories: self.memories.saturating_add(other.memories),
            memories_per_instance: self.memories_per_instance.max(other.memories_per_instance),
            memory_bytes: self.memory_bytes.saturating_add(other.memory_bytes),
            tables: self.tables.saturating_add(other.tables),
            tables_per_instance: self.tables_per_instance.max(other.tables_per_instance),
            table_elements: self.table_elements.max(other.table_elements),
        }
    }
}

enum Fault {
    Unreadable(wasmparser::BinaryReaderError),
    Uncountable,
}

impl From<wasmparser::BinaryReaderError> for Fault {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Fault::Unreadable(error)
    }
}

/// What is known of a module or component that may be instantiated; nothing of one that comes from outside.
type Known = Option<Needs>;

/// A component or a module that is being read.
#[derive(Default)]
struct Scope {
    is_module: bool,
    /// Of the component's own instances; of a module, what an instance of it takes.
    needs: Needs,
    modules: Vec<Known>,
    components: Vec<Known>,
}

fn count(bytes: &[u8]) -> Result<Needs, Fault> {
    let mut within: Vec<Scope> = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { encoding, .. } => {
                let is_module = encoding == Encoding::Module;
                let core_instances = u32::from(is_module);
                within.push(Scope {
                    is_module,
                    needs: Needs { core_instances, ..Needs::default() },
                    ..Scope::default()
                });
            }
            Payload::End(_) => {
                let Some(done) = within.pop() else { continue };
                let Some(outer) = within.last_mut() else { return Ok(done.needs) };
                let list = if done.is_module { &mut outer.modules } else { &mut outer.components };
                list.push(Some(done.needs));
            }
            payload => read(&mut within, payload)?,
        }
    }
    // Without an end, the reader has said so.
    Ok(Needs::default())
}

/// One section, of the innermost.
fn read(within: &mut [Scope], payload: Payload<'_>) -> Result<(), Fault> {
    let Some((scope, outside)) = within.split_last_mut() else { return Ok(()) };
    let needs = &mut scope.needs;
    match payload {
        Payload::MemorySection(section) => {
            for memory in section {
                let memory = memory?;
                let page = 1_u64.checked_shl(memory.page_size_log2.unwrap_or(16)).unwrap_or(u64::MAX);
                needs.memories = needs.memories.saturating_add(1);
                needs.memory_bytes = needs.memory_bytes.saturating_add(memory.initial.saturating_mul(page));
            }
            needs.memories_per_instance = needs.memories;
        }
        Payload::TableSection(section) => {
            for table in section {
                needs.tables = needs.tables.saturating_add(1);
                needs.table_elements = needs.table_elements.max(table?.ty.initial);
            }
            needs.tables_per_instance = needs.tables;
        }
        Payload::InstanceSection(section) => {
            for instance in section {
                if let Instance::Instantiate { module_index, .. } = instance? {
                    *needs = needs.and(known(&scope.modules, module_index)?);
                }
            }
        }
        Payload::ComponentInstanceSection(section) => {
            for instance in section {
                if let ComponentInstance::Instantiate { component_index, .. } = instance? {
                    *needs = needs.and(known(&scope.components, component_index)?);
                }
            }
        }
        // What follows only gives modules and components another number.
        Payload::ComponentImportSection(section) => {
            for import in section {
                match import?.ty {
                    ComponentTypeRef::Module(_) => scope.modules.push(None),
                    ComponentTypeRef::Component(_) => scope.components.push(None),
                    _ => {}
                }
            }
        }
        Payload::ComponentExportSection(section) => {
            for export in section {
                let export = export?;
                match export.kind {
                    ComponentExternalKind::Module => scope.modules.push(again(&scope.modules, export.index)),
                    ComponentExternalKind::Component => scope.components.push(again(&scope.components, export.index)),
                    _ => {}
                }
            }
        }
        Payload::ComponentAliasSection(section) => {
            for alias in section {
                match alias? {
                    ComponentAlias::InstanceExport { kind: ComponentExternalKind::Module, .. } => {
                        scope.modules.push(None);
                    }
                    ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
                        scope.components.push(None);
                    }
                    ComponentAlias::Outer { kind, count, index } => alias_outer(scope, outside, kind, count, index),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn alias_outer(scope: &mut Scope, outside: &[Scope], kind: ComponentOuterAliasKind, count: u32, index: u32) {
    let from = |list: fn(&Scope) -> &Vec<Known>| match usize::try_from(count) {
        Ok(0) => again(list(scope), index),
        Ok(count) => {
            outside.len().checked_sub(count).and_then(|at| outside.get(at)).and_then(|it| again(list(it), index))
        }
        Err(_) => None,
    };
    match kind {
        ComponentOuterAliasKind::CoreModule => {
            let module = from(|it| &it.modules);
            scope.modules.push(module);
        }
        ComponentOuterAliasKind::Component => {
            let component = from(|it| &it.components);
            scope.components.push(component);
        }
        _ => {}
    }
}

fn again(list: &[Known], index: u32) -> Known {
    usize::try_from(index).ok().and_then(|index| list.get(index)).copied().flatten()
}

fn known(list: &[Known], index: u32) -> Result<Needs, Fault> {
    again(list, index).ok_or(Fault::Uncountable)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use wasmtime::Engine;
    use wasmtime::component::Component;

    use super::*;
    use crate::sandbox::PLANNER;

    /// What is counted, beside what wasmtime counts in the compiled component.
    fn check(bytes: &[u8], core_instances: u32) {
        let Ok(needs) = count(bytes) else { panic!("expected needs") };
        let component = Component::from_binary(&Engine::default(), bytes).unwrap();
        let required = component.resources_required().unwrap();
        assert_eq!(needs.core_instances, core_instances);
        assert_eq!((needs.memories, needs.tables), (required.num_memories, required.num_tables));
        assert_eq!(needs.table_elements, required.max_initial_table_size.unwrap_or(0));
    }

    #[test]
    fn counts_are_those_of_wasmtime() {
        check(PLANNER, 1);
        let module = "(core module $m (memory 2) (table 7 funcref))";
        let twice = "(core instance (instantiate $m)) (core instance (instantiate $m))";
        for (text, core_instances) in [
            ("(component)".into(), 0),
            (format!("(component {module})"), 0),
            (format!("(component {module} {twice})"), 2),
            // By way of an alias from outside, and of a second number that an export gives.
            (format!("(component {module} (component $c {twice}) (instance (instantiate $c)) (instance (instantiate $c)))"), 4),
            (
                format!(
                    "(component {module} (component $none) (export $again \"again\" (core module $m))
                       (core module $other) (core instance (instantiate $again)) (core instance (instantiate $other)))"
                ),
                2,
            ),
            (
                format!(
                    "(component $outer {module} (component $a (component $b (alias outer $outer $m (core module $x))
                       (core instance (instantiate $x))) (instance (instantiate $b)) {twice}) (instance (instantiate $a)))"
                ),
                3,
            ),
            (
                // A bundle of what there is already is no instance of a module, and a memory that is handed on is no second one.
                r#"(component
                   (core module $m (memory (export "m") 1)) (core module $n (import "" "m" (memory 1)))
                   (core instance $a (instantiate $m)) (core instance $e (export "m" (memory $a "m")))
                   (core instance (instantiate $n (with "" (instance $e)))))"#
                    .into(),
                2,
            ),
        ] {
            check(&wat::parse_str(text).unwrap(), core_instances);
        }
    }
}
