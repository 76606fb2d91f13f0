//! By what a resource of a submission is found again when the submission is sent again: its own first identifier, else
//! its id, else its fullUrl. The first that holds a mark keeps it; a second resource with the same mark is a new fact.

use tsumugi_fhir::json::Node;

/// The mark of a resource inside its submission.
#[must_use]
pub fn mark(resource: Node<'_>, full_url: Option<&str>) -> String {
    let identifier = resource.get("identifier").and_then(|identifier| {
        // `Composition.identifier` is one, every other kind's is a list.
        let first = if identifier.is_array() { identifier.items().next()? } else { identifier };
        Some(format!("i:{}|{}", first.get_str("system").unwrap_or_default(), first.get_str("value")?))
    });
    identifier
        .or_else(|| resource.get_str("id").map(|id| format!("l:{id}")))
        .unwrap_or_else(|| format!("u:{}", full_url.unwrap_or_default()))
}
