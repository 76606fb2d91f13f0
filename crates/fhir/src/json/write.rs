//! Writing JSON: answers of our own, and documents again without their white space.

use std::borrow::Cow;

use super::{Node, Type};

/// Writes one JSON value, commas included. What is written is JSON as long as begins, ends and keys are in order.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// A writer with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer with room for `bytes`.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes) }
    }

    /// What was written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    /// A comma, unless this is the first of its object or array, or follows a key.
    fn separate(&mut self) {
        if !matches!(self.out.last(), None | Some(b'{' | b'[' | b':')) {
            self.out.push(b',');
        }
    }

    /// An object; `fill` writes its members.
    pub fn object(&mut self, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.separate();
        self.out.push(b'{');
        fill(self);
        self.out.push(b'}');
        self
    }

    /// An array; `fill` writes its items.
    pub fn array(&mut self, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.separate();
        self.out.push(b'[');
        fill(self);
        self.out.push(b']');
        self
    }

    /// A member's name; its value is what is written next.
    pub fn key(&mut self, key: &str) -> &mut Self {
        self.separate();
        string(&mut self.out, key);
        self.out.push(b':');
        self
    }

    /// A string.
    pub fn string(&mut self, text: &str) -> &mut Self {
        self.separate();
        string(&mut self.out, text);
        self
    }

    /// A whole number.
    pub fn number(&mut self, number: i64) -> &mut Self {
        self.separate();
        self.out.extend_from_slice(number.to_string().as_bytes());
        self
    }

    /// A boolean.
    pub fn bool(&mut self, yes: bool) -> &mut Self {
        self.raw(if yes { "true" } else { "false" })
    }

    /// JSON text as it is. The caller answers for it being one value.
    pub fn raw(&mut self, json: &str) -> &mut Self {
        self.raw_bytes(json.as_bytes())
    }

    /// JSON bytes as they are. The caller answers for them being one value.
    pub fn raw_bytes(&mut self, json: &[u8]) -> &mut Self {
        self.separate();
        self.out.extend_from_slice(json);
        self
    }

    /// A member with a string.
    pub fn field(&mut self, key: &str, text: &str) -> &mut Self {
        self.key(key).string(text)
    }
}

/// Appends `text` as a JSON string with its quotes.
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut done = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[done..at]);
        done = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(control >> 4)]);
                out.push(HEX[usize::from(control & 15)]);
            }
        }
    }
    out.extend_from_slice(&bytes[done..]);
    out.push(b'"');
}

/// Appends `node` without the white space between its tokens; strings, numbers and order stay as written.
pub fn compact(out: &mut Vec<u8>, node: Node<'_>) {
    compact_with(out, node, |_, _| None);
}

/// As [`compact`], with `replace(key, value)` asked for every member whose value is a string: `Some` text is written in
/// the place of the value.
pub fn compact_with(out: &mut Vec<u8>, node: Node<'_>, replace: impl Fn(&str, Node<'_>) -> Option<String>) {
    // Open brackets: (slot after the value, closing byte).
    let mut open: Vec<(u32, u8)> = Vec::with_capacity(16);
    let (mut at, end) = (node.index(), node.end_index());
    let mut key = Cow::Borrowed("");
    loop {
        while let Some(&(_, close)) = open.last().filter(|(past, _)| *past <= at) {
            out.push(close);
            open.pop();
        }
        if at >= end {
            return;
        }
        let this = node.sibling(at);
        let in_array = open.last().is_some_and(|(_, close)| *close == b']');
        // INVARIANT: a string ends with its quote, so a bare `[` or `{` at the end is the bracket just opened.
        if (this.is_key() || in_array) && !matches!(out.last(), Some(b'{' | b'[')) {
            out.push(b',');
        }
        match this.kind() {
            _ if this.is_key() => {
                out.extend_from_slice(this.raw().as_bytes());
                out.push(b':');
                key = this.as_str().unwrap_or_default();
            }
            Type::Object => {
                out.push(b'{');
                open.push((this.end_index(), b'}'));
            }
            Type::Array => {
                out.push(b'[');
                open.push((this.end_index(), b']'));
            }
            Type::String if !in_array => match replace(&key, this) {
                Some(text) => string(out, &text),
                None => out.extend_from_slice(this.raw().as_bytes()),
            },
            _ => out.extend_from_slice(this.raw().as_bytes()),
        }
        at += 1;
    }
}
