//! What a plan says beside its commands: things that do not refuse, but that a person would want to know.

use alloc::string::String;

use crate::error::write_place;
use crate::json::Object;

/// One remark on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The id of the rule that noticed.
    pub rule: &'static str,
    /// What was noticed.
    pub message: String,
    /// Where: a JSON pointer into the request.
    pub path: String,
    /// What to do about it.
    pub hint: String,
}

impl Warning {
    pub(crate) fn write(&self, out: &mut String) {
        let mut object = Object::new(out);
        object.string("rule", self.rule);
        object.string("message", &self.message);
        write_place(&mut object, Some(&self.path), None, Some(&self.hint), &[]);
        object.end();
    }
}
