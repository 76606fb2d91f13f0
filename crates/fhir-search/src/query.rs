//! A search as understood: conditions, order, page, what comes along, how much of each resource is shown.

use std::sync::Arc;

use rust_decimal::Decimal;
use tsumugi_fhir::date::Span;
use tsumugi_fhir_definitions::SearchType;
use tsumugi_kernel::Kind;

use crate::{number::Number, param::Param, unit::Scale};

/// A search as asked. Made by [`crate::Search::parse`].
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub(crate) kinds: Vec<Kind>,
    pub(crate) people: Vec<Named>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) sort: Vec<Sort>,
    pub(crate) includes: Vec<Include>,
    pub(crate) count: Option<usize>,
    pub(crate) page: Option<String>,
    pub(crate) total: Total,
    pub(crate) subset: Subset,
    pub(crate) ignored: Vec<String>,
    pub(crate) base: String,
}

/// Whom a search names: the way to the shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By the id of a `Patient`.
    Id(String),
    /// By a personal identifier.
    Identifier {
        /// System.
        system: String,
        /// Value.
        value: String,
    },
}

/// How much is said about the number of matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Total {
    /// Nothing.
    None,
    /// The exact number: it is known anyway, so an estimate is exact, too.
    #[default]
    Accurate,
}

/// How much of each resource is shown.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Subset {
    /// All of it.
    #[default]
    Whole,
    /// `_summary=true`: what the definition marks.
    Summary,
    /// `_summary=text`: the narrative and what is mandatory.
    Text,
    /// `_summary=data`: all but the narrative.
    Data,
    /// `_summary=count`: nothing but the number of matches.
    Count,
    /// `_elements`: these, and what is mandatory. Names of elements of the resource, with their kind where one is named.
    Elements(Vec<(Option<Kind>, String)>),
}

/// One key of an order.
#[derive(Clone, Debug)]
pub struct Sort {
    pub(crate) by: SortBy,
    pub(crate) descending: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum SortBy {
    Id,
    LastUpdated,
    Param(Vec<(Kind, Arc<Param>)>),
}

/// What comes along with the matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Include {
    pub reverse: bool,
    pub iterate: bool,
    /// The kind that refers; any where `None`.
    pub source: Option<Kind>,
    /// The parameter; any reference where `None`.
    pub code: Option<String>,
    /// The kind that is referred to; any where `None`.
    pub target: Option<Kind>,
}

/// One condition.
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    /// Its number in the query, for remembering what it said of a resource.
    pub number: usize,
    pub test: Test,
}

#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// `_id`
    Ids(Vec<String>),
    /// `_lastUpdated`
    Updated(Vec<Dated>),
    /// `_text` (narrative only) and `_content`: folded words, all of which must stand somewhere.
    Words { narrative: bool, any: Vec<Vec<String>> },
    /// A parameter: of each kind that has it, its definition.
    Values { of: Vec<(Kind, Arc<Param>)>, wish: Wish },
    /// A reference, and what must hold of what it points to: by kind of the target.
    Chain { of: Vec<(Kind, Arc<Param>)>, then: Vec<(Kind, Clause)> },
    /// `_has`: a resource of this kind refers here by this parameter, and the condition holds of it.
    Has { kind: Kind, by: Arc<Param>, then: Box<Clause> },
}

/// What is wanted of a parameter's values. Each list holds alternatives.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    Missing(bool),
    Tokens {
        not: bool,
        any: Vec<Token>,
    },
    /// `:text`: folded.
    TokenText(Vec<String>),
    /// `:of-type`
    OfType(Vec<Typed>),
    /// `:in` and `:not-in`: canonical URLs of value sets.
    InSet {
        not: bool,
        any: Vec<String>,
    },
    /// `:below` and `:above` of codes.
    Subsumed {
        below: bool,
        any: Vec<Token>,
    },
    Dates(Vec<Dated>),
    Numbers(Vec<Numbered>),
    Quantities(Vec<Measured>),
    Texts {
        mode: TextMode,
        any: Vec<String>,
    },
    Uris {
        mode: UriMode,
        any: Vec<String>,
    },
    References(Vec<Referred>),
    /// `:identifier`
    LogicalReferences(Vec<Token>),
    /// One wish for each component.
    Composites(Vec<Vec<Wish>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextMode {
    /// Folded, from the beginning.
    Start,
    /// Folded, anywhere.
    Contains,
    /// As written, whole.
    Exact,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UriMode {
    Same,
    Below,
    Above,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// `None`: any system; empty: no system.
    pub system: Option<String>,
    /// `None`: any code.
    pub code: Option<String>,
}

/// An identifier with its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    pub system: String,
    pub code: String,
    pub value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    StartsAfter,
    EndsBefore,
    Approximately,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Dated {
    pub prefix: Prefix,
    /// What is asked; with `ap` already widened.
    pub span: Span,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbered {
    pub prefix: Prefix,
    pub number: Number,
}

#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub prefix: Prefix,
    pub number: Number,
    /// `None`: any system; empty: no system.
    pub system: Option<String>,
    /// The unit's code, or its words where no system is asked.
    pub code: Option<String>,
    /// How the unit asked for becomes the canonical one, where it is a UCUM code.
    pub scale: Option<Scale>,
    /// The lowest and the highest value that are meant, and the value, in the canonical unit.
    pub canonical: Option<(Decimal, Decimal, Decimal)>,
}

/// A reference as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Referred {
    pub target: Target,
    /// It names the person whose shelf is searched: every `Patient` of that person is meant.
    pub person: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A resource of this server.
    Local { kind: Option<Kind>, id: String, version: Option<String> },
    /// A URL elsewhere, or a canonical: with its version where one is asked.
    Url { url: String, version: Option<String> },
}

impl Query {
    /// The kinds asked for: the path's, or those of `_type`; all where empty.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Whom the search names. More than one may be the same person.
    #[must_use]
    pub fn people(&self) -> &[Named] {
        &self.people
    }

    /// `_count`, at most [`tsumugi_kernel::limits::PAGE_MOST`].
    #[must_use]
    pub const fn count(&self) -> Option<usize> {
        self.count
    }

    /// The cursor of the page, as the server gave it.
    #[must_use]
    pub fn page(&self) -> Option<&str> {
        self.page.as_deref()
    }

    /// How much is said about the number of matches.
    #[must_use]
    pub const fn total(&self) -> Total {
        self.total
    }

    /// How much of each resource is shown.
    #[must_use]
    pub const fn subset(&self) -> &Subset {
        &self.subset
    }

    /// Names of parameters that leniency left out.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// The address of the server that was asked.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Whether the answer depends on more than the resources of the kind asked for: on what they refer to, or on what
    /// refers to them.
    #[must_use]
    pub fn needs_all_kinds(&self) -> bool {
        let follows = |clause: &Clause| matches!(clause.test, Test::Chain { .. } | Test::Has { .. });
        self.kinds.len() != 1 || self.has_includes() || self.clauses.iter().any(follows)
    }

    /// Whether a match, or the order, can depend on what resources point to, other than the person, or on their texts.
    #[must_use]
    pub fn looks_at_references(&self) -> bool {
        let plain = |param: &Param| match param.ty {
            SearchType::Reference => matches!(&*param.code, "patient" | "subject"),
            _ => param.packed.is_some(),
        };
        let blind = |clause: &Clause| match &clause.test {
            Test::Ids(_) | Test::Updated(_) => true,
            Test::Values { of, .. } => of.iter().all(|(_, param)| plain(param)),
            Test::Words { .. } | Test::Chain { .. } | Test::Has { .. } => false,
        };
        let ordered = |sort: &Sort| match &sort.by {
            SortBy::Id | SortBy::LastUpdated => true,
            SortBy::Param(of) => of.iter().all(|(_, param)| plain(param)),
        };
        !(self.clauses.iter().all(blind) && self.sort.iter().all(ordered))
    }

    /// Whether anything is to come along with the matches.
    #[must_use]
    pub fn has_includes(&self) -> bool {
        !self.includes.is_empty()
    }

    /// Every resource of this server that the search names by id: the kind where it is said, and the id. Those that are
    /// a client's own ids become ours with [`Query::settle`].
    #[must_use]
    pub fn named_ids(&self) -> Vec<(Option<Kind>, String)> {
        let mut out = Vec::new();
        let mut clauses = self.clauses.clone();
        each_id(&mut clauses, &self.kinds, &mut |kind, id| out.push((kind, id.clone())));
        out
    }

    /// Puts our ids in the place of a client's own: `ours(kind, id)` gives the id to search for, if it is another.
    pub fn settle(&mut self, mut ours: impl FnMut(Option<Kind>, &str) -> Option<String>) {
        let kinds = std::mem::take(&mut self.kinds);
        each_id(&mut self.clauses, &kinds, &mut |kind, id| {
            if let Some(new) = ours(kind, id) {
                *id = new;
            }
        });
        self.kinds = kinds;
    }

    /// Says which references name the person whose shelf is searched.
    pub fn about(&mut self, mut is_person: impl FnMut(&str) -> bool) {
        each_reference(&mut self.clauses, &mut |referred| {
            if let Target::Local { kind: None | Some(Kind::PATIENT), id, .. } = &referred.target {
                referred.person = is_person(id);
            }
        });
    }
}

fn each_id(clauses: &mut [Clause], kinds: &[Kind], see: &mut dyn FnMut(Option<Kind>, &mut String)) {
    for clause in clauses {
        match &mut clause.test {
            Test::Ids(ids) => {
                ids.iter_mut().for_each(|id| see(if let [kind] = kinds { Some(*kind) } else { None }, id))
            }
            Test::Values { of, wish: Wish::References(any) } => {
                for referred in any {
                    if let Target::Local { kind, id, .. } = &mut referred.target {
                        // Where only one kind can be meant it need not be said.
                        let only = of.first().and_then(|(_, param)| param.only_target());
                        see(kind.or(only), id);
                    }
                }
            }
            Test::Chain { then, .. } => {
                for (kind, clause) in then {
                    each_id(std::slice::from_mut(clause), &[*kind], see);
                }
            }
            Test::Has { kind, then, .. } => each_id(std::slice::from_mut(then), &[*kind], see),
            _ => {}
        }
    }
}

fn each_reference(clauses: &mut [Clause], see: &mut dyn FnMut(&mut Referred)) {
    for clause in clauses {
        match &mut clause.test {
            Test::Values { wish: Wish::References(any), .. } => any.iter_mut().for_each(&mut *see),
            Test::Chain { then, .. } => then.iter_mut().for_each(|(_, c)| each_reference(std::slice::from_mut(c), see)),
            Test::Has { then, .. } => each_reference(std::slice::from_mut(then), see),
            _ => {}
        }
    }
}
