//! Stamping: a resource as the server answers it.

use tsumugi_kernel::Instant;

use crate::json::{
    Node,
    write::{compact_with, string},
};

/// What the server sets on a resource.
pub struct Stamp<'a> {
    /// The id that the server gave.
    pub id: &'a str,
    /// The version, from 1.
    pub version: u32,
    /// When the server received it.
    pub instant: Instant,
    /// The text to write in the place of a reference's, or `None` to leave it.
    pub references: &'a dyn Fn(&str) -> Option<String>,
    /// The element that says whom the resource is about, where it does so by an identifier alone, and the reference that
    /// is written into it: who reads can then follow it, and a search by the person finds it.
    pub subject: Option<(Node<'a>, &'a str)>,
}

/// The resource with `id`, `meta.versionId` and `meta.lastUpdated` set and its references rewritten.
///
/// Everything else stays token by token: order, number text, string escapes, unknown elements, the rest of `meta` with
/// its tags, contained resources with their ids. Only white space between tokens goes. `id` and `meta` take the place
/// of those that are there, else they follow `resourceType`.
#[must_use]
pub fn stamp(node: Node<'_>, stamp: &Stamp<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(node.raw().len() + 128);
    let rewrite = |key: &str, value: Node<'_>| {
        if key != "reference" {
            return None;
        }
        (stamp.references)(&value.as_str()?)
    };
    let (mut id_due, mut meta_due) = (node.get("id").is_none(), node.get("meta").is_none());
    out.push(b'{');
    for (key, value) in node.members() {
        match &*key {
            "id" => member(&mut out, "id", |out| string(out, stamp.id)),
            "meta" => member(&mut out, "meta", |out| meta(out, Some(value), stamp)),
            _ => member(&mut out, &key, |out| match stamp.subject {
                Some((at, reference)) if at.is_same(value) => refer(out, value, reference),
                _ => compact_with(out, value, rewrite),
            }),
        }
        let id_written = match &*key {
            "resourceType" if id_due => {
                member(&mut out, "id", |out| string(out, stamp.id));
                id_due = false;
                true
            }
            key => key == "id",
        };
        if id_written && meta_due {
            member(&mut out, "meta", |out| meta(out, None, stamp));
            meta_due = false;
        }
    }
    if id_due {
        member(&mut out, "id", |out| string(out, stamp.id));
    }
    if meta_due {
        member(&mut out, "meta", |out| meta(out, None, stamp));
    }
    out.push(b'}');
    out
}

fn member(out: &mut Vec<u8>, key: &str, value: impl FnOnce(&mut Vec<u8>)) {
    // INVARIANT: a value never ends with `{`, so that byte is the bracket just opened.
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    string(out, key);
    out.push(b':');
    value(out);
}

/// A Reference with its `reference` first.
fn refer(out: &mut Vec<u8>, value: Node<'_>, reference: &str) {
    out.push(b'{');
    member(out, "reference", |out| string(out, reference));
    for (key, value) in value.members() {
        member(out, &key, |out| compact_with(out, value, |_, _| None));
    }
    out.push(b'}');
}

fn meta(out: &mut Vec<u8>, old: Option<Node<'_>>, stamp: &Stamp<'_>) {
    let version = stamp.version.to_string();
    out.push(b'{');
    member(out, "versionId", |out| string(out, &version));
    member(out, "lastUpdated", |out| string(out, &stamp.instant.to_fhir()));
    for (key, value) in old.into_iter().flat_map(Node::members) {
        if !matches!(&*key, "versionId" | "lastUpdated") {
            member(out, &key, |out| compact_with(out, value, |_, _| None));
        }
    }
    out.push(b'}');
}
