//! Reading a document: nodes are small copies that point into the tape.

use std::borrow::Cow;

use super::{Inner, Place, Slot, What};

/// JSON's six types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number, kept as text.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// One value of a document.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    doc: &'a Inner,
    index: u32,
}

impl<'a> Node<'a> {
    pub(super) fn at(doc: &'a Inner, index: u32) -> Self {
        Self { doc, index }
    }

    fn slot(self) -> &'a Slot {
        // INVARIANT: nodes are made only for slots of the tape, and a tape has at least one slot.
        &self.doc.tape[self.index as usize]
    }

    fn text(self) -> &'a str {
        let slot = self.slot();
        &self.doc.text[slot.start as usize..slot.end as usize]
    }

    /// The value's type.
    #[must_use]
    pub fn kind(self) -> Type {
        match self.slot().what {
            What::Null => Type::Null,
            What::False | What::True => Type::Bool,
            What::Number => Type::Number,
            What::String | What::Key => Type::String,
            What::Array => Type::Array,
            What::Object => Type::Object,
        }
    }

    /// Whether the value is an object.
    #[must_use]
    pub fn is_object(self) -> bool {
        self.slot().what == What::Object
    }

    /// Whether the value is an array.
    #[must_use]
    pub fn is_array(self) -> bool {
        self.slot().what == What::Array
    }

    /// Whether the value is a string.
    #[must_use]
    pub fn is_string(self) -> bool {
        self.slot().what == What::String
    }

    /// Whether the value is an object or array with nothing in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        matches!(self.slot().what, What::Object | What::Array) && self.slot().next == self.index + 1
    }

    /// The member `key` of an object.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        let mut members = self.members();
        while let Some((name, value)) = members.next_raw() {
            let same = match name.slot().escaped {
                false => name.text() == key,
                true => unescape(name.text()) == key,
            };
            if same {
                return Some(value);
            }
        }
        None
    }

    /// The string member `key` of an object.
    #[must_use]
    pub fn get_str(self, key: &str) -> Option<Cow<'a, str>> {
        self.get(key)?.as_str()
    }

    /// An object's members in order; nothing for other types.
    #[must_use]
    pub fn members(self) -> Members<'a> {
        let slot = self.slot();
        let end = if slot.what == What::Object { slot.next } else { self.index + 1 };
        Members { doc: self.doc, at: self.index + 1, end }
    }

    /// An array's items in order; nothing for other types.
    #[must_use]
    pub fn items(self) -> Items<'a> {
        let slot = self.slot();
        let end = if slot.what == What::Array { slot.next } else { self.index + 1 };
        Items { doc: self.doc, at: self.index + 1, end }
    }

    /// A string's characters, escapes resolved; borrowed where there are none.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let slot = self.slot();
        match (slot.what, slot.escaped) {
            (What::String | What::Key, false) => Some(Cow::Borrowed(self.text())),
            (What::String | What::Key, true) => Some(Cow::Owned(unescape(self.text()))),
            _ => None,
        }
    }

    /// A boolean.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.slot().what {
            What::True => Some(true),
            What::False => Some(false),
            _ => None,
        }
    }

    /// A number as it was written: `1.50` stays `1.50`.
    #[must_use]
    pub fn number_text(self) -> Option<&'a str> {
        (self.slot().what == What::Number).then(|| self.text())
    }

    /// The value as it was written, quotes and white space inside included.
    #[must_use]
    pub fn raw(self) -> &'a str {
        let slot = self.slot();
        match slot.what {
            What::String | What::Key => &self.doc.text[slot.start as usize - 1..slot.end as usize + 1],
            _ => self.text(),
        }
    }

    /// Byte of the text at which the value starts.
    #[must_use]
    pub fn offset(self) -> usize {
        let slot = self.slot();
        slot.start as usize - usize::from(matches!(slot.what, What::String | What::Key))
    }

    /// Line and column at which the value starts.
    #[must_use]
    pub fn place(self) -> Place {
        self.doc.place(self.offset())
    }

    /// The values at a path of member names, such as `code.coding.code`, through arrays on the way and at the end.
    #[must_use]
    pub fn find<'p>(self, path: &'p str) -> Find<'a, 'p> {
        Find { start: Some((self, path)), stack: Vec::new() }
    }

    /// The first string at a path.
    #[must_use]
    pub fn find_str(self, path: &str) -> Option<Cow<'a, str>> {
        self.find(path).find_map(Node::as_str)
    }

    /// Whether both nodes are the same value of the same document.
    #[must_use]
    pub fn is_same(self, other: Self) -> bool {
        std::ptr::eq(self.doc, other.doc) && self.index == other.index
    }

    /// Calls `see` for every member inside this value, at any depth, in document order, with the object that holds it.
    pub fn each_member(self, mut see: impl FnMut(Node<'a>, Node<'a>, Node<'a>)) {
        let mut owners: Vec<u32> = Vec::new();
        let end = self.slot().next;
        let mut at = self.index;
        while at < end {
            while owners.last().is_some_and(|&owner| self.doc.tape[owner as usize].next <= at) {
                owners.pop();
            }
            match (self.doc.tape[at as usize].what, owners.last()) {
                (What::Key, Some(&owner)) => {
                    see(Self::at(self.doc, owner), Self::at(self.doc, at), Self::at(self.doc, at + 1));
                }
                (What::Object, _) => owners.push(at),
                _ => {}
            }
            at += 1;
        }
    }

    /// Calls `see` for this value and every value inside it, in document order; the flag says that it is a member's.
    pub fn each_value(self, mut see: impl FnMut(Node<'a>, bool)) {
        let mut member = false;
        for at in self.index..self.end_index() {
            let node = self.sibling(at);
            if !node.is_key() {
                see(node, member);
            }
            member = node.is_key();
        }
    }

    /// The way from this value down to `target` as FHIRPath: `.entry[2].resource.code`. Empty if it is not inside.
    #[must_use]
    pub fn path_to(self, target: Node<'a>) -> String {
        let mut path = String::new();
        let mut node = self;
        let holds = |node: &Node<'a>| node.index <= target.index && target.index < node.end_index();
        while !node.is_same(target) && holds(&node) {
            let step = match node.is_array() {
                true => {
                    node.items().enumerate().find(|(_, item)| holds(item)).map(|(at, item)| (format!("[{at}]"), item))
                }
                false => node.members().find(|(_, value)| holds(value)).map(|(key, value)| (format!(".{key}"), value)),
            };
            let Some((step, next)) = step else { return path };
            path.push_str(&step);
            node = next;
        }
        path
    }

    pub(crate) fn index(self) -> u32 {
        self.index
    }

    /// Index of the slot after this value with all that is in it.
    pub(crate) fn end_index(self) -> u32 {
        self.slot().next
    }

    /// Another slot of the same document.
    pub(crate) fn sibling(self, index: u32) -> Self {
        Self { doc: self.doc, index }
    }

    pub(crate) fn is_key(self) -> bool {
        self.slot().what == What::Key
    }
}

impl std::fmt::Debug for Node<'_> {
    /// Type and place only: a value is somebody's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({:?} at byte {})", self.kind(), self.offset())
    }
}

/// An object's members: see [`Node::members`].
#[derive(Clone)]
pub struct Members<'a> {
    doc: &'a Inner,
    at: u32,
    end: u32,
}

impl<'a> Members<'a> {
    /// The next member's name and value as nodes.
    pub(crate) fn next_raw(&mut self) -> Option<(Node<'a>, Node<'a>)> {
        if self.at >= self.end {
            return None;
        }
        let (key, value) = (Node::at(self.doc, self.at), Node::at(self.doc, self.at + 1));
        self.at = value.slot().next;
        Some((key, value))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.next_raw()?;
        Some((key.as_str().unwrap_or_default(), value))
    }
}

/// An array's items: see [`Node::items`].
#[derive(Clone)]
pub struct Items<'a> {
    doc: &'a Inner,
    at: u32,
    end: u32,
}

impl<'a> Iterator for Items<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        if self.at >= self.end {
            return None;
        }
        let node = Node::at(self.doc, self.at);
        self.at = node.slot().next;
        Some(node)
    }
}

/// The values at a path: see [`Node::find`].
pub struct Find<'a, 'p> {
    start: Option<(Node<'a>, &'p str)>,
    stack: Vec<(Items<'a>, &'p str)>,
}

impl<'a> Iterator for Find<'a, '_> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        loop {
            let (mut node, mut rest) = match self.start.take() {
                Some(start) => start,
                None => {
                    let (items, rest) = self.stack.last_mut()?;
                    match items.next() {
                        Some(node) => (node, *rest),
                        None => {
                            self.stack.pop();
                            continue;
                        }
                    }
                }
            };
            loop {
                if node.is_array() {
                    self.stack.push((node.items(), rest));
                    break;
                }
                if rest.is_empty() {
                    return Some(node);
                }
                let (head, tail) = rest.split_once('.').unwrap_or((rest, ""));
                match node.get(head) {
                    Some(member) => (node, rest) = (member, tail),
                    None => break,
                }
            }
        }
    }
}

/// Resolves the escapes of a string that the parser has accepted.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let code = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        let mut used = 2;
        match code {
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let (character, length) = unicode(&rest[at..]);
                out.push(character);
                used = length;
            }
            other => out.push(char::from(other)),
        }
        rest = rest.get(at + used..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The character of a `\uXXXX` or of a pair of them, and how many bytes it took.
fn unicode(text: &str) -> (char, usize) {
    let unit = |from: usize| text.get(from..from + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    match (unit(2), unit(8)) {
        (Some(high @ 0xD800..=0xDBFF), Some(low @ 0xDC00..=0xDFFF)) => {
            let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
        }
        (Some(code), _) => (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 6),
        _ => (char::REPLACEMENT_CHARACTER, 2),
    }
}
