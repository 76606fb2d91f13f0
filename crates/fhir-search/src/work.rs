//! One search at work: what it may still cost, what it remembers, and how a parameter is computed from a body.

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::{HashMap, HashSet},
    rc::Rc,
};

use bytes::Bytes;
use tsumugi_fhir::{Document, Node, json::Limits, values::Packed};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhirpath::{Collection, Context, Element, Item, UNTYPED};
use tsumugi_kernel::{Instant, Kind};

use crate::{
    SearchError, Shelf, bounds,
    found::Found,
    param::{Param, Params, Place},
};

/// One search at work.
pub(crate) struct Work<'a> {
    pub params: &'a Params,
    pub shelf: &'a dyn Shelf,
    pub base: &'a str,
    pub now: Instant,
    left: Cell<u64>,
    /// What a condition said of a resource that several others refer to.
    pub memo: RefCell<HashMap<(usize, usize), bool>>,
    /// For each `_has`, the resources that are referred to.
    pub referred: RefCell<HashMap<usize, Rc<HashSet<usize>>>>,
}

impl<'a> Work<'a> {
    pub fn new(params: &'a Params, shelf: &'a dyn Shelf, base: &'a str, now: Instant) -> Self {
        Self {
            params,
            shelf,
            base,
            now,
            left: Cell::new(bounds::WORK),
            memo: RefCell::default(),
            referred: RefCell::default(),
        }
    }

    pub fn definitions(&self) -> &'a Definitions {
        self.params.definitions()
    }

    pub fn spend(&self, units: u64) -> Result<(), SearchError> {
        let left = self.left.get().checked_sub(units).ok_or(SearchError::Costly)?;
        self.left.set(left);
        Ok(())
    }

    /// The resource at `at`, its body unread.
    pub fn resource(&self, at: usize) -> Resource<'a> {
        Resource { at: Some(at), kind: self.shelf.kind(at), body: Body::Stored(OnceCell::new()) }
    }

    fn parse(&self, bytes: Bytes) -> Result<Document, SearchError> {
        self.spend(1 + bytes.len() as u64 / 1024)?;
        Document::parse(bytes, &Limits::default()).map_err(|_| SearchError::Unreadable)
    }

    /// The packed values of a resource on the shelf, as far as they are whole.
    pub fn packed(&self, resource: &Resource<'_>) -> Option<Packed<'a>> {
        let shelf: &'a dyn Shelf = self.shelf;
        shelf.values(resource.at?).filter(|packed| !packed.is_partial() && packed.has_own_dates())
    }

    /// The values of a parameter.
    pub fn values<'r>(&'r self, param: &'r Param, resource: &'r Resource<'_>) -> Result<Vec<Found<'r>>, SearchError> {
        let (root, node) = resource.nodes(self)?;
        let ty = self.definitions().type_named(resource.kind.name()).unwrap_or(UNTYPED);
        let focus = Item::Node(Element::new(self.definitions(), node, ty, None));
        let mut out = Vec::new();
        for item in self.items(&param.places, root, node, &focus)? {
            out.extend(self.found(&item));
        }
        Ok(out)
    }

    /// The items at places, from a focus inside `node`.
    pub fn items<'r>(
        &'r self,
        places: &'r [Place],
        root: Node<'r>,
        node: Node<'r>,
        focus: &Item<'r>,
    ) -> Result<Collection<'r>, SearchError> {
        let context = Context { root_resource: root, ..Context::new(self.definitions(), node, self.now) };
        let mut out = Collection::new();
        for place in places {
            self.spend(1)?;
            // An expression that does not fit this document (two values where one may be) has no value in it.
            let Ok(items) = place.expression.evaluate(&context, focus.clone()) else { continue };
            match place.only {
                None => out.extend(items),
                Some(kind) => out.extend(items.into_iter().filter(|item| {
                    self.found(item).and_then(|found| found.referred_kind(self.base, root)) == Some(kind)
                })),
            }
        }
        Ok(out)
    }

    pub fn found<'r>(&'r self, item: &Item<'r>) -> Option<Found<'r>> {
        match item {
            Item::Node(element) => {
                let ty = if element.ty == UNTYPED { "" } else { &*self.definitions().ty(element.ty).name };
                element.node.map(|node| Found::Node { node, ty })
            }
            Item::Boolean(yes) => Some(Found::Bool(*yes)),
            other => other.to_text().map(|text| Found::Text(text.into_owned().into())),
        }
    }
}

/// A resource under test: one of the shelf, or one that another contains.
pub(crate) struct Resource<'d> {
    /// Its place on the shelf.
    pub at: Option<usize>,
    pub kind: Kind,
    body: Body<'d>,
}

enum Body<'d> {
    Stored(OnceCell<Document>),
    Contained { root: Node<'d>, node: Node<'d> },
}

impl<'d> Resource<'d> {
    /// A resource that `root` contains; `None` if it does not say its kind.
    pub fn contained(root: Node<'d>, node: Node<'d>) -> Option<Self> {
        let kind = Kind::from_name(&node.get_str("resourceType")?)?;
        Some(Self { at: None, kind, body: Body::Contained { root, node } })
    }

    /// The outermost resource, and the resource itself.
    pub fn nodes<'r>(&'r self, work: &Work<'_>) -> Result<(Node<'r>, Node<'r>), SearchError> {
        match &self.body {
            Body::Contained { root, node } => Ok((*root, *node)),
            Body::Stored(cell) => {
                let document = match cell.get() {
                    Some(document) => document,
                    None => {
                        let at = self.at.ok_or(SearchError::Unreadable)?;
                        let parsed = work.parse(work.shelf.body(at)?)?;
                        cell.get_or_init(|| parsed)
                    }
                };
                Ok((document.root(), document.root()))
            }
        }
    }
}
