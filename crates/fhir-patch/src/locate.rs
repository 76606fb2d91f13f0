//! Where an element stands: the way from the resource down to it, with the type that holds each step.

use tsumugi_fhir::Node;
use tsumugi_fhir_definitions::{Definitions, Field, TypeId, TypeKind};
use tsumugi_fhirpath::Element;

/// One step from an object to a member's value, through its array if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The type of the object.
    pub owner: TypeId,
    /// The member's key; it starts with `_` on the way into what stands beside a primitive.
    pub key: String,
    /// The place in the array.
    pub index: Option<usize>,
}

impl Step {
    /// The field that the step goes through.
    pub fn field<'d>(&self, defs: &'d Definitions) -> Option<&'d Field> {
        defs.field(self.owner, self.plain()).map(|(field, _)| field)
    }

    /// The key of the value, without `_`.
    pub fn plain(&self) -> &str {
        self.key.strip_prefix('_').unwrap_or(&self.key)
    }
}

/// The type of a resource, as its `resourceType` says.
pub fn kind_of(defs: &Definitions, resource: Node<'_>) -> Option<TypeId> {
    let ty = defs.type_named(&resource.get_str("resourceType")?)?;
    (defs.ty(ty).kind == TypeKind::Resource).then_some(ty)
}

/// The way from `root` to an element; empty for the resource itself. The last step's key is that of the value, also where
/// a primitive has only what stands beside it. `None` for what is not inside `root`.
pub fn locate(defs: &Definitions, root: Node<'_>, element: &Element<'_>) -> Option<Vec<Step>> {
    let target = element.node.or(element.sibling)?;
    let holds = |node: Node<'_>| node.offset() <= target.offset() && target.offset() < node.offset() + node.raw().len();
    let beside = defs.type_named("Element")?;
    let (mut node, mut owner) = (root, kind_of(defs, root)?);
    let mut steps = Vec::new();
    while !node.is_same(target) {
        let (key, mut value) = node.members().find(|(_, value)| holds(*value))?;
        let mut index = None;
        if value.is_array() {
            let (at, item) = value.items().enumerate().find(|(_, item)| holds(*item))?;
            (index, value) = (Some(at), item);
        }
        let inner = match key.strip_prefix('_') {
            Some(_) => beside,
            None => defs.field(owner, &key)?.1,
        };
        steps.push(Step { owner, key: key.into_owned(), index });
        node = value;
        owner = if defs.ty(inner).kind == TypeKind::Resource { kind_of(defs, node).unwrap_or(inner) } else { inner };
    }
    if element.node.is_none()
        && let Some(last) = steps.last_mut()
    {
        last.key = last.plain().to_owned();
    }
    Some(steps)
}
