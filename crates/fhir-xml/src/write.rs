//! From JSON to XML: the fields of each type in the order of the definition.

use tsumugi_fhir::json::{Limits, Node, Type};
use tsumugi_fhir_definitions::{Definitions, TypeId, TypeKind};

use crate::{
    FHIR, XmlError, XmlFault,
    form::{self, Form, Found},
    text, xhtml,
};

/// The XML of a resource, with declaration and without white space between elements.
///
/// `root` is a resource by R4's rules for JSON; its depth and size are bounded by its parser. The text is at most about
/// five times as long as the JSON (`&` becomes `&amp;`).
///
/// # Errors
/// [`XmlError`] for what XML cannot say: members that the definitions do not know, JSON types that are not theirs, nulls
/// with nothing beside them, control characters, a narrative that is not one well-formed `div`. The place is that of the
/// JSON.
pub fn from_json(root: Node<'_>, defs: &Definitions) -> Result<Vec<u8>, XmlError> {
    let fail = |fault, node: Node<'_>| XmlError { fault, place: node.place(), path: String::new() };
    let element = defs.type_named("Element").ok_or_else(|| fail(XmlFault::Definitions, root))?;
    let mut out = Vec::with_capacity(root.raw().len() * 5 / 4);
    out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let mut writing = Writing { defs, element, out };
    writing.resource(root, true).map_err(|Fault { fault, node, around }| {
        let kind = root.get_str("resourceType").filter(|name| form::resource(defs, name).is_some());
        let path = format!("{}{}", kind.unwrap_or_default(), root.path_to(around.unwrap_or(node)));
        XmlError { fault, place: node.place(), path }
    })?;
    Ok(writing.out)
}

/// What is wrong.
struct Fault<'a> {
    fault: XmlFault,
    /// The value that is meant.
    node: Node<'a>,
    /// The value to name instead: a member that the definitions do not know may be called anything.
    around: Option<Node<'a>>,
}

impl<'a> From<(XmlFault, Node<'a>)> for Fault<'a> {
    fn from((fault, node): (XmlFault, Node<'a>)) -> Self {
        Self { fault, node, around: None }
    }
}

struct Writing<'d> {
    defs: &'d Definitions,
    /// The type `Element`: what stands beside a primitive's value.
    element: TypeId,
    out: Vec<u8>,
}

/// A field of an object: its value, and what `_name` says beside it.
struct Given<'a, 'd> {
    found: Found<'d>,
    value: Option<Node<'a>>,
    extra: Option<Node<'a>>,
}

impl<'d> Writing<'d> {
    fn resource<'a>(&mut self, node: Node<'a>, root: bool) -> Result<(), Fault<'a>> {
        let kind = node.get("resourceType").ok_or((XmlFault::NotResource, node))?;
        let ty =
            kind.as_str().and_then(|name| form::resource(self.defs, &name)).ok_or((XmlFault::NotResource, kind))?;
        let name = &*self.defs.ty(ty).name;
        self.start(name);
        if root {
            self.out.extend_from_slice(format!(" xmlns=\"{FHIR}\"").as_bytes());
        }
        self.content(name, node, ty, None)
    }

    fn start(&mut self, name: &str) {
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
    }

    fn end(&mut self, name: &str) {
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'>');
    }

    /// Attributes and elements of an object whose start tag is open, and its end. `value` is that of the primitive that
    /// the object stands beside; it follows `id`, as in the official examples.
    fn content<'a>(
        &mut self,
        name: &str,
        node: Node<'a>,
        ty: TypeId,
        value: Option<(Node<'a>, Form)>,
    ) -> Result<(), Fault<'a>> {
        let fields = self.fields(node, ty)?;
        let (attributes, elements): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|given| given.found.field.attribute);
        for given in attributes {
            if let Some(extra) = given.extra {
                return Err((XmlFault::UnknownElement, extra).into());
            }
            let Some(value) = given.value else { continue };
            self.attribute(given.found.key, value, Form::Text)?;
        }
        if let Some((value, form)) = value {
            self.attribute("value", value, form)?;
        }
        if elements.is_empty() {
            self.out.extend_from_slice(b"/>");
            return Ok(());
        }
        self.out.push(b'>');
        for given in elements {
            self.field(&given)?;
        }
        self.end(name);
        Ok(())
    }

    /// The members of an object as fields, in the order of the definition.
    fn fields<'a>(&self, node: Node<'a>, ty: TypeId) -> Result<Vec<Given<'a, 'd>>, Fault<'a>> {
        let resource = self.defs.ty(ty).kind == TypeKind::Resource;
        if !node.is_object() {
            return Err((XmlFault::JsonType, node).into());
        }
        let mut fields: Vec<Given<'a, 'd>> = Vec::new();
        for (key, value) in node.members() {
            if resource && key == "resourceType" {
                continue;
            }
            let (name, beside) = key.strip_prefix('_').map_or((&*key, false), |name| (name, true));
            let found = form::find(self.defs, ty, name);
            let unknown = Fault { fault: XmlFault::UnknownElement, node: value, around: Some(node) };
            let found = found.ok_or(unknown)?;
            let same = fields.iter().position(|given| std::ptr::eq(given.found.key, found.key));
            let at = same.unwrap_or_else(|| {
                fields.push(Given { found, value: None, extra: None });
                fields.len() - 1
            });
            if let Some(given) = fields.get_mut(at) {
                *(if beside { &mut given.extra } else { &mut given.value }) = Some(value);
            }
        }
        fields.sort_by_key(|given| given.found.index);
        if let Some(pair) = fields.windows(2).find(|pair| pair[0].found.index == pair[1].found.index) {
            return Err((XmlFault::Repeated, pair[1].value.or(pair[1].extra).unwrap_or(node)).into());
        }
        Ok(fields)
    }

    fn field<'a>(&mut self, given: &Given<'a, 'd>) -> Result<(), Fault<'a>> {
        if !given.found.field.array {
            return self.occurrence(given.found, given.value, given.extra);
        }
        for list in [given.value, given.extra].into_iter().flatten() {
            if !list.is_array() {
                return Err((XmlFault::JsonType, list).into());
            }
            if list.is_empty() {
                return Err((XmlFault::JsonNull, list).into());
            }
        }
        let mut values = given.value.into_iter().flat_map(Node::items);
        let mut extras = given.extra.into_iter().flat_map(Node::items);
        let present = |node: Option<Node<'a>>| node.filter(|node| node.kind() != Type::Null);
        loop {
            let (value, extra) = (values.next(), extras.next());
            let Some(any) = value.or(extra) else { return Ok(()) };
            match (present(value), present(extra)) {
                (None, None) => return Err((XmlFault::JsonNull, any).into()),
                (value, extra) => self.occurrence(given.found, value, extra)?,
            }
        }
    }

    /// One element.
    fn occurrence<'a>(
        &mut self,
        found: Found<'d>,
        value: Option<Node<'a>>,
        extra: Option<Node<'a>>,
    ) -> Result<(), Fault<'a>> {
        if let Some(null) = value.into_iter().chain(extra).find(|node| node.kind() == Type::Null) {
            return Err((XmlFault::JsonNull, null).into());
        }
        let form = Form::of(self.defs, found.ty);
        match (form, value, extra) {
            (Form::Complex, Some(value), None) => {
                self.start(found.key);
                self.content(found.key, value, found.ty, None)
            }
            (Form::Resource, Some(value), None) => {
                self.start(found.key);
                self.out.push(b'>');
                self.resource(value, false)?;
                self.end(found.key);
                Ok(())
            }
            (Form::Xhtml, Some(value), None) => {
                let div = value.as_str().ok_or((XmlFault::JsonType, value))?;
                let xml = xhtml::to_xml(&div, Limits::default().depth).map_err(|fault| (fault, value))?;
                self.out.extend_from_slice(xml.as_bytes());
                Ok(())
            }
            (Form::Complex | Form::Resource | Form::Xhtml, _, Some(extra)) => {
                Err((XmlFault::UnknownElement, extra).into())
            }
            (_, value, extra) => self.primitive(found.key, form, value, extra),
        }
    }

    fn primitive<'a>(
        &mut self,
        name: &str,
        form: Form,
        value: Option<Node<'a>>,
        extra: Option<Node<'a>>,
    ) -> Result<(), Fault<'a>> {
        self.start(name);
        let Some(extra) = extra else {
            if let Some(value) = value {
                self.attribute("value", value, form)?;
            }
            self.out.extend_from_slice(b"/>");
            return Ok(());
        };
        if extra.is_empty() && value.is_none() {
            return Err((XmlFault::JsonNull, extra).into());
        }
        self.content(name, extra, self.element, value.map(|value| (value, form)))
    }

    fn attribute<'a>(&mut self, name: &str, value: Node<'a>, form: Form) -> Result<(), Fault<'a>> {
        self.out.push(b' ');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"=\"");
        match (form, value.kind()) {
            (Form::Boolean, Type::Bool) => self.out.extend_from_slice(value.raw().as_bytes()),
            (Form::Number, Type::Number) => self.out.extend_from_slice(value.raw().as_bytes()),
            (Form::Text, Type::String) => {
                let text = value.as_str().unwrap_or_default();
                if text.is_empty() {
                    return Err((XmlFault::NoValue, value).into());
                }
                text::escape(&mut self.out, &text).map_err(|fault| (fault, value))?;
            }
            _ => return Err((XmlFault::JsonType, value).into()),
        }
        self.out.push(b'"');
        Ok(())
    }
}
