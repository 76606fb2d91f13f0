//! JSON written while XML is read: objects whose members come one element at a time.
//!
//! Elements stand in the order of the definition, so the occurrences of one member are neighbours: everything is written
//! once, in the order in which it comes. Only a primitive's occurrences wait until the last of them, since JSON keeps
//! values and extensions in two members.

use tsumugi_fhir::json::write;
use tsumugi_fhir_definitions::TypeId;

use crate::{XmlFault, form::Found};

/// What an open element becomes.
pub enum Kind {
    /// An object.
    Object,
    /// What stands beside a primitive's value: the value itself, and where the object starts in the output.
    Primitive(Option<Vec<u8>>, usize),
    /// The resource inside; whether it was there.
    Holder(bool),
}

/// One open element.
pub struct Frame<'d> {
    pub kind: Kind,
    /// The type whose fields its elements are.
    pub ty: TypeId,
    /// Whether a member was written, so that the next needs a comma.
    written: bool,
    current: Option<Current<'d>>,
}

/// The member of which the last element was an occurrence.
struct Current<'d> {
    found: Found<'d>,
    count: usize,
    /// Whether it is one of primitives, kept here until the last has come.
    primitive: bool,
    values: Vec<u8>,
    any_value: bool,
    extras: Vec<u8>,
    any_extra: bool,
}

impl<'d> Frame<'d> {
    pub fn new(kind: Kind, ty: TypeId) -> Self {
        Self { kind, ty, written: false, current: None }
    }

    /// Appends the step from this element to its newest: `.name[1]`.
    pub fn step(&self, path: &mut String) {
        if let Some(Current { found, count, .. }) = &self.current {
            path.push('.');
            path.push_str(found.key);
            if found.field.array {
                path.push_str(&format!("[{}]", count.saturating_sub(1)));
            }
        }
    }

    fn key(&mut self, out: &mut Vec<u8>, prefix: &str, key: &str) {
        if std::mem::replace(&mut self.written, true) {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(prefix.as_bytes());
        // Keys come from definitions and need no escapes.
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(b"\":");
    }

    /// A member that is a string: `resourceType`, or what XML has as an attribute.
    pub fn string(&mut self, out: &mut Vec<u8>, key: &str, text: &str) {
        self.key(out, "", key);
        write::string(out, text);
    }

    /// What is wrong with an element that comes next here, if anything is.
    pub fn misplaced(&self, found: Found<'d>) -> Option<XmlFault> {
        let current = &self.current.as_ref()?.found;
        // Two keys of one field are two types of a choice.
        let repeated = current.index == found.index && (current.key != found.key || !found.field.array);
        if current.index > found.index { Some(XmlFault::Order) } else { repeated.then_some(XmlFault::Repeated) }
    }

    /// Takes the next element: the member's key and brackets are written when it is the first of its name.
    pub fn begin(&mut self, out: &mut Vec<u8>, found: Found<'d>, primitive: bool) {
        if let Some(current) = self.current.as_mut().filter(|current| current.found.index == found.index) {
            current.found = found;
            current.count += 1;
            if !primitive {
                out.push(b',');
            }
            return;
        }
        self.finish_member(out);
        if !primitive {
            self.key(out, "", found.key);
            if found.field.array {
                out.push(b'[');
            }
        }
        self.current = Some(Current {
            found,
            count: 1,
            primitive,
            values: Vec::new(),
            any_value: false,
            extras: Vec::new(),
            any_extra: false,
        });
    }

    /// Keeps one occurrence of a primitive: its value and what stands beside it, as JSON.
    pub fn primitive(&mut self, value: Option<&[u8]>, extra: Option<&[u8]>) {
        let Some(current) = &mut self.current else { return };
        if current.count > 1 {
            current.values.push(b',');
            current.extras.push(b',');
        }
        current.values.extend_from_slice(value.unwrap_or(b"null"));
        current.extras.extend_from_slice(extra.unwrap_or(b"null"));
        current.any_value |= value.is_some();
        current.any_extra |= extra.is_some();
    }

    /// Closes the member that is open, if one is.
    pub fn finish_member(&mut self, out: &mut Vec<u8>) {
        let Some(current) = self.current.take() else { return };
        let array = current.found.field.array;
        if !current.primitive {
            if array {
                out.push(b']');
            }
            return;
        }
        for (prefix, any, json) in [("", current.any_value, &current.values), ("_", current.any_extra, &current.extras)]
        {
            if any {
                self.key(out, prefix, current.found.key);
                if array {
                    out.push(b'[');
                }
                out.extend_from_slice(json);
                if array {
                    out.push(b']');
                }
            }
        }
    }
}
