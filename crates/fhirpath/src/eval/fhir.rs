//! FHIR's own functions: extensions, references, terminology, profiles.

use std::borrow::Cow;

use tsumugi_fhir::json::Node;
use tsumugi_fhir_definitions::{Membership, NotChecked, TypeKind};

use super::operators::has_value;
use super::{Answer, Machine, Scope, one, single, some, truth_of};
use crate::error::EvalError;
use crate::html;
use crate::item::{Class, Collection, Element, Item, UNTYPED};
use crate::syntax::ast::Call;
use crate::syntax::functions::Fhir;

/// A code with the system that it is of.
type Code<'i> = (Option<Cow<'i, str>>, Cow<'i, str>);

impl<'a> Machine<'_, 'a> {
    pub(super) fn fhir(
        &mut self,
        fhir: Fhir,
        call: &'a Call,
        input: Collection<'a>,
        scope: Scope<'_, 'a>,
    ) -> Answer<'a> {
        match fhir {
            Fhir::Extension => self.extension(call, &input, scope),
            Fhir::HasValue => Ok(one(Item::Boolean(match &*input {
                [Item::Node(element)] => has_value(element),
                [_] => true,
                _ => false,
            }))),
            Fhir::GetValue => Ok(match &*input {
                [Item::Node(element)] if has_value(element) => some(element.value()),
                [Item::Node(_)] => Collection::new(),
                [_] => input,
                _ => Collection::new(),
            }),
            Fhir::Resolve => {
                let mut out = Collection::new();
                for item in &input {
                    self.charge(1)?;
                    out.extend(self.resolve(item)?);
                }
                Ok(out)
            }
            Fhir::MemberOf => self.member_of(call, &input, scope),
            Fhir::Subsumes | Fhir::SubsumedBy => self.subsumes(fhir, call, &input, scope),
            Fhir::ConformsTo => self.conforms_to(call, &input, scope),
            Fhir::HtmlChecks => match single(&input, "htmlChecks()")? {
                None => Ok(Collection::new()),
                Some(item) => {
                    let text = item.as_text().ok_or(EvalError::Type("htmlChecks()"))?;
                    self.charge(text.len() / 16)?;
                    Ok(one(Item::Boolean(html::is_narrative(&text))))
                }
            },
            Fhir::CheckModifiers => self.check_modifiers(call, input, scope),
            Fhir::ElementDefinition => Err(EvalError::NotSupported("elementDefinition()")),
            Fhir::Slice => Err(EvalError::NotSupported("slice()")),
        }
    }

    /// `extension(url)`: those of each item with that URL.
    fn extension(&mut self, call: &'a Call, input: &[Item<'a>], scope: Scope<'_, 'a>) -> Answer<'a> {
        let url = self.argument(call, 0, scope)?;
        let Some(url) = single(&url, "extension()")? else { return Ok(Collection::new()) };
        let url = url.as_text().ok_or(EvalError::Type("extension()"))?;
        let Some(ty) = self.context.defs.type_named("Extension") else { return Ok(Collection::new()) };
        let mut out = Collection::new();
        for item in input {
            self.charge(1)?;
            let Item::Node(element) = item else { continue };
            let holder = if element.class.is_primitive() { element.sibling } else { element.node };
            for node in holder.and_then(|node| node.get("extension")).into_iter().flat_map(Node::items) {
                self.charge(1)?;
                if node.get_str("url").is_some_and(|found| found == url) {
                    out.push(Item::Node(Element { node: Some(node), sibling: None, ty, class: Class::Complex }));
                }
            }
        }
        Ok(out)
    }

    /// What a reference (or a URI) points to: contained, in the bundle around, or where the caller looks.
    fn resolve(&mut self, item: &Item<'a>) -> Result<Option<Item<'a>>, EvalError> {
        let reference = match item {
            Item::Node(element) if !element.class.is_primitive() => {
                element.node.and_then(|node| node.get("reference")).and_then(Node::as_str)
            }
            item => item.as_text().map(|text| Cow::Owned(text.into_owned())),
        };
        let Some(reference) = reference else {
            return Ok(self.typed_reference(item, ""));
        };
        let found = self.find_reference(&reference)?;
        let defs = self.context.defs;
        Ok(found
            .map(|node| Item::Node(Element::resource(defs, node, UNTYPED)))
            .or_else(|| self.typed_reference(item, &reference)))
    }

    fn find_reference(&mut self, reference: &str) -> Result<Option<Node<'a>>, EvalError> {
        let context = self.context;
        if let Some(id) = reference.strip_prefix('#') {
            for holder in [context.resource, context.root_resource] {
                if id.is_empty() {
                    return Ok(Some(context.root_resource));
                }
                for node in holder.get("contained").into_iter().flat_map(Node::items) {
                    self.charge(1)?;
                    if node.get_str("id").is_some_and(|found| found == id) {
                        return Ok(Some(node));
                    }
                }
            }
            return Ok(None);
        }
        if let Some(found) = self.in_bundle(reference)? {
            return Ok(Some(found));
        }
        Ok(context.resolver.and_then(|resolver| resolver.resolve(reference, context.resource)))
    }

    /// The entry of the bundle around whose `fullUrl` the reference names, wholly or by its last two parts.
    fn in_bundle(&mut self, reference: &str) -> Result<Option<Node<'a>>, EvalError> {
        let root = self.context.root_resource;
        if root.get_str("resourceType").is_none_or(|kind| kind != "Bundle") {
            return Ok(None);
        }
        let plain = reference.split("/_history/").next().unwrap_or(reference);
        let relative = !plain.contains(':');
        for entry in root.get("entry").into_iter().flat_map(Node::items) {
            self.charge(1)?;
            let Some(resource) = entry.get("resource") else { continue };
            let url = entry.get_str("fullUrl").unwrap_or_default();
            let same = url == plain
                || relative && url.strip_suffix(plain).is_some_and(|base| base.ends_with('/'))
                || relative && is_named(resource, plain);
            if same {
                return Ok(Some(resource));
            }
        }
        Ok(None)
    }

    /// Where the context asks for it: an item that knows only the type that the reference names.
    fn typed_reference(&self, item: &Item<'a>, reference: &str) -> Option<Item<'a>> {
        if !self.context.typed_references {
            return None;
        }
        let defs = self.context.defs;
        let stated = match item {
            Item::Node(element) => element.node.filter(|node| node.is_object()).and_then(|node| node.get_str("type")),
            _ => None,
        };
        let path = reference.split("/_history/").next().unwrap_or(reference);
        let by_path = path.rsplit('/').nth(1).and_then(|kind| defs.type_named(kind));
        let ty = by_path.or_else(|| stated.and_then(|kind| defs.type_named(&kind)))?;
        let resource = defs.ty(ty).kind == TypeKind::Resource;
        resource.then_some(Item::Node(Element { node: None, sibling: None, ty, class: Class::Complex }))
    }

    fn member_of(&mut self, call: &'a Call, input: &[Item<'a>], scope: Scope<'_, 'a>) -> Answer<'a> {
        let value_set = self.argument(call, 0, scope)?;
        let (Some(item), Some(value_set)) = (single(input, "memberOf()")?, single(&value_set, "memberOf()")?) else {
            return Ok(Collection::new());
        };
        let value_set = value_set.as_text().ok_or(EvalError::Type("memberOf()"))?;
        let mut unknown = None;
        for (system, code) in codes(item)? {
            self.charge(16)?;
            match self.context.defs.contains(&value_set, system.as_deref(), &code) {
                Membership::In => return Ok(one(Item::Boolean(true))),
                Membership::Out => {}
                Membership::NotChecked(why) => unknown = Some(why),
            }
        }
        match unknown {
            Some(why) => Err(not_checked(why)),
            None => Ok(one(Item::Boolean(false))),
        }
    }

    fn subsumes(&mut self, fhir: Fhir, call: &'a Call, input: &[Item<'a>], scope: Scope<'_, 'a>) -> Answer<'a> {
        let other = self.argument(call, 0, scope)?;
        let (Some(item), Some(other)) = (single(input, "subsumes()")?, single(&other, "subsumes()")?) else {
            return Ok(Collection::new());
        };
        let (above, below) = if fhir == Fhir::Subsumes { (item, other) } else { (other, item) };
        let mut unknown = None;
        for (a_system, a) in codes(above)? {
            for (b_system, b) in codes(below)? {
                self.charge(16)?;
                let Some(system) = a_system.as_deref().filter(|system| b_system.as_deref() == Some(*system)) else {
                    continue;
                };
                match self.context.defs.subsumes(system, &a, &b) {
                    Membership::In => return Ok(one(Item::Boolean(true))),
                    Membership::Out => {}
                    Membership::NotChecked(why) => unknown = Some(why),
                }
            }
        }
        match unknown {
            Some(why) => Err(not_checked(why)),
            None => Ok(one(Item::Boolean(false))),
        }
    }

    fn conforms_to(&mut self, call: &'a Call, input: &[Item<'a>], scope: Scope<'_, 'a>) -> Answer<'a> {
        let url = self.argument(call, 0, scope)?;
        let (Some(item), Some(url)) = (single(input, "conformsTo()")?, single(&url, "conformsTo()")?) else {
            return Ok(Collection::new());
        };
        let url = url.as_text().ok_or(EvalError::Type("conformsTo()"))?;
        let Item::Node(element) = item else { return Ok(truth_of(Some(false))) };
        match self.context.conform {
            Some(conform) => conform.conforms(element, &url).map(|yes| truth_of(Some(yes))),
            None => Err(EvalError::NotSupported("conformsTo()")),
        }
    }

    /// The input, if it has no modifier extensions but those named.
    fn check_modifiers(&mut self, call: &'a Call, input: Collection<'a>, scope: Scope<'_, 'a>) -> Answer<'a> {
        let mut known = Vec::with_capacity(call.arguments.len());
        for at in 0..call.arguments.len() {
            let url = self.argument(call, at, scope)?;
            known.extend(url.first().and_then(Item::as_text).map(Cow::into_owned));
        }
        for item in &input {
            let Item::Node(Element { node: Some(node), .. }) = item else { continue };
            for extension in node.get("modifierExtension").into_iter().flat_map(Node::items) {
                self.charge(1)?;
                if !extension.get_str("url").is_some_and(|url| known.iter().any(|known| *known == url)) {
                    return Err(EvalError::Modifier);
                }
            }
        }
        Ok(input)
    }
}

/// Whether a relative reference (`Patient/1`) names a resource by its kind and id.
fn is_named(resource: Node<'_>, reference: &str) -> bool {
    let Some((kind, id)) = reference.split_once('/') else { return false };
    resource.get_str("id").is_some_and(|found| found == id)
        && resource.get_str("resourceType").is_some_and(|found| found == kind)
}

/// The codes of a code, Coding, CodeableConcept or text.
fn codes<'i>(item: &'i Item<'_>) -> Result<Vec<Code<'i>>, EvalError> {
    if let Some(code) = item.as_text() {
        return Ok(vec![(None, code)]);
    }
    let Item::Node(Element { node: Some(node), .. }) = item else {
        return Err(EvalError::Type("memberOf()/subsumes()"));
    };
    let coding = |node: Node<'i>| Some((node.get_str("system"), node.get_str("code")?));
    match node.get("coding") {
        Some(codings) => Ok(codings.items().filter_map(coding).collect()),
        None => Ok(coding(*node).into_iter().collect()),
    }
}

fn not_checked(why: NotChecked) -> EvalError {
    EvalError::NotChecked(match why {
        NotChecked::ValueSet(what)
        | NotChecked::CodeSystem(what)
        | NotChecked::Filter(what)
        | NotChecked::Recursion(what)
        | NotChecked::TooMany(what) => what,
    })
}
