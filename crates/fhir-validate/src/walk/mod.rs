//! One walk over a document, checking R4 and all profiles together.
//!
//! At every value the walk knows the shape of its type and the overlays of all profiles that say something about it.
//! Whether something fits a profile (a slice, a reference's target) is found by the same walk in *probing*: nothing is
//! reported then, and the first error ends it; its answers are remembered.

mod bundle;
mod code;
mod demand;
mod extension;
mod member;
mod object;
mod reference;
mod resolve;
mod resource;
mod slice;
mod value;

use std::{cell::OnceCell, collections::HashMap};

use smallvec::SmallVec;
use tsumugi_fhir::{Finding, Severity, json::Node};
use tsumugi_fhir_definitions::TypeId;

use crate::{
    Validator,
    ask::{Ask, Missing, Report},
    found::Found,
    overlay::On,
    shape::{Shape, Slot},
    words::Say,
};
use resolve::Index;

/// Overlays at one place; seldom more than a few.
pub(crate) type Ons<'v> = SmallVec<[On<'v>; 4]>;

/// Elements looked at in one validation, probing included: a document of the largest size needs a tenth.
const STEPS: u64 = 20_000_000;
/// Deepest nesting of probes: references that lead to references.
const PROBES: u32 = 12;

/// One validation.
pub(crate) struct Walk<'v, 'd> {
    v: &'v Validator,
    ask: &'d Ask<'d>,
    root: Node<'d>,
    /// The root's kind, where paths start.
    name: String,
    found: Found,
    /// How many probes deep, and whether the present one has failed.
    probing: u32,
    failed: bool,
    steps: u64,
    fits: HashMap<(usize, u32), bool>,
    index: OnceCell<Index<'d>>,
    advice: Option<Node<'d>>,
    /// Ids of the elements of the resource being walked.
    ids: Vec<(std::borrow::Cow<'d, str>, Node<'d>)>,
}

/// The resource that the walk is in.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'v, 'd> {
    pub(crate) resource: Node<'d>,
    /// Whose contained resources count: the container of a contained resource, else the resource itself.
    pub(crate) container: Node<'d>,
    pub(crate) shape: &'v Shape,
    /// The bundle's entry in which it stands.
    pub(crate) entry: Option<Node<'d>>,
}

/// The element that an object or primitive is, for extensions that may stand only on some.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'f, 'v, 'd> {
    pub(crate) ty: TypeId,
    /// The shape and the field through which it was reached.
    pub(crate) reached: Option<(&'v Shape, &'v Slot)>,
    pub(crate) up: Option<&'f Owner<'f, 'v, 'd>>,
    pub(crate) node: Option<Node<'d>>,
}

/// Where a fault is: a value, or something missing below it.
#[derive(Clone, Copy)]
pub(crate) struct At<'n, 'd> {
    pub(crate) node: Node<'d>,
    pub(crate) below: Option<&'n str>,
}

impl<'n, 'd> At<'n, 'd> {
    pub(crate) fn node(node: Node<'d>) -> Self {
        Self { node, below: None }
    }

    pub(crate) fn below(node: Node<'d>, name: &'n str) -> Self {
        Self { node, below: Some(name) }
    }
}

impl<'v, 'd> Walk<'v, 'd> {
    pub(crate) fn new(v: &'v Validator, root: Node<'d>, ask: &'d Ask<'d>) -> Self {
        Self {
            v,
            ask,
            root,
            name: String::new(),
            found: Found::default(),
            probing: 0,
            failed: false,
            steps: 0,
            fits: HashMap::new(),
            index: OnceCell::new(),
            advice: None,
            ids: Vec::new(),
        }
    }

    /// Checks the whole document.
    pub(crate) fn run(&mut self) {
        self.start(self.root);
        if let Some(node) = self.advice {
            self.say(Say::ADVICE, None, At::node(node), [""; 2]);
        }
        if self.steps > STEPS {
            self.say(Say::MUCH, None, At::node(self.root), [""; 2]);
        }
    }

    pub(crate) fn finish(self) -> Report {
        self.found.finish()
    }

    /// Takes one step; `false` when there have been too many, or when a probe has its answer.
    fn step(&mut self) -> bool {
        self.steps += 1;
        self.steps <= STEPS && !self.stopped()
    }

    /// Whether a probe has its answer.
    fn stopped(&self) -> bool {
        self.probing > 0 && self.failed
    }

    /// Says a fault of the rule that the words name.
    fn say(&mut self, say: Say, rule: Option<String>, at: At<'_, 'd>, names: [&str; 2]) {
        if !self.faulty(say.severity) {
            return;
        }
        let (root, name) = (self.root, &self.name);
        self.found.add(say.severity, || {
            let mut path = format!("{name}{}", root.path_to(at.node));
            if let Some(below) = at.below {
                path.push('.');
                path.push_str(below);
            }
            let (ja, en) = say.texts(names);
            let rule = rule.unwrap_or_else(|| say.rule.to_owned());
            Finding::new(say.severity, say.code, path, ja, en).rule(rule).at(at.node)
        });
    }

    /// Says a fault of an element of R4 itself.
    fn say_base(&mut self, say: Say, owner: &Shape, id: &str, at: At<'_, 'd>, names: [&str; 2]) {
        if self.faulty(say.severity) {
            let root = owner.name.split('.').next().unwrap_or(&owner.name);
            self.say(say, Some(format!("{root}|{id}")), at, names);
        }
    }

    /// Says a fault of an element of a profile.
    fn say_on(&mut self, say: Say, on: On<'v>, at: At<'_, 'd>, names: [&str; 2]) {
        if self.faulty(say.severity) {
            self.say(say, Some(format!("{}|{}", on.program.url, on.overlay().id)), at, names);
        }
    }

    /// Notes a fault; `false` while probing, when nothing is reported.
    fn faulty(&mut self, severity: Severity) -> bool {
        if self.probing == 0 {
            return true;
        }
        self.failed |= matches!(severity, Severity::Error | Severity::Fatal);
        false
    }

    fn unchecked(&mut self, what: Missing, name: &str) {
        if self.probing == 0 {
            self.found.unchecked(what, name);
        }
    }

    /// Runs a check in silence and answers whether it found no error.
    fn probe(&mut self, check: impl FnOnce(&mut Self)) -> bool {
        if self.probing >= PROBES {
            return true;
        }
        let failed = std::mem::replace(&mut self.failed, false);
        let ids = std::mem::take(&mut self.ids);
        self.probing += 1;
        check(self);
        self.probing -= 1;
        self.ids = ids;
        !std::mem::replace(&mut self.failed, failed)
    }

    /// Takes a finding of the JP-CLINS rules, unless a profile's own form of the rule said as much.
    pub(crate) fn take_rule(&mut self, finding: Finding) {
        self.found.once(finding);
    }

    pub(crate) fn note(&mut self, what: Missing, name: &str) {
        self.found.unchecked(what, name);
    }
}
