//! Where in a request something stands, as a chain that costs nothing until it is printed.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use crate::shape::Name;

/// A place in a JSON document; each link points at the one it is inside of.
#[derive(Clone, Copy, Debug)]
pub struct Pointer<'p> {
    parent: Option<&'p Pointer<'p>>,
    segment: Segment<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Segment<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

impl<'p> Pointer<'p> {
    /// The document itself.
    pub const ROOT: Pointer<'static> = Pointer { parent: None, segment: Segment::Root };

    /// The member `key` of what this points at.
    pub fn key(&'p self, key: &'p str) -> Pointer<'p> {
        Pointer { parent: Some(self), segment: Segment::Key(key) }
    }

    /// The element `index` of what this points at, from 0.
    pub fn index(&'p self, index: usize) -> Pointer<'p> {
        Pointer { parent: Some(self), segment: Segment::Index(index) }
    }

    /// The JSON pointer (RFC 6901).
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for segment in self.segments() {
            match segment {
                Segment::Root => {}
                Segment::Key(key) => {
                    out.push('/');
                    for c in key.chars() {
                        match c {
                            '~' => out.push_str("~0"),
                            '/' => out.push_str("~1"),
                            c => out.push(c),
                        }
                    }
                }
                Segment::Index(index) => {
                    let _ = write!(out, "/{index}");
                }
            }
        }
        out
    }

    /// The place as a person would name it: `TransactItems[0].Put.TableName`.
    pub fn to_dotted(&self) -> String {
        let mut out = String::new();
        for segment in self.within_payload() {
            match segment {
                Segment::Root => {}
                Segment::Index(index) => {
                    let _ = write!(out, "[{index}]");
                }
                Segment::Key(key) => {
                    if !out.is_empty() {
                        out.push('.');
                    }
                    out.push_str(key);
                }
            }
        }
        out
    }

    /// The place as DynamoDB's constraint messages name it: `transactItems.1.member.put.tableName`.
    pub fn to_constraint(&self) -> String {
        let mut out = String::new();
        for segment in self.within_payload() {
            if !out.is_empty() {
                out.push('.');
            }
            match segment {
                Segment::Root => {}
                Segment::Index(index) => {
                    let _ = write!(out, "{}.member", index + 1);
                }
                Segment::Key(key) if Name::ALL.iter().any(|name| name.as_str() == key) => {
                    let mut chars = key.chars();
                    out.extend(chars.next().map(|c| c.to_ascii_lowercase()));
                    out.push_str(chars.as_str());
                }
                Segment::Key(key) => out.push_str(key),
            }
        }
        out
    }

    /// The segments without the `payload` that every parameter stands in.
    fn within_payload(&self) -> Vec<Segment<'p>> {
        let mut segments = self.segments();
        if let [_, Segment::Key("payload"), ..] = segments.as_slice() {
            segments.drain(..2);
        }
        segments
    }

    fn segments(&self) -> Vec<Segment<'p>> {
        let mut segments = Vec::new();
        let mut at = Some(self);
        while let Some(pointer) = at {
            segments.push(pointer.segment);
            at = pointer.parent;
        }
        segments.reverse();
        segments
    }
}
