//! From XML to JSON: one pass over the events, with the definitions beside.
//!
//! What keeps a document from being JSON is gathered, and reading goes on behind it: an element that is not known is
//! passed over whole, one out of order is read where it stands. Only what leaves no sure ground ends it, and is told
//! alone: text that is not well-formed XML (what comes behind a broken tag looks out of place), and bounds.

use std::borrow::Cow;

use quick_xml::{
    NsReader,
    events::{BytesStart, Event},
    name::ResolveResult,
};
use tsumugi_fhir::json::{Limits, Place, write};
use tsumugi_fhir_definitions::{Definitions, TypeId};

use crate::{
    FHIR, XHTML, XmlError, XmlErrors, XmlFault,
    form::{self, Form, Found},
    members::{Frame, Kind},
    text, xhtml,
};

/// Most attributes of one element, namespace declarations included.
pub(crate) const ATTRIBUTES: usize = 64;
/// The namespace of hints for XML tools; its schema locations are ignored.
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The JSON of an XML document.
///
/// `limits` bound the bytes of the text and of what is written, and the levels of elements. The result is one JSON object
/// by R4's rules for JSON, without white space; it is not validated against cardinalities, codes or profiles.
///
/// # Errors
/// [`XmlErrors`] names everything that is wrong, with element and place: see [`XmlFault`]. What is no well-formed XML, or
/// too much, is named alone.
pub fn to_json(xml: &[u8], defs: &Definitions, limits: &Limits) -> Result<Vec<u8>, XmlErrors> {
    let text = decode(xml, limits)?;
    let at_start = |fault| XmlError { fault, place: Place::of(text.as_bytes(), 0), path: String::new() };
    let element = defs.type_named("Element").ok_or_else(|| at_start(XmlFault::Definitions))?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let out = Vec::with_capacity(text.len() / 2);
    let (frames, found) = (Vec::new(), XmlErrors::default());
    Reading { text, reader, defs, element, limits: *limits, frames, root: None, out, at: 0, passing: 0, found }.run()
}

/// The text of a document: UTF-8 without its byte order mark, every character allowed.
fn decode<'x>(xml: &'x [u8], limits: &Limits) -> Result<&'x str, XmlError> {
    let fail = |fault, offset| XmlError { fault, place: Place::of(xml, offset), path: String::new() };
    if xml.len() > limits.bytes {
        return Err(fail(XmlFault::TooLarge, 0));
    }
    if matches!(xml, [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, ..] | [_, 0, ..]) {
        return Err(fail(XmlFault::WideEncoding, 0));
    }
    let text = std::str::from_utf8(xml).map_err(|error| fail(XmlFault::NotUtf8, error.valid_up_to()))?;
    if let Some((offset, _)) = text.char_indices().find(|(_, character)| !text::is_allowed(*character)) {
        return Err(fail(XmlFault::Character, offset));
    }
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    // The reader would skip a second mark, and places would be off.
    if text.starts_with('\u{FEFF}') { Err(fail(XmlFault::Malformed, 0)) } else { Ok(text) }
}

/// The namespace of an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Space {
    Fhir,
    Xhtml,
    Other,
}

struct Reading<'i, 'd> {
    text: &'i str,
    reader: NsReader<&'i [u8]>,
    defs: &'d Definitions,
    /// The type `Element`: what stands beside a primitive's value.
    element: TypeId,
    limits: Limits,
    frames: Vec<Frame<'d>>,
    /// The name of the root's kind, once it was seen.
    root: Option<&'d str>,
    out: Vec<u8>,
    /// Where the event that is read starts.
    at: usize,
    /// How many elements are open that are passed over.
    passing: usize,
    found: XmlErrors,
}

/// What keeps from going on: the fault, and whether the newest element is meant, not the one around it.
type Broken = (XmlFault, bool);

impl<'d> Reading<'_, 'd> {
    fn run(mut self) -> Result<Vec<u8>, XmlErrors> {
        loop {
            self.at = self.position();
            let (space, event) = match self.reader.read_resolved_event() {
                Ok((ResolveResult::Bound(space), event)) => (Space::of(space.as_ref()), event),
                Ok((_, event)) => (Space::Other, event),
                Err(error) => return Err(self.error(xhtml::fault_of(&error), false).into()),
            };
            let start = self.at;
            let done = match event {
                Event::Start(_) if self.passing > 0 => self.pass(),
                Event::End(_) if self.passing > 0 => {
                    self.passing -= 1;
                    Ok(())
                }
                Event::Empty(_) | Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if self.passing > 0 => Ok(()),
                Event::Start(tag) => self.open(space, tag, false),
                Event::Empty(tag) => self.open(space, tag, true),
                Event::End(_) => self.close(),
                Event::Text(text) if text.bytes().all(|byte| byte.is_ascii_whitespace()) => Ok(()),
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => Err((XmlFault::Text, false)),
                Event::Comment(_) | Event::PI(_) => Ok(()),
                Event::Decl(declaration) => {
                    let utf8 = |name: Cow<'_, str>| name.eq_ignore_ascii_case("utf-8");
                    let version = declaration.version().is_ok_and(|version| version == "1.0");
                    let encoding = declaration.encoding().is_none_or(|name| name.is_ok_and(utf8));
                    if start == 0 && version && encoding { Ok(()) } else { Err((XmlFault::Declaration, false)) }
                }
                Event::DocType(_) => Err((XmlFault::DocType, false)),
                Event::Eof => return self.finish(),
            };
            match done {
                Err((fault, inside)) if fault.ends_reading() => return Err(self.error(fault, inside).into()),
                Err((fault, inside)) => self.note(fault, inside),
                Ok(()) => {}
            }
            if self.out.len() > self.limits.bytes {
                return Err(self.error(XmlFault::TooLarge, false).into());
            }
        }
    }

    fn finish(self) -> Result<Vec<u8>, XmlErrors> {
        match (self.root, self.frames.is_empty() && self.passing == 0) {
            (_, false) => Err(self.error(XmlFault::Truncated, false).into()),
            _ if !self.found.is_empty() => Err(self.found),
            (None, true) => Err(self.error(XmlFault::Empty, false).into()),
            (Some(_), true) => Ok(self.out),
        }
    }

    /// One more element inside what is passed over.
    fn pass(&mut self) -> Result<(), Broken> {
        self.passing += 1;
        if self.frames.len() + self.passing > self.limits.depth { Err((XmlFault::TooDeep, false)) } else { Ok(()) }
    }

    /// Keeps a fault behind which reading goes on.
    fn note(&mut self, fault: XmlFault, inside: bool) {
        let error = self.error(fault, inside);
        self.found.add(error);
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// The error; `inside` says that the newest element is meant, not the one around it.
    fn error(&self, fault: XmlFault, inside: bool) -> XmlError {
        let mut path = self.root.unwrap_or_default().to_owned();
        let steps = self.frames.len().saturating_sub(usize::from(!inside));
        for frame in &self.frames[..steps] {
            frame.step(&mut path);
        }
        XmlError { fault, place: Place::of(self.text.as_bytes(), self.at), path }
    }

    /// A start tag, or the tag of an element without content.
    fn open(&mut self, space: Space, tag: BytesStart<'_>, empty: bool) -> Result<(), Broken> {
        if self.frames.len() >= self.limits.depth {
            return Err((XmlFault::TooDeep, false));
        }
        match self.known(space, &tag) {
            Ok(Some(found)) => return self.member(found, tag, empty),
            Ok(None) => {}
            Err(fault) => {
                // What is not known is passed over with all that is in it.
                self.passing = usize::from(!empty);
                return Err((fault, false));
            }
        }
        if empty { self.close() } else { Ok(()) }
    }

    /// The field that an element is; `None` for a resource, which is then open.
    fn known(&mut self, space: Space, tag: &BytesStart<'_>) -> Result<Option<Found<'d>>, XmlFault> {
        let local = tag.local_name();
        let name: &str = local.as_ref();
        match self.frames.last_mut() {
            None if self.root.is_some() => return Err(XmlFault::Trailing),
            Some(Frame { kind: Kind::Holder(filled), .. }) => {
                if std::mem::replace(filled, true) {
                    return Err(XmlFault::OneResource);
                }
                self.resource(space, name, tag)?;
            }
            None => self.resource(space, name, tag)?,
            Some(frame) => {
                let found = form::find(self.defs, frame.ty, name).filter(|found| !found.field.attribute);
                return match found {
                    Some(found) if space == Space::expected(Form::of(self.defs, found.ty)) => Ok(Some(found)),
                    Some(_) => Err(XmlFault::Namespace),
                    None if space == Space::Other => Err(XmlFault::Namespace),
                    None => Err(XmlFault::UnknownElement),
                };
            }
        }
        Ok(None)
    }

    fn resource(&mut self, space: Space, name: &str, tag: &BytesStart<'_>) -> Result<(), XmlFault> {
        if space != Space::Fhir {
            return Err(XmlFault::Namespace);
        }
        let ty = form::resource(self.defs, name).ok_or(XmlFault::NotResource)?;
        let name = &*self.defs.ty(ty).name;
        self.root.get_or_insert(name);
        self.no_attributes(tag, false)?;
        self.out.push(b'{');
        let mut frame = Frame::new(Kind::Object, ty);
        frame.string(&mut self.out, "resourceType", name);
        self.frames.push(frame);
        Ok(())
    }

    fn member(&mut self, found: Found<'d>, tag: BytesStart<'_>, empty: bool) -> Result<(), Broken> {
        let form = Form::of(self.defs, found.ty);
        let primitive = !matches!(form, Form::Complex | Form::Resource);
        if let Some(fault) = self.frames.last().and_then(|parent| parent.misplaced(found)) {
            self.note(fault, false);
        }
        let Some(parent) = self.frames.last_mut() else { return Ok(()) };
        parent.begin(&mut self.out, found, primitive);
        let opened = match form {
            Form::Xhtml => return self.narrative(tag, empty).map_err(|fault| (fault, true)),
            Form::Complex => self.complex(found.ty, &tag),
            Form::Resource => self.holder(found.ty, &tag),
            _ => self.primitive(form, &tag),
        };
        opened.map_err(|fault| (fault, true))?;
        if empty { self.close() } else { Ok(()) }
    }

    fn complex(&mut self, ty: TypeId, tag: &BytesStart<'_>) -> Result<(), XmlFault> {
        let given = self.attributes(tag, true)?;
        let mut frame = Frame::new(Kind::Object, ty);
        self.out.push(b'{');
        let mut found = Vec::with_capacity(given.len());
        for (name, value) in &given {
            match form::find(self.defs, ty, name).filter(|found| found.field.attribute) {
                Some(_) if value.is_empty() => self.note(XmlFault::NoValue, true),
                Some(field) => found.push((field, value)),
                None => self.note(XmlFault::UnknownAttribute, true),
            }
        }
        found.sort_by_key(|(found, _)| found.index);
        for (field, value) in found {
            frame.string(&mut self.out, field.key, value);
        }
        self.frames.push(frame);
        Ok(())
    }

    fn holder(&mut self, ty: TypeId, tag: &BytesStart<'_>) -> Result<(), XmlFault> {
        self.no_attributes(tag, true)?;
        self.frames.push(Frame::new(Kind::Holder(false), ty));
        Ok(())
    }

    fn primitive(&mut self, form: Form, tag: &BytesStart<'_>) -> Result<(), XmlFault> {
        let (mut json, mut id) = (None, None);
        for (name, value) in self.attributes(tag, true)? {
            match name {
                "value" => {
                    // A value that is none has been told, so the element is not told to be empty as well.
                    let read = value_json(form, &value).map_err(|fault| self.note(fault, true));
                    json = Some(read.unwrap_or_default());
                }
                _ if value.is_empty() => {
                    self.note(XmlFault::NoValue, true);
                    json.get_or_insert_default();
                }
                "id" => id = Some(value),
                _ => self.note(XmlFault::UnknownAttribute, true),
            }
        }
        let mut frame = Frame::new(Kind::Primitive(json, self.out.len()), self.element);
        self.out.push(b'{');
        if let Some(id) = id {
            frame.string(&mut self.out, "id", &id);
        }
        self.frames.push(frame);
        Ok(())
    }

    fn narrative(&mut self, tag: BytesStart<'_>, empty: bool) -> Result<(), XmlFault> {
        let read = xhtml::from_xml(self.text, &mut self.reader, tag, self.at, empty, self.limits.depth);
        let div = read.map_err(|(fault, open)| {
            self.passing = open;
            fault
        })?;
        let mut json = Vec::with_capacity(div.len() + 2);
        write::string(&mut json, &div);
        if let Some(frame) = self.frames.last_mut() {
            frame.primitive(Some(&json), None);
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Broken> {
        // INVARIANT: the reader pairs tags, so there is a frame for every end.
        let Some(mut frame) = self.frames.pop() else { return Ok(()) };
        frame.finish_member(&mut self.out);
        match frame.kind {
            Kind::Object => self.out.push(b'}'),
            Kind::Holder(true) => {}
            Kind::Holder(false) => return Err((XmlFault::OneResource, true)),
            Kind::Primitive(value, from) => {
                self.out.push(b'}');
                let extra = self.out.split_off(from);
                let extra = (extra.len() > 2).then_some(extra);
                if value.is_none() && extra.is_none() {
                    return Err((XmlFault::NoValue, true));
                }
                if let Some(parent) = self.frames.last_mut() {
                    parent.primitive(value.as_deref(), extra.as_deref());
                }
            }
        }
        Ok(())
    }

    /// Notes attributes where FHIR has none.
    fn no_attributes(&mut self, tag: &BytesStart<'_>, inside: bool) -> Result<(), XmlFault> {
        if !self.attributes(tag, inside)?.is_empty() {
            self.note(XmlFault::UnknownAttribute, inside);
        }
        Ok(())
    }

    /// The attributes that are FHIR's, in the order written; namespace declarations and schema locations are left out.
    fn attributes<'t>(
        &mut self,
        tag: &'t BytesStart<'_>,
        inside: bool,
    ) -> Result<Vec<(&'t str, Cow<'t, str>)>, XmlFault> {
        let mut out: Vec<(&str, Cow<'_, str>)> = Vec::new();
        for (count, attribute) in tag.attributes().with_checks(false).enumerate() {
            let attribute = attribute.map_err(|_| XmlFault::Malformed)?;
            if count >= ATTRIBUTES {
                return Err(XmlFault::TooMany);
            }
            let (space, local) = self.reader.resolver().resolve_attribute(attribute.key);
            let local: &'t str = local.into_inner();
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            match space {
                ResolveResult::Unbound if out.iter().any(|(name, _)| *name == local) => {
                    return Err(XmlFault::Malformed);
                }
                ResolveResult::Unbound => {
                    let value = text::attribute(&attribute.value)?.into_owned();
                    out.push((local, Cow::Owned(value)));
                }
                ResolveResult::Bound(space)
                    if space.as_ref() == XSI && matches!(local, "schemaLocation" | "noNamespaceSchemaLocation") => {}
                ResolveResult::Bound(_) => self.note(XmlFault::UnknownAttribute, inside),
                ResolveResult::Unknown(_) => self.note(XmlFault::Namespace, inside),
            }
        }
        Ok(out)
    }
}

impl Space {
    fn of(uri: &str) -> Self {
        match uri {
            FHIR => Self::Fhir,
            XHTML => Self::Xhtml,
            _ => Self::Other,
        }
    }

    fn expected(form: Form) -> Self {
        if form == Form::Xhtml { Self::Xhtml } else { Self::Fhir }
    }
}

/// A primitive's value as JSON.
fn value_json(form: Form, value: &str) -> Result<Vec<u8>, XmlFault> {
    match form {
        _ if value.is_empty() => Err(XmlFault::NoValue),
        Form::Boolean if !matches!(value, "true" | "false") => Err(XmlFault::NotBoolean),
        Form::Number if !text::is_number(value) => Err(XmlFault::NotNumber),
        Form::Boolean | Form::Number => Ok(value.as_bytes().to_vec()),
        _ => {
            let mut json = Vec::with_capacity(value.len() + 2);
            write::string(&mut json, value);
            Ok(json)
        }
    }
}
