//! Search parameters and compartments.

use tsumugi_fhir::json::Node;

use super::{Fault, canonical, text, texts};
use crate::model::{Compartment, SearchComponent, SearchParam, SearchType};

/// Reads a SearchParameter.
pub(super) fn search_param(node: Node<'_>) -> Result<SearchParam, Fault> {
    let (url, _) = canonical(node)?;
    let ty = match node.get_str("type").as_deref() {
        Some("number") => SearchType::Number,
        Some("date") => SearchType::Date,
        Some("string") => SearchType::String,
        Some("token") => SearchType::Token,
        Some("reference") => SearchType::Reference,
        Some("composite") => SearchType::Composite,
        Some("quantity") => SearchType::Quantity,
        Some("uri") => SearchType::Uri,
        Some("special") => SearchType::Special,
        Some(_) => return Err(Fault::bad("type")),
        None => return Err(Fault::missing("type")),
    };
    let parts = node.get("component").into_iter().flat_map(Node::items);
    let component = |part: Node<'_>| {
        Ok(SearchComponent {
            definition: text(part, "definition").ok_or(Fault::missing("component.definition"))?,
            expression: text(part, "expression").ok_or(Fault::missing("component.expression"))?,
        })
    };
    Ok(SearchParam {
        url,
        code: text(node, "code").ok_or(Fault::missing("code"))?,
        ty,
        bases: texts(node, "base"),
        expression: text(node, "expression"),
        targets: texts(node, "target"),
        components: parts.map(component).collect::<Result<_, Fault>>()?,
    })
}

/// Reads a CompartmentDefinition. Kinds that are not in the compartment are left out.
pub(super) fn compartment(node: Node<'_>) -> Result<Compartment, Fault> {
    let members = node.get("resource").into_iter().flat_map(Node::items);
    let members = members.filter_map(|member| {
        let params = texts(member, "param");
        (!params.is_empty()).then_some((text(member, "code")?, params))
    });
    Ok(Compartment { code: text(node, "code").ok_or(Fault::missing("code"))?, members: members.collect() })
}
