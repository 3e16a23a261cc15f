//! What a plan says beside its commands: things that do not refuse, but that a person would want to know.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{Patch, write_place};
use crate::json::Object;
use crate::rule::Rule;

/// One remark on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The rule that noticed.
    pub rule: Rule,
    /// What was noticed.
    pub message: String,
    /// Where: a JSON pointer into the request.
    pub path: String,
    /// The characters within the string at the place: half-open, in Unicode scalar values.
    pub span: Option<(usize, usize)>,
    /// What to do about it.
    pub hint: String,
    /// A patch of the request that does so, if one can.
    pub fix: Vec<Patch>,
}

impl Warning {
    pub(crate) fn write(&self, out: &mut String) {
        let mut object = Object::new(out);
        object.string("rule", self.rule.id());
        object.string("message", &self.message);
        write_place(&mut object, Some(&self.path), self.span, Some(&self.hint), &self.fix);
        object.end();
    }
}
