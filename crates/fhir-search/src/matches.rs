//! What is wanted against what is there: R4's rules of matching, type by type.
//!
//! Source: HL7 FHIR R4, "Search" (<https://hl7.org/fhir/R4/search.html>).

use rust_decimal::Decimal;
use tsumugi_fhir::{
    date::Span,
    values::{PackedId, PackedValue},
};
use tsumugi_fhir_definitions::{Definitions, Membership};
use tsumugi_kernel::Kind;

use crate::{
    SearchError,
    found::{Found, QuantityValue, ReferenceValue, TokenValue},
    number::Number,
    parse::value::tenth,
    query::{Dated, Measured, Numbered, Prefix, Referred, Target, TextMode, Token, Typed, UriMode, Wish},
    text::fold,
};

/// What matching needs to know besides the values.
pub(crate) struct Matching<'a> {
    pub definitions: &'a Definitions,
    /// The address of this server.
    pub base: &'a str,
    /// The value set whose systems the codes are of, where the element is a `code`.
    pub implied: Option<&'a str>,
    /// Whether a `Patient` is the person whose shelf it is.
    pub is_person: &'a dyn Fn(&str) -> bool,
}

impl Matching<'_> {
    /// Whether one value fulfils one of the alternatives. `:not` and `:missing` are the caller's.
    pub fn holds(&self, wish: &Wish, found: &Found<'_>) -> Result<bool, SearchError> {
        Ok(match wish {
            Wish::Missing(_) => true,
            Wish::Tokens { any, .. } => {
                self.any_token(found, &mut |value| Ok(any.iter().any(|w| self.token(w, value))))?
            }
            Wish::TokenText(any) => {
                let mut hit = false;
                found.token_words(&mut |text| hit |= starts(&fold(&text), any));
                hit
            }
            Wish::OfType(any) => any.iter().any(|typed| of_type(typed, found)),
            Wish::InSet { any, .. } => self.any_token(found, &mut |value| self.in_sets(any, value))?,
            Wish::Subsumed { below, any } => self.any_token(found, &mut |value| self.subsumed(*below, any, value))?,
            Wish::Dates(any) => found.span().is_some_and(|span| any.iter().any(|wish| wish.holds(span))),
            Wish::Numbers(any) => found.number().is_some_and(|number| any.iter().any(|wish| wish.holds(number))),
            Wish::Quantities(any) => found.quantity().is_some_and(|value| any.iter().any(|wish| wish.holds(&value))),
            Wish::Texts { mode, any } => {
                let mut hit = false;
                found.strings(&mut |text| hit |= texts(*mode, any, &text));
                hit
            }
            Wish::Uris { mode, any } => found.text().is_some_and(|own| any.iter().any(|wish| uri(*mode, wish, &own))),
            Wish::References(any) => match found.reference(self.base) {
                Some(ReferenceValue::Target(target)) => any.iter().any(|wish| self.refers(wish, &target)),
                _ => false,
            },
            Wish::LogicalReferences(any) => {
                let identifier = found.object().and_then(|node| node.get("identifier"));
                match identifier.map(|node| Found::Node { node, ty: "Identifier" }) {
                    Some(found) => self.any_token(&found, &mut |value| Ok(any.iter().any(|w| self.token(w, value))))?,
                    None => false,
                }
            }
            // A composite is told apart into its parts by who evaluates it.
            Wish::Composites(_) => false,
        })
    }

    /// Whether a packed value fulfils one of the alternatives: for those wishes that [`by_packed`] lets through. `ids` are
    /// the wished references' ids in their packed form, see [`packed_ids`].
    pub fn holds_packed(&self, wish: &Wish, ids: &[PackedId<'_>], only: Option<Kind>, value: &PackedValue<'_>) -> bool {
        match (wish, value) {
            (Wish::Tokens { any, .. }, PackedValue::Token { system, code }) => {
                let is_code = self.implied.is_some() && system.is_empty();
                let value = TokenValue { system: (*system).into(), code: (*code).into(), any_case: false, is_code };
                any.iter().any(|wish| self.token(wish, &value))
            }
            (Wish::Dates(any), PackedValue::Date { from, to }) => {
                any.iter().any(|wish| wish.holds(Span { from: *from, to: *to }))
            }
            (Wish::Uris { any, .. }, PackedValue::Uri(own)) => any.iter().any(|wish| uri(UriMode::Same, wish, own)),
            (Wish::References(any), PackedValue::Reference { kind: Some(kind), id }) => {
                let mut pairs = any.iter().zip(ids);
                only.is_none_or(|only| only == *kind)
                    && pairs.any(|(wish, wanted)| self.refers_packed(wish, *wanted, *kind, *id))
            }
            (Wish::References(any), PackedValue::Reference { kind: None, id }) => {
                let target = Target::read(&id.to_text(), self.base, None);
                let kind_fits = |kind: Option<Kind>| only.is_none_or(|only| kind == Some(only));
                matches!(&target, Target::Local { kind, .. } if kind_fits(*kind))
                    && any.iter().any(|wish| self.refers(wish, &target))
            }
            _ => false,
        }
    }

    fn refers_packed(&self, wish: &Referred, wanted: PackedId<'_>, kind: Kind, id: PackedId<'_>) -> bool {
        let Target::Local { kind: wanted_kind, .. } = &wish.target else { return false };
        if wanted_kind.is_some_and(|wanted| wanted != kind) {
            return false;
        }
        id == wanted || (wish.person && kind == Kind::PATIENT && (self.is_person)(&id.to_text()))
    }

    fn any_token(
        &self,
        found: &Found<'_>,
        fits: &mut dyn FnMut(&TokenValue<'_>) -> Result<bool, SearchError>,
    ) -> Result<bool, SearchError> {
        let mut answer = Ok(false);
        found.tokens(&mut |value| {
            if matches!(answer, Ok(false) | Err(_)) {
                match fits(&value) {
                    Ok(true) => answer = Ok(true),
                    Ok(false) => {}
                    // What cannot be told of one coding does not matter if another one fits.
                    Err(error) => answer = Err(error),
                }
            }
        });
        answer
    }

    fn token(&self, wish: &Token, value: &TokenValue<'_>) -> bool {
        let code = match &wish.code {
            None => true,
            Some(_) if value.code.is_empty() => false,
            Some(code) if value.any_case => fold_case(code) == fold_case(&value.code),
            Some(code) => *code == value.code,
        };
        code && match wish.system.as_deref() {
            None => true,
            Some("") => value.system.is_empty(),
            Some(system) if value.is_code => self
                .implied
                .is_some_and(|set| self.definitions.contains(set, Some(system), &value.code) == Membership::In),
            Some(system) => system == value.system,
        }
    }

    fn in_sets(&self, sets: &[String], value: &TokenValue<'_>) -> Result<bool, SearchError> {
        let system = (!value.is_code).then_some(&*value.system);
        let mut unknown = None;
        for set in sets {
            match self.definitions.contains(set, system, &value.code) {
                Membership::In => return Ok(true),
                Membership::Out => {}
                Membership::NotChecked(why) => unknown = Some(why),
            }
        }
        unknown.map_or(Ok(false), |why| Err(SearchError::NotChecked(why)))
    }

    fn subsumed(&self, below: bool, any: &[Token], value: &TokenValue<'_>) -> Result<bool, SearchError> {
        let mut unknown = None;
        for wish in any {
            let (Some(system), Some(code)) = (&wish.system, &wish.code) else { continue };
            let here = if value.is_code {
                self.implied
                    .is_some_and(|set| self.definitions.contains(set, Some(system), &value.code) == Membership::In)
            } else {
                *system == value.system
            };
            if !here {
                continue;
            }
            let (ancestor, code) = if below { (code.as_str(), &*value.code) } else { (&*value.code, code.as_str()) };
            match self.definitions.subsumes(system, ancestor, code) {
                Membership::In => return Ok(true),
                Membership::Out => {}
                Membership::NotChecked(why) => unknown = Some(why),
            }
        }
        unknown.map_or(Ok(false), |why| Err(SearchError::NotChecked(why)))
    }

    fn refers(&self, wish: &Referred, value: &Target) -> bool {
        match (&wish.target, value) {
            (
                Target::Local { kind, id, version },
                Target::Local { kind: own_kind, id: own_id, version: own_version },
            ) => {
                let version_fits = version.is_none() || version == own_version;
                let same = id == own_id && version_fits;
                let person =
                    || wish.person && version.is_none() && *own_kind == Some(Kind::PATIENT) && (self.is_person)(own_id);
                (kind.is_none() || kind == own_kind) && (same || person())
            }
            (Target::Url { url, version }, Target::Url { url: own, version: own_version }) => {
                url == own && (version.is_none() || version == own_version)
            }
            _ => false,
        }
    }
}

/// Whether packed values can answer this wish.
pub(crate) fn by_packed(wish: &Wish) -> bool {
    match wish {
        Wish::Tokens { any, .. } => any.iter().all(|token| token.code.is_some()),
        Wish::Dates(_) | Wish::Uris { mode: UriMode::Same, .. } => true,
        Wish::References(any) => any.iter().all(|wish| matches!(wish.target, Target::Local { version: None, .. })),
        _ => false,
    }
}

/// The ids of wished references as packed values hold them; one for each wish that [`by_packed`] lets through.
pub(crate) fn packed_ids(wish: &Wish) -> Vec<PackedId<'_>> {
    let Wish::References(any) = wish else { return Vec::new() };
    let id = any.iter().map(|wish| match &wish.target {
        Target::Local { id, .. } | Target::Url { url: id, .. } => id.as_str(),
    });
    id.map(PackedId::of).collect()
}

fn fold_case(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn starts(own: &str, any: &[String]) -> bool {
    any.iter().any(|wish| own.starts_with(wish.as_str()))
}

fn texts(mode: TextMode, any: &[String], own: &str) -> bool {
    match mode {
        TextMode::Exact => any.iter().any(|wish| wish == own),
        TextMode::Start => starts(&fold(own), any),
        TextMode::Contains => {
            let own = fold(own);
            any.iter().any(|wish| own.contains(wish.as_str()))
        }
    }
}

/// A canonical without a version means every version. Above and below go by whole steps of a URL.
fn uri(mode: UriMode, wish: &str, own: &str) -> bool {
    let under = |upper: &str, lower: &str| {
        let upper = upper.trim_end_matches('/');
        lower.strip_prefix(upper).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match mode {
        UriMode::Same => own.strip_prefix(wish).is_some_and(|rest| rest.is_empty() || rest.starts_with('|')),
        UriMode::Below => under(wish, own),
        UriMode::Above => under(own, wish),
    }
}

fn of_type(typed: &Typed, found: &Found<'_>) -> bool {
    let Some(node) = found.object() else { return false };
    let coding = |node: tsumugi_fhir::Node<'_>| {
        let system = tsumugi_fhir::values::systems::present(node.get_str("system").unwrap_or_default());
        (typed.system.is_empty() || system == *typed.system) && node.get_str("code").as_deref() == Some(&typed.code)
    };
    node.get_str("value").as_deref() == Some(&typed.value) && node.find("type.coding").any(coding)
}

impl Dated {
    /// R4's prefixes over spans.
    pub fn holds(&self, value: Span) -> bool {
        let wanted = self.span;
        let within = wanted.from <= value.from && value.to <= wanted.to;
        match self.prefix {
            Prefix::Equal => within,
            Prefix::NotEqual => !within,
            Prefix::Less => value.from < wanted.from,
            Prefix::LessOrEqual => value.from < wanted.from || within,
            Prefix::Greater => value.to > wanted.to,
            Prefix::GreaterOrEqual => value.to > wanted.to || within,
            Prefix::StartsAfter => value.from >= wanted.to,
            Prefix::EndsBefore => value.to <= wanted.from,
            Prefix::Approximately => value.from < wanted.to && wanted.from < value.to,
        }
    }
}

impl Numbered {
    fn holds(&self, value: Decimal) -> bool {
        let Number { value: wanted, half } = self.number;
        let half = if self.prefix == Prefix::Approximately { tenth(wanted) } else { half };
        compare(self.prefix, wanted, wanted.saturating_sub(half), wanted.saturating_add(half), Some(value), Some(value))
    }
}

/// R4's prefixes: `wanted` exactly, or `[from, to)` for what looks at precision; against `[low, high]`.
fn compare(
    prefix: Prefix,
    wanted: Decimal,
    from: Decimal,
    to: Decimal,
    low: Option<Decimal>,
    high: Option<Decimal>,
) -> bool {
    let within = || low.is_some_and(|low| low >= from) && high.is_some_and(|high| high < to);
    match prefix {
        Prefix::Equal => within(),
        Prefix::NotEqual => !within(),
        Prefix::Less => low.is_none_or(|low| low < wanted),
        Prefix::LessOrEqual => low.is_none_or(|low| low <= wanted),
        Prefix::Greater => high.is_none_or(|high| high > wanted),
        Prefix::GreaterOrEqual => high.is_none_or(|high| high >= wanted),
        Prefix::StartsAfter => low.is_some_and(|low| low > wanted),
        Prefix::EndsBefore => high.is_some_and(|high| high < wanted),
        Prefix::Approximately => low.is_none_or(|low| low <= to) && high.is_none_or(|high| high >= from),
    }
}

impl Measured {
    fn holds(&self, value: &QuantityValue<'_>) -> bool {
        let half = if self.prefix == Prefix::Approximately { tenth(self.number.value) } else { self.number.half };
        let wanted = self.number.value;
        let plain = || {
            let (from, to) = (wanted.saturating_sub(half), wanted.saturating_add(half));
            compare(self.prefix, wanted, from, to, value.low, value.high)
        };
        let system_fits = self.system.as_deref().is_none_or(|system| system == value.system);
        match &self.code {
            None => system_fits && plain(),
            Some(code) if system_fits && (*code == value.code || (self.system.is_none() && *code == value.unit)) => {
                plain()
            }
            Some(_) => system_fits && self.converted(value),
        }
    }

    /// Compares in the canonical unit, where both units have one and it is the same.
    fn converted(&self, value: &QuantityValue<'_>) -> bool {
        let (Some(own), Some((from, to, wanted)), Some(scale)) = (value.scale(), self.canonical, &self.scale) else {
            return false;
        };
        if own.canonical != scale.canonical {
            return false;
        }
        let convert = |bound: Option<Decimal>| bound.map(|bound| own.canonical(bound));
        match (convert(value.low), convert(value.high)) {
            (Some(None), _) | (_, Some(None)) => false,
            (low, high) => compare(self.prefix, wanted, from, to, low.flatten(), high.flatten()),
        }
    }
}
