//! By what a resource of a submission is found again when the submission is sent again: its own first identifier, else
//! its id, else its fullUrl, else its place. The first that holds a mark keeps it; a second resource with the same mark
//! takes its next one.

use tsumugi_fhir::json::Node;

/// The marks of a resource inside its submission, the best first. There is always one more.
pub fn marks(resource: Node<'_>, full_url: Option<&str>) -> impl Iterator<Item = String> {
    let identifier = resource.get("identifier").and_then(|identifier| {
        // `Composition.identifier` is one, every other kind's is a list.
        let first = if identifier.is_array() { identifier.items().next()? } else { identifier };
        Some(format!("i:{}|{}", first.get_str("system").unwrap_or_default(), first.get_str("value")?))
    });
    let id = resource.get_str("id").map(|id| format!("l:{id}"));
    // Without any of its own, only its own fullUrl or its place tells it from its like.
    let url = full_url.map(|url| format!("u:{url}"));
    let best = identifier.or(id);
    best.into_iter().chain(url).chain((1usize..).map(|place| format!("n:{place}")))
}
