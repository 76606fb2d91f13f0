//! The narrative's `div`: one string in JSON, an element of the XHTML namespace in XML.
//!
//! The text itself is carried over. Only two things change, so that both forms say the same: prefixes of the XHTML
//! namespace are taken off (JSON's string has no namespaces around it), and a carriage return in text, which XML readers
//! turn into a line feed, is written as a character number.
//!
//! Whether elements and attributes are those that FHIR allows in a narrative is the validator's question; here they
//! must be well-formed and of the namespace.

use quick_xml::{
    NsReader,
    events::{BytesStart, Event},
    name::{PrefixDeclaration, ResolveResult},
};

use crate::{XHTML, XmlFault, read::ATTRIBUTES, text};

/// A carriage return in text: a spelling of its own, so that other spellings stay as they are.
const CARRIAGE_RETURN: &str = "&#x0D;";

/// Which way the text goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    FromXml,
    ToXml,
}

/// What a fault of the reader means.
pub fn fault_of(error: &quick_xml::Error) -> XmlFault {
    match error {
        quick_xml::Error::Syntax(_) => XmlFault::Truncated,
        quick_xml::Error::Namespace(_) => XmlFault::Namespace,
        quick_xml::Error::Escape(_) => XmlFault::Entity,
        _ => XmlFault::Malformed,
    }
}

/// The string of a `div` whose start tag `tag`, at byte `start` of `text`, was just read; the reader stands behind its end
/// tag afterwards. A fault comes with the number of elements of the `div` that are open where it was found.
pub fn from_xml<'i>(
    text: &'i str,
    reader: &mut NsReader<&'i [u8]>,
    tag: BytesStart<'_>,
    start: usize,
    empty: bool,
    depth: usize,
) -> Result<String, (XmlFault, usize)> {
    let mut copy = Copy { text, reader, out: String::new(), way: Way::FromXml, open: usize::from(!empty) };
    match copy.whole(&tag, start, empty, depth) {
        Ok(()) => Ok(copy.out),
        Err(fault) => Err((fault, copy.open)),
    }
}

/// The XML of a narrative's string: exactly one `div` with its namespace.
pub fn to_xml(div: &str, depth: usize) -> Result<String, XmlFault> {
    if !div.chars().all(text::is_allowed) {
        return Err(XmlFault::Character);
    }
    let mut reader = NsReader::from_str(div);
    reader.config_mut().check_comments = true;
    // A byte order mark would be skipped by the reader and so be lost.
    let (space, event) = if div.starts_with('<') {
        reader.read_resolved_event().map_err(|_| XmlFault::Narrative)?
    } else {
        return Err(XmlFault::Narrative);
    };
    let ours = matches!(&space, ResolveResult::Bound(space) if space.as_ref() == XHTML);
    let (tag, empty) = match event {
        Event::Start(tag) => (tag, false),
        Event::Empty(tag) => (tag, true),
        _ => return Err(XmlFault::Narrative),
    };
    // JSON's string is written as it is: a prefix would come back without it.
    if !ours || tag.name().as_ref() != "div" {
        return Err(XmlFault::Narrative);
    }
    let (out, open) = (String::with_capacity(div.len()), usize::from(!empty));
    let mut copy = Copy { text: div, reader: &mut reader, out, way: Way::ToXml, open };
    copy.whole(&tag, 0, empty, depth)?;
    let out = copy.out;
    match reader.read_event() {
        Ok(Event::Eof) => Ok(out),
        _ => Err(XmlFault::Narrative),
    }
}

struct Copy<'i, 'r> {
    text: &'i str,
    reader: &'r mut NsReader<&'i [u8]>,
    out: String,
    way: Way,
    /// How many elements are open.
    open: usize,
}

impl Copy<'_, '_> {
    fn whole(&mut self, tag: &BytesStart<'_>, start: usize, empty: bool, depth: usize) -> Result<(), XmlFault> {
        self.tag(tag, start, empty, true)?;
        if empty { Ok(()) } else { self.content(depth) }
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// Everything up to the end tag of the element that was just opened.
    fn content(&mut self, depth: usize) -> Result<(), XmlFault> {
        while self.open > 0 {
            let start = self.position();
            let (space, event) = self.reader.read_resolved_event().map_err(|error| match fault_of(&error) {
                XmlFault::Truncated if self.way == Way::ToXml => XmlFault::Narrative,
                // A prefix that nobody declared: the reader cannot go on.
                XmlFault::Namespace if self.way == Way::FromXml => XmlFault::Malformed,
                fault => fault,
            })?;
            let ours = matches!(space, ResolveResult::Bound(space) if space.as_ref() == XHTML);
            match event {
                Event::Start(tag) if ours => {
                    self.open += 1;
                    if self.open > depth {
                        return Err(XmlFault::TooDeep);
                    }
                    self.tag(&tag, start, false, false)?;
                }
                Event::Empty(tag) if ours => self.tag(&tag, start, true, false)?,
                Event::Start(_) => {
                    self.open += 1;
                    return Err(XmlFault::Namespace);
                }
                Event::Empty(_) => return Err(XmlFault::Namespace),
                Event::End(tag) => {
                    self.open -= 1;
                    match tag.name().prefix() {
                        Some(_) => self.out.push_str(&format!("</{}>", tag.local_name().as_ref())),
                        None => self.verbatim(start),
                    }
                }
                Event::Text(_) => self.characters(start)?,
                Event::GeneralRef(reference) => {
                    text::reference(&reference).ok_or(XmlFault::Entity)?;
                    match (self.way, &*reference) {
                        (Way::FromXml, "#x0D") => self.out.push('\r'),
                        _ => self.verbatim(start),
                    }
                }
                Event::CData(_) | Event::Comment(_) => self.verbatim(start),
                Event::DocType(_) => return Err(XmlFault::DocType),
                Event::PI(_) | Event::Decl(_) => return Err(XmlFault::Narrative),
                Event::Eof => return Err(XmlFault::Truncated),
            }
        }
        Ok(())
    }

    /// What was just read, as it stands in the text.
    fn verbatim(&mut self, start: usize) {
        let end = self.position();
        self.out.push_str(self.text.get(start..end).unwrap_or_default());
    }

    fn characters(&mut self, start: usize) -> Result<(), XmlFault> {
        let raw = self.text.get(start..self.position()).unwrap_or_default();
        if raw.contains("]]>") {
            return Err(XmlFault::Malformed);
        }
        match (raw.contains('\r'), self.way) {
            (false, _) => self.out.push_str(raw),
            (true, Way::FromXml) => self.out.push_str(&raw.replace("\r\n", "\n").replace('\r', "\n")),
            (true, Way::ToXml) => self.out.push_str(&raw.replace('\r', CARRIAGE_RETURN)),
        }
        Ok(())
    }

    fn tag(&mut self, tag: &BytesStart<'_>, start: usize, empty: bool, root: bool) -> Result<(), XmlFault> {
        let local = tag.local_name();
        let local: &str = local.as_ref();
        if !is_name(local) {
            return Err(XmlFault::Malformed);
        }
        let mut declares_default = false;
        let mut kept = String::new();
        let mut names: Vec<String> = Vec::new();
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| XmlFault::Malformed)?;
            let name: &str = attribute.key.as_ref();
            if names.len() >= ATTRIBUTES {
                return Err(XmlFault::TooMany);
            }
            if names.iter().any(|known| known == name) || !name.split(':').all(is_name) {
                return Err(XmlFault::Malformed);
            }
            text::attribute(&attribute.value)?;
            names.push(name.to_owned());
            match attribute.key.as_namespace_binding() {
                Some(binding) => {
                    declares_default |= matches!(binding, PrefixDeclaration::Default);
                    continue;
                }
                None if attribute.key.prefix().is_some_and(|prefix| prefix.as_ref() != "xml") => {
                    return Err(XmlFault::Namespace);
                }
                None => {}
            }
            let quote = if attribute.value.contains('"') { '\'' } else { '"' };
            kept.push_str(&format!(" {name}={quote}{}{quote}", attribute.value));
        }
        let prefixed = tag.name().prefix().is_some();
        if !prefixed && (declares_default || !root) {
            self.verbatim(start);
            return Ok(());
        }
        // INVARIANT: every element inside is of this namespace, so one default declaration at the root says it for all.
        self.out.push_str(&format!("<{local}"));
        if root {
            self.out.push_str(&format!(" xmlns=\"{XHTML}\""));
        }
        self.out.push_str(&kept);
        self.out.push_str(if empty { "/>" } else { ">" });
        Ok(())
    }
}

/// A name without a colon, in the characters that XHTML uses.
fn is_name(name: &str) -> bool {
    let first = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}
