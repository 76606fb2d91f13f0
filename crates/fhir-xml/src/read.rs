//! From XML to JSON: one pass over the events, with the definitions beside.

use std::borrow::Cow;

use quick_xml::{
    NsReader,
    events::{BytesStart, Event},
    name::ResolveResult,
};
use tsumugi_fhir::json::{Limits, Place, write};
use tsumugi_fhir_definitions::{Definitions, TypeId};

use crate::{
    FHIR, XHTML, XmlError, XmlFault,
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
/// [`XmlError`] names what is wrong, the element and the place: see [`XmlFault`].
pub fn to_json(xml: &[u8], defs: &Definitions, limits: &Limits) -> Result<Vec<u8>, XmlError> {
    let text = decode(xml, limits)?;
    let at_start = |fault| XmlError { fault, place: Place::of(text.as_bytes(), 0), path: String::new() };
    let element = defs.type_named("Element").ok_or_else(|| at_start(XmlFault::Definitions))?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let out = Vec::with_capacity(text.len() / 2);
    Reading { text, reader, defs, element, limits: *limits, frames: Vec::new(), root: None, out }.run()
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
}

impl<'d> Reading<'_, 'd> {
    fn run(mut self) -> Result<Vec<u8>, XmlError> {
        loop {
            let start = self.position();
            let (space, event) = match self.reader.read_resolved_event() {
                Ok((ResolveResult::Bound(space), event)) => (Space::of(space.as_ref()), event),
                Ok((_, event)) => (Space::Other, event),
                Err(error) => return Err(self.fail(xhtml::fault_of(&error), start, false)),
            };
            let done = match event {
                Event::Start(tag) => self.open(space, tag, start, false),
                Event::Empty(tag) => self.open(space, tag, start, true),
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
                Event::Eof => return self.finish(start),
            };
            done.map_err(|(fault, inside)| self.fail(fault, start, inside))?;
            if self.out.len() > self.limits.bytes {
                return Err(self.fail(XmlFault::TooLarge, start, false));
            }
        }
    }

    fn finish(self, end: usize) -> Result<Vec<u8>, XmlError> {
        match (self.root, self.frames.is_empty()) {
            (None, _) => Err(self.fail(XmlFault::Empty, end, false)),
            (_, false) => Err(self.fail(XmlFault::Truncated, end, false)),
            _ => Ok(self.out),
        }
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// The error; `inside` says that the newest element is meant, not the one around it.
    fn fail(&self, fault: XmlFault, offset: usize, inside: bool) -> XmlError {
        let mut path = self.root.unwrap_or_default().to_owned();
        let steps = self.frames.len().saturating_sub(usize::from(!inside));
        for frame in &self.frames[..steps] {
            frame.step(&mut path);
        }
        XmlError { fault, place: Place::of(self.text.as_bytes(), offset), path }
    }

    /// A start tag, or the tag of an element without content.
    fn open(&mut self, space: Space, tag: BytesStart<'_>, start: usize, empty: bool) -> Result<(), (XmlFault, bool)> {
        let outside = |fault| (fault, false);
        if self.frames.len() >= self.limits.depth {
            return Err(outside(XmlFault::TooDeep));
        }
        let local = tag.local_name();
        let name: &str = local.as_ref();
        match self.frames.last_mut() {
            None if self.root.is_some() => return Err(outside(XmlFault::Trailing)),
            Some(Frame { kind: Kind::Holder(filled), .. }) => {
                if std::mem::replace(filled, true) {
                    return Err(outside(XmlFault::OneResource));
                }
                self.resource(space, name, &tag).map_err(outside)?;
            }
            None => self.resource(space, name, &tag).map_err(outside)?,
            Some(frame) => {
                let found = form::find(self.defs, frame.ty, name).filter(|found| !found.field.attribute);
                let found = match found {
                    Some(found) if space == Space::expected(Form::of(self.defs, found.ty)) => found,
                    Some(_) => return Err(outside(XmlFault::Namespace)),
                    None if space == Space::Other => return Err(outside(XmlFault::Namespace)),
                    None => return Err(outside(XmlFault::UnknownElement)),
                };
                return self.member(found, tag, start, empty);
            }
        }
        if empty { self.close() } else { Ok(()) }
    }

    fn resource(&mut self, space: Space, name: &str, tag: &BytesStart<'_>) -> Result<(), XmlFault> {
        if space != Space::Fhir {
            return Err(XmlFault::Namespace);
        }
        let ty = form::resource(self.defs, name).ok_or(XmlFault::NotResource)?;
        if !self.attributes(tag)?.is_empty() {
            return Err(XmlFault::UnknownAttribute);
        }
        let name = &*self.defs.ty(ty).name;
        self.root.get_or_insert(name);
        self.out.push(b'{');
        let mut frame = Frame::new(Kind::Object, ty);
        frame.string(&mut self.out, "resourceType", name);
        self.frames.push(frame);
        Ok(())
    }

    fn member(
        &mut self,
        found: Found<'d>,
        tag: BytesStart<'_>,
        start: usize,
        empty: bool,
    ) -> Result<(), (XmlFault, bool)> {
        let form = Form::of(self.defs, found.ty);
        let primitive = !matches!(form, Form::Complex | Form::Resource);
        let Some(parent) = self.frames.last_mut() else { return Ok(()) };
        parent.begin(&mut self.out, found, primitive).map_err(|fault| (fault, false))?;
        let opened = match form {
            Form::Xhtml => return self.narrative(tag, start, empty).map_err(|fault| (fault, true)),
            Form::Complex => self.complex(found.ty, &tag),
            Form::Resource => self.holder(found.ty, &tag),
            _ => self.primitive(form, &tag),
        };
        opened.map_err(|fault| (fault, true))?;
        if empty { self.close() } else { Ok(()) }
    }

    fn complex(&mut self, ty: TypeId, tag: &BytesStart<'_>) -> Result<(), XmlFault> {
        let given = self.attributes(tag)?;
        let mut frame = Frame::new(Kind::Object, ty);
        self.out.push(b'{');
        let mut found = Vec::with_capacity(given.len());
        for (name, value) in &given {
            let field = form::find(self.defs, ty, name).filter(|found| found.field.attribute);
            found.push((field.ok_or(XmlFault::UnknownAttribute)?, value));
        }
        found.sort_by_key(|(found, _)| found.index);
        for (field, value) in found {
            if value.is_empty() {
                return Err(XmlFault::NoValue);
            }
            frame.string(&mut self.out, field.key, value);
        }
        self.frames.push(frame);
        Ok(())
    }

    fn holder(&mut self, ty: TypeId, tag: &BytesStart<'_>) -> Result<(), XmlFault> {
        if !self.attributes(tag)?.is_empty() {
            return Err(XmlFault::UnknownAttribute);
        }
        self.frames.push(Frame::new(Kind::Holder(false), ty));
        Ok(())
    }

    fn primitive(&mut self, form: Form, tag: &BytesStart<'_>) -> Result<(), XmlFault> {
        let (mut json, mut id) = (None, None);
        for (name, value) in self.attributes(tag)? {
            match name {
                _ if value.is_empty() => return Err(XmlFault::NoValue),
                "value" => json = Some(value_json(form, &value)?),
                "id" => id = Some(value),
                _ => return Err(XmlFault::UnknownAttribute),
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

    fn narrative(&mut self, tag: BytesStart<'_>, start: usize, empty: bool) -> Result<(), XmlFault> {
        let depth = self.limits.depth;
        let div = xhtml::from_xml(self.text, &mut self.reader, tag, start, empty, depth)?;
        let mut json = Vec::with_capacity(div.len() + 2);
        write::string(&mut json, &div);
        if let Some(frame) = self.frames.last_mut() {
            frame.primitive(Some(&json), None);
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), (XmlFault, bool)> {
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

    /// The attributes that are FHIR's, in the order written; namespace declarations and schema locations are left out.
    fn attributes<'t>(&self, tag: &'t BytesStart<'_>) -> Result<Vec<(&'t str, Cow<'t, str>)>, XmlFault> {
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
                ResolveResult::Bound(_) => return Err(XmlFault::UnknownAttribute),
                ResolveResult::Unknown(_) => return Err(XmlFault::Namespace),
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
