//! `_summary` and `_elements`: part of a resource, marked as such.
//!
//! R4: id, meta and what is mandatory always stay, and the part carries the tag SUBSETTED so that nobody mistakes it for
//! the whole and writes it back.

use bytes::Bytes;
use tsumugi_fhir::{
    Document, Node,
    json::{Limits, write},
};
use tsumugi_fhir_definitions::{Definitions, Field, TypeId, TypeKind};
use tsumugi_kernel::Kind;

use crate::query::Subset;

const TAG: &str = r#"{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}"#;

/// The part of a resource; `None` for the whole, and for what cannot be read.
pub(crate) fn subset(definitions: &Definitions, subset: &Subset, kind: Kind, body: &[u8]) -> Option<Vec<u8>> {
    if matches!(subset, Subset::Whole | Subset::Count) {
        return None;
    }
    let document = Document::parse(Bytes::copy_from_slice(body), &Limits::default()).ok()?;
    let part = Part { definitions, subset, kind };
    let mut out = Vec::with_capacity(body.len());
    part.resource(&mut out, document.root(), definitions.type_named(kind.name())?);
    Some(out)
}

struct Part<'a> {
    definitions: &'a Definitions,
    subset: &'a Subset,
    kind: Kind,
}

impl Part<'_> {
    fn resource(&self, out: &mut Vec<u8>, root: Node<'_>, ty: TypeId) {
        out.push(b'{');
        let mut tagged = false;
        for (key, value) in root.members() {
            let plain = key.strip_prefix('_').unwrap_or(&key);
            if key == "meta" && value.is_object() {
                name(out, "meta");
                meta(out, value);
                tagged = true;
            } else if matches!(plain, "resourceType" | "id") || self.keeps(ty, plain) {
                name(out, &key);
                self.value(out, value, ty, plain);
            }
            // The tag stands where FHIR writes it, after the id.
            if key == "id" && root.get("meta").is_none() {
                name(out, "meta");
                out.extend_from_slice(format!("{{\"tag\":[{TAG}]}}").as_bytes());
                tagged = true;
            }
        }
        if !tagged {
            name(out, "meta");
            out.extend_from_slice(format!("{{\"tag\":[{TAG}]}}").as_bytes());
        }
        out.push(b'}');
    }

    fn keeps(&self, ty: TypeId, key: &str) -> bool {
        let Some((field, _)) = self.definitions.field(ty, key) else { return false };
        match self.subset {
            Subset::Summary => field.summary,
            Subset::Data => key != "text",
            Subset::Text => key == "text" || field.min > 0,
            Subset::Elements(names) => field.min > 0 || names.iter().any(|wanted| self.names(wanted, field, key)),
            Subset::Whole | Subset::Count => true,
        }
    }

    fn names(&self, (kind, wanted): &(Option<Kind>, String), field: &Field, key: &str) -> bool {
        kind.is_none_or(|kind| kind == self.kind) && (*field.name == **wanted || key == wanted)
    }

    /// A value, of a summary without the parts of backbone elements that the definition does not mark.
    fn value(&self, out: &mut Vec<u8>, value: Node<'_>, ty: TypeId, key: &str) {
        let inner = self.definitions.field(ty, key).map(|(_, inner)| inner);
        let backbone = inner.filter(|inner| self.definitions.ty(*inner).kind == TypeKind::Backbone);
        match backbone.filter(|_| *self.subset == Subset::Summary) {
            None => write::compact(out, value),
            Some(inner) if value.is_array() => {
                out.push(b'[');
                for (index, item) in value.items().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    self.backbone(out, item, inner);
                }
                out.push(b']');
            }
            Some(inner) => self.backbone(out, value, inner),
        }
    }

    fn backbone(&self, out: &mut Vec<u8>, node: Node<'_>, ty: TypeId) {
        if !node.is_object() {
            return write::compact(out, node);
        }
        out.push(b'{');
        for (key, value) in node.members() {
            let plain = key.strip_prefix('_').unwrap_or(&key);
            // What is mandatory in a part that is shown makes it valid.
            if self.definitions.field(ty, plain).is_some_and(|(field, _)| field.summary || field.min > 0) {
                name(out, &key);
                self.value(out, value, ty, plain);
            }
        }
        out.push(b'}');
    }
}

fn meta(out: &mut Vec<u8>, meta: Node<'_>) {
    out.push(b'{');
    let mut tagged = false;
    for (key, value) in meta.members() {
        name(out, &key);
        if key == "tag" && value.is_array() {
            out.push(b'[');
            for tag in value.items() {
                write::compact(out, tag);
                out.push(b',');
            }
            out.extend_from_slice(format!("{TAG}]").as_bytes());
            tagged = true;
        } else {
            write::compact(out, value);
        }
    }
    if !tagged {
        name(out, "tag");
        out.extend_from_slice(format!("[{TAG}]").as_bytes());
    }
    out.push(b'}');
}

fn name(out: &mut Vec<u8>, key: &str) {
    if !matches!(out.last(), Some(b'{')) {
        out.push(b',');
    }
    write::string(out, key);
    out.push(b':');
}
