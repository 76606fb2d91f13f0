//! What a profile adds to a type, in the form that the walk reads.
//!
//! A profile's snapshot repeats everything that R4 says about the type. An overlay holds only what is more than that, so
//! that the walk checks R4 once and each profile's own demands beside it.
//!
//! What must hold: a program is made once and never changes; places in it are in range.

use std::sync::OnceLock;

use tsumugi_fhir::json::Document;
use tsumugi_fhir_definitions::{ExtensionContext, SlicingRules, TypeId};

use crate::{binding::Bound, rule::Rules};

/// One profile, compiled.
#[derive(Debug)]
pub(crate) struct Program {
    /// Its number, by which the walk remembers what it found.
    pub(crate) number: u32,
    pub(crate) url: Box<str>,
    /// The type that it constrains.
    pub(crate) ty: Option<TypeId>,
    pub(crate) type_name: Box<str>,
    /// The profile or type that it derives from.
    pub(crate) base: Option<Box<str>>,
    /// Of an extension: whether it is a modifier, and where it may stand.
    pub(crate) modifier: bool,
    pub(crate) contexts: Box<[ExtensionContext]>,
    /// The first is the root.
    pub(crate) overlays: Box<[Overlay]>,
    /// What of the profile could not be understood: reported as not checked whenever the profile is used.
    pub(crate) odd: Box<[Box<str>]>,
}

/// What a profile adds at one element.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    /// The element's id.
    pub(crate) id: Box<str>,
    /// Fewest occurrences, where more than R4's.
    pub(crate) min: u32,
    /// Most occurrences, where fewer than R4's.
    pub(crate) max: Option<u32>,
    /// Types, where fewer than R4's or with profiles.
    pub(crate) uses: Option<Box<[Use]>>,
    pub(crate) fixed: Option<Document>,
    pub(crate) pattern: Option<Document>,
    pub(crate) least: Option<Document>,
    pub(crate) most: Option<Document>,
    pub(crate) length: Option<u32>,
    pub(crate) binding: Option<Bound>,
    pub(crate) rules: Rules,
    /// Fields with their overlays, by name.
    pub(crate) children: Box<[(Box<str>, u32)]>,
    pub(crate) slicing: Option<Box<Slicing>>,
}

/// One type that a profile allows.
#[derive(Debug)]
pub(crate) struct Use {
    /// FHIR's name.
    pub(crate) code: Box<str>,
    pub(crate) ty: Option<TypeId>,
    /// Profiles of which one must hold.
    pub(crate) profiles: Box<[Link]>,
    /// Profiles of which one must hold for what a reference points to; of R4's own kinds the names.
    pub(crate) targets: Box<[Link]>,
    pub(crate) aggregation: Aggregation,
}

/// Where what a reference points to may stand; nowhere named is anywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Aggregation {
    pub(crate) contained: bool,
    pub(crate) referenced: bool,
    pub(crate) bundled: bool,
}

/// A profile named in another: looked up when first needed, since profiles refer to each other in circles.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) canonical: Box<str>,
    /// For R4's own types the name instead.
    pub(crate) core: Option<Box<str>>,
    pub(crate) program: OnceLock<Option<u32>>,
}

/// How an element's occurrences are sliced.
#[derive(Debug)]
pub(crate) struct Slicing {
    /// Discriminators' ways to their values, each with whether it goes through a reference.
    pub(crate) ways: Box<[Way]>,
    pub(crate) ordered: bool,
    pub(crate) rules: SlicingRules,
    pub(crate) slices: Box<[Slice]>,
}

/// The way of a discriminator.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) steps: Box<[Step]>,
}

/// One step of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// To a field.
    Child(Box<str>),
    /// To the extensions with a URL.
    Extension(Box<str>),
    /// To what a reference points to.
    Resolve,
    /// Only values of a type.
    OfType(TypeId),
}

/// One slice.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) overlay: u32,
    pub(crate) min: u32,
    pub(crate) max: Option<u32>,
    /// One test for each of the slicing's ways.
    pub(crate) tests: Box<[Test]>,
}

/// What a discriminator's values must be for the slice.
#[derive(Debug)]
pub(crate) enum Test {
    /// Exactly this string; the most frequent test of all.
    Text(Box<str>),
    Fixed(Document),
    Pattern(Document),
    /// In a value set.
    Bound(Bound),
    Exists(bool),
    Types(Box<[TypeId]>),
    Profiles(Box<[TypeId]>, Box<[Link]>),
    /// All of these, each at a way of its own from the value.
    All(Box<[(Way, Test)]>),
    Any(Box<[Test]>),
    /// This discriminator says nothing about the slice; another one does.
    Whatever,
    /// The definition does not say; the slice cannot be told.
    Unknown,
}

/// An overlay of a program: what the walk carries along.
#[derive(Clone, Copy)]
pub(crate) struct On<'v> {
    pub(crate) program: &'v Program,
    pub(crate) at: u32,
}

impl<'v> On<'v> {
    pub(crate) fn root(program: &'v Program) -> Self {
        Self { program, at: 0 }
    }

    pub(crate) fn overlay(self) -> &'v Overlay {
        &self.program.overlays[self.at as usize]
    }

    pub(crate) fn child(self, name: &str) -> Option<Self> {
        let found = self.overlay().children.iter().find(|(own, _)| **own == *name)?;
        Some(Self { program: self.program, at: found.1 })
    }

    pub(crate) fn at(self, at: u32) -> Self {
        Self { program: self.program, at }
    }

    pub(crate) fn is(self, other: Self) -> bool {
        std::ptr::eq(self.program, other.program) && self.at == other.at
    }
}

impl Overlay {
    /// Whether it asks for nothing.
    pub(crate) fn is_idle(&self) -> bool {
        self.min == 0
            && self.max.is_none()
            && self.uses.is_none()
            && self.fixed.is_none()
            && self.pattern.is_none()
            && self.least.is_none()
            && self.most.is_none()
            && self.length.is_none()
            && self.binding.is_none()
            && self.rules.is_empty()
            && self.children.is_empty()
            && self.slicing.is_none()
    }
}
