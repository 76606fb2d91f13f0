//! The elements of a snapshot as a tree that grows where a differential walks.

use std::collections::HashMap;

use super::{SnapshotFault, Source};
use crate::{
    compile::Step,
    model::{Discriminator, DiscriminatorKind, Element, Slicing, SlicingRules, Structure, TypeRef},
};

/// Most elements of one snapshot. R4's largest has some 1,500.
const MOST_ELEMENTS: usize = 50_000;
/// Most steps of an id.
const MOST_STEPS: usize = 64;

/// A tree of elements; the first node is the root.
pub(super) struct Tree<'a> {
    nodes: Vec<Node>,
    base: &'a Structure,
    source: &'a dyn Source,
}

#[derive(Clone)]
struct Node {
    element: Element,
    /// Name of the last step: `value[x]`.
    name: Box<str>,
    slice: Option<Box<str>>,
    children: Vec<usize>,
    /// The types that the base gives it; a differential's `valueQuantity` is one of them.
    base_types: Vec<TypeRef>,
    /// Of a slice of a data type: the element that it was copied from, whose children are copied when it is walked into.
    like: Option<usize>,
    /// Whether this differential narrowed the choice by names such as `valueQuantity`.
    shortened: bool,
}

impl Node {
    fn new(element: Element) -> Self {
        let last = element.id.rsplit('.').next().and_then(|step| Step::all(step).next());
        let (name, slice) = last.map_or(("", None), |step| (step.name, step.slice));
        Self {
            name: name.into(),
            slice: slice.map(Into::into),
            children: Vec::new(),
            like: None,
            shortened: false,
            base_types: element.types.clone(),
            element,
        }
    }
}

impl<'a> Tree<'a> {
    pub(super) fn new(base: &'a Structure, source: &'a dyn Source) -> Self {
        let mut tree = Self { nodes: Vec::new(), base, source };
        let mut elements = base.elements.iter();
        if let Some(root) = elements.next() {
            tree.nodes.push(Node::new(root.clone()));
            tree.graft(0, elements.cloned());
        }
        tree
    }

    /// Puts elements under node `at`: each below the one whose id is its own without the last step.
    fn graft(&mut self, at: usize, elements: impl Iterator<Item = Element>) {
        let mut places: HashMap<Box<str>, usize> = HashMap::new();
        for element in elements {
            let above = element.id.rsplit_once('.').and_then(|(above, _)| places.get(above).copied()).unwrap_or(at);
            let place = self.nodes.len();
            places.insert(element.id.clone(), place);
            self.nodes.push(Node::new(element));
            if let Some(above) = self.nodes.get_mut(above) {
                above.children.push(place);
            }
        }
    }

    pub(super) fn element_mut(&mut self, at: usize) -> &mut Element {
        // INVARIANT: places come from `place`, which hands out places of nodes.
        &mut self.nodes[at].element
    }

    /// The elements in document order.
    pub(super) fn into_elements(self) -> Vec<Element> {
        let mut elements = Vec::with_capacity(self.nodes.len());
        let mut waiting = if self.nodes.is_empty() { Vec::new() } else { vec![0] };
        while let Some(at) = waiting.pop() {
            let node = &self.nodes[at];
            elements.push(node.element.clone());
            waiting.extend(node.children.iter().rev());
        }
        elements
    }

    /// The node for an element of the differential; made if the base allows it.
    pub(super) fn place(&mut self, id: &str) -> Result<usize, SnapshotFault> {
        let unplaced = || SnapshotFault::Element(id.into());
        if self.nodes.is_empty() {
            return Err(SnapshotFault::Base);
        }
        let mut at = 0;
        for (number, step) in Step::all(id).enumerate().skip(1) {
            if number > MOST_STEPS || self.nodes.len() > MOST_ELEMENTS {
                return Err(SnapshotFault::TooMany);
            }
            self.unfold(at)?;
            at = self.step(at, step).ok_or_else(unplaced)?;
        }
        Ok(at)
    }

    /// One step down.
    fn step(&mut self, at: usize, step: Step<'_>) -> Option<usize> {
        if let Some(found) = self.child(at, step.name, step.slice) {
            return Some(found);
        }
        match step.slice {
            Some(slice) => {
                // Part of a slice (`a/b`) is a slice of that slice, and copied from it.
                let outer = slice.rsplit_once('/').and_then(|(outer, _)| self.child(at, step.name, Some(outer)));
                let unsliced = outer
                    .or_else(|| self.child(at, step.name, None))
                    .or_else(|| self.choice(at, step.name).map(|it| it.0))?;
                Some(self.slice(at, unsliced, slice))
            }
            None => {
                let (choice, ty) = self.choice(at, step.name)?;
                self.shorten(at, choice, step.name, ty)
            }
        }
    }

    fn child(&self, at: usize, name: &str, slice: Option<&str>) -> Option<usize> {
        self.nodes[at].children.iter().copied().find(|&child| {
            let child = &self.nodes[child];
            *child.name == *name && child.slice.as_deref() == slice
        })
    }

    /// The choice that `valueQuantity` is one of, and its type.
    fn choice(&self, at: usize, name: &str) -> Option<(usize, TypeRef)> {
        self.nodes[at].children.iter().find_map(|&child| {
            let node = &self.nodes[child];
            let code = name.strip_prefix(node.name.strip_suffix("[x]")?)?;
            let fits = |ty: &&TypeRef| {
                let (mut its, mut said) = (ty.code.chars(), code.chars());
                its.next().map(|c| c.to_ascii_uppercase()) == said.next() && its.as_str() == said.as_str()
            };
            let ty = node.base_types.iter().find(fits)?;
            (node.slice.is_none()).then(|| (child, ty.clone()))
        })
    }

    /// `valueQuantity` in a differential: the choice has only the types that are named so, each a slice of its own.
    fn shorten(&mut self, at: usize, choice: usize, name: &str, ty: TypeRef) -> Option<usize> {
        let node = &mut self.nodes[choice];
        if node.element.slicing.is_none() {
            node.shortened = true;
            node.element.types.clear();
            node.element.slicing = Some(by_type(SlicingRules::Closed));
        }
        if node.shortened && !node.element.types.contains(&ty) {
            node.element.types.push(ty.clone());
        }
        let choice_name = self.nodes[choice].name.clone();
        let place = match self.child(at, &choice_name, Some(name)) {
            Some(place) => place,
            None => self.slice(at, choice, name),
        };
        self.nodes[place].element.types = vec![ty];
        Some(place)
    }

    /// Copies `unsliced` as the slice `name`, after the slices that are there.
    fn slice(&mut self, at: usize, unsliced: usize, name: &str) -> usize {
        let original = &self.nodes[unsliced];
        let outer = original.element.id.clone();
        let id = match outer.rsplit_once(':') {
            // A slice of a slice has the whole name.
            Some((before, slice)) if !slice.contains('.') => format!("{before}:{name}"),
            _ => format!("{outer}:{name}"),
        };
        let step_name = original.name.clone();
        let place = match self.is_backbone(unsliced) {
            true => self.copy(unsliced, &outer, &id),
            false => self.copy_alone(unsliced, &id),
        };
        let node = &mut self.nodes[place];
        node.slice = Some(name.into());
        node.element.slice = Some(name.into());
        node.element.slicing = None;
        if let Some((_, ty)) = name.strip_prefix(step_name.trim_end_matches("[x]")).and_then(|code| {
            let fits = |ty: &&TypeRef| ty.code.eq_ignore_ascii_case(code);
            node.element.types.iter().find(fits).map(|ty| (code, ty.clone()))
        }) && step_name.ends_with("[x]")
        {
            node.element.types = vec![ty];
        }
        let siblings = &self.nodes[at].children;
        let last =
            siblings.iter().rposition(|&child| self.nodes[child].name == step_name).map_or(siblings.len(), |it| it + 1);
        self.nodes[at].children.insert(last, place);
        self.default_slicing(unsliced);
        place
    }

    /// Slices need slicing; differentials leave it out for extensions and choices.
    fn default_slicing(&mut self, unsliced: usize) {
        let node = &mut self.nodes[unsliced];
        if node.element.slicing.is_some() {
            return;
        }
        if node.name.ends_with("[x]") {
            node.element.slicing = Some(by_type(SlicingRules::Open));
        } else if matches!(&*node.name, "extension" | "modifierExtension") {
            let url = Discriminator { kind: DiscriminatorKind::Value, path: "url".into() };
            node.element.slicing =
                Some(Slicing { discriminators: vec![url], ordered: false, rules: SlicingRules::Open });
        }
    }

    /// Whether the base itself, and not a data type, gives a node its children.
    fn is_backbone(&self, at: usize) -> bool {
        let types = &self.nodes[at].element.types;
        types.is_empty() || types.iter().any(|ty| matches!(&*ty.code, "BackboneElement" | "Element"))
    }

    /// Copies a node without what is below it.
    fn copy_alone(&mut self, from: usize, id: &str) -> usize {
        let mut node = self.nodes[from].clone();
        node.element.id = id.into();
        node.children.clear();
        node.shortened = false;
        node.like = Some(from);
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Copies a node with all below it, and with what the differential already said of it, under another id.
    fn copy(&mut self, from: usize, old: &str, new: &str) -> usize {
        let mut node = self.nodes[from].clone();
        let rest = node.element.id.strip_prefix(old).unwrap_or_default();
        node.element.id = format!("{new}{rest}").into_boxed_str();
        node.shortened = false;
        let children = std::mem::take(&mut node.children);
        let place = self.nodes.len();
        self.nodes.push(node);
        for child in children {
            let copied = self.copy(child, old, new);
            self.nodes[place].children.push(copied);
        }
        place
    }

    /// Puts in the elements of a node's type, profile or content reference, unless it has elements.
    fn unfold(&mut self, at: usize) -> Result<(), SnapshotFault> {
        let node = &self.nodes[at];
        if !node.children.is_empty() {
            return Ok(());
        }
        if let Some(like) = node.like.filter(|&like| !self.nodes[like].children.is_empty()) {
            let (old, new) = (self.nodes[like].element.id.clone(), node.element.id.clone());
            for child in self.nodes[like].children.clone() {
                let copied = self.copy(child, &old, &new);
                self.nodes[at].children.push(copied);
            }
            return Ok(());
        }
        let unplaced = || SnapshotFault::Element(node.element.id.clone());
        let (id, path) = (node.element.id.clone(), node.element.path.clone());
        let (elements, root): (&[Element], &Element) = match &node.element.content_reference {
            Some(reference) => {
                let elements = &self.base.elements;
                let start = elements.iter().position(|element| element.id == *reference).ok_or_else(unplaced)?;
                let below = format!("{reference}.");
                let rest = elements.get(start + 1..).unwrap_or_default();
                let count = rest.iter().take_while(|element| element.id.starts_with(&*below)).count();
                (rest.get(..count).unwrap_or_default(), elements.get(start).ok_or_else(unplaced)?)
            }
            None => {
                let structure = self.structure_of(&node.element.types).ok_or_else(unplaced)?;
                let (root, rest) = structure.elements.split_first().ok_or_else(unplaced)?;
                (rest, root)
            }
        };
        let renamed: Vec<Element> = elements
            .iter()
            .map(|element| {
                let id_rest = element.id.strip_prefix(&*root.id).unwrap_or_default();
                let path_rest = element.path.strip_prefix(&*root.path).unwrap_or_default();
                Element {
                    id: format!("{id}{id_rest}").into_boxed_str(),
                    path: format!("{path}{path_rest}").into_boxed_str(),
                    ..element.clone()
                }
            })
            .collect();
        if renamed.is_empty() {
            return Err(unplaced());
        }
        self.graft(at, renamed.into_iter());
        Ok(())
    }

    /// The structure whose elements one type has: its only profile if that is loaded, else the type's own. Of several
    /// types only what all have in common (`Element`) can be walked into.
    fn structure_of(&self, types: &[TypeRef]) -> Option<&'a Structure> {
        let own = |code: &str| self.source.structure(&format!("http://hl7.org/fhir/StructureDefinition/{code}"));
        match types {
            [] => None,
            [one] => match &*one.profiles {
                [profile] => self.source.structure(profile).or_else(|| own(&one.code)),
                _ => own(&one.code),
            },
            [first, rest @ ..] if rest.iter().all(|ty| ty.code == first.code) => own(&first.code),
            _ => own("Element"),
        }
    }
}

fn by_type(rules: SlicingRules) -> Slicing {
    let this = Discriminator { kind: DiscriminatorKind::Type, path: "$this".into() };
    Slicing { discriminators: vec![this], ordered: false, rules }
}
