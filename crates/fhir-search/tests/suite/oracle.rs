//! Ten thousand random queries: the engine, with packed values and without, answers as the naive evaluator does.

use std::collections::HashMap;

use serde_json::Value as Json;
use tsumugi_fhir_definitions::SearchType;
use tsumugi_kernel::Kind;

use crate::{
    data,
    naive::{Naive, Typed, reference, span, strings, tokens},
    room::{Room, SEARCH},
};

const QUERIES: usize = 10_000;

/// A modifier and a value.
type Wish = (&'static str, String);

/// Whether a text can stand in a query without escapes.
fn plain(text: &str) -> bool {
    !text.is_empty() && text.len() < 60 && !text.contains([',', '|', '$', '\\', '\n'])
}

/// Numbers from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

struct Maker<'a> {
    dice: Dice,
    naive: &'a Naive<'a>,
    kinds: Vec<Kind>,
    /// Parameters of each kind that are asked, those with values more often.
    codes: HashMap<Kind, Vec<(String, SearchType)>>,
}

impl Maker<'_> {
    fn values(&self, kind: Kind, code: &str) -> Vec<Typed> {
        let of_kind = (0..self.naive.room.items.len()).filter(|at| self.naive.room.items[*at].kind == kind);
        of_kind.flat_map(|at| self.naive.values(at, code)).collect()
    }

    /// One condition on a kind: name and value.
    fn condition(&mut self, kind: Kind, depth: usize) -> Option<(String, String)> {
        let (code, ty) = {
            let codes = self.codes.get(&kind)?.clone();
            self.dice.one(&codes).clone()
        };
        if ty == SearchType::Reference
            && depth < 2
            && self.dice.percent(45)
            && let Some(found) = self.chain(kind, &code, depth)
        {
            return Some(found);
        }
        if self.dice.percent(5) {
            return Some((format!("{code}:missing"), (*self.dice.one(&["true", "false"])).to_owned()));
        }
        let values = self.values(kind, &code);
        let mut wishes = Vec::new();
        let mut modifier = "";
        for _ in 0..=usize::from(self.dice.percent(30)) {
            let (chosen, text) = self.wish(kind, &code, ty, &values, modifier)?;
            modifier = chosen;
            wishes.push(text);
        }
        let name = if modifier.is_empty() { code } else { format!("{code}:{modifier}") };
        Some((name, wishes.join(",")))
    }

    fn chain(&mut self, kind: Kind, code: &str, depth: usize) -> Option<(String, String)> {
        let targets: Vec<Kind> = self
            .values(kind, code)
            .iter()
            .filter_map(|(value, _)| Kind::from_name(reference(value).split('/').next()?))
            .filter(|kind| self.kinds.contains(kind))
            .collect();
        if targets.is_empty() {
            return None;
        }
        let target = *self.dice.one(&targets);
        let (inner, value) = self.condition(target, depth + 1)?;
        Some((format!("{code}:{target}.{inner}"), value))
    }

    fn has(&mut self, kind: Kind) -> Option<(String, String)> {
        let other = *self.dice.one(&self.kinds.clone());
        let references: Vec<String> = self
            .codes
            .get(&other)?
            .iter()
            .filter(|(_, ty)| *ty == SearchType::Reference)
            .map(|(code, _)| code.clone())
            .collect();
        let by = references.into_iter().find(|code| {
            self.values(other, code).iter().any(|(value, _)| reference(value).starts_with(&format!("{kind}/")))
        })?;
        let (inner, value) = self.condition(other, 1)?;
        Some((format!("_has:{other}:{by}:{inner}"), value))
    }

    /// A modifier and what to ask for, made from a value that is there or, now and then, is not.
    fn wish(&mut self, kind: Kind, code: &str, ty: SearchType, values: &[Typed], before: &'static str) -> Option<Wish> {
        let own = if values.is_empty() { None } else { Some(self.dice.one(values).clone()) };
        match ty {
            SearchType::Token => self.token(own, before),
            SearchType::Date => self.date(own),
            SearchType::String => self.words(own, before),
            SearchType::Number | SearchType::Quantity => self.number(kind, code, ty, &own?.0),
            SearchType::Uri => self.uri(own),
            SearchType::Reference => self.reference(own),
            SearchType::Composite | SearchType::Special => None,
        }
    }

    fn modifier(&mut self, before: &'static str, of: &[&'static str]) -> &'static str {
        if before.is_empty() { self.dice.one::<&str>(of) } else { before }
    }

    fn token(&mut self, own: Option<Typed>, before: &'static str) -> Option<Wish> {
        let chosen = self.modifier(before, &["", "", "", "not"]);
        let Some((system, found)) = own.as_ref().and_then(|own| tokens(own).into_iter().next()) else {
            return Some((chosen, "nothing".into()));
        };
        let is_code = own.is_some_and(|(value, ty)| !value.is_object() && ty == "code");
        if !plain(&found) || system.contains(['|', ',']) {
            return None;
        }
        let text = match self.dice.below(4) {
            0 if !is_code && !system.is_empty() => format!("{system}|{found}"),
            1 if system.is_empty() => format!("|{found}"),
            2 if !is_code && !system.is_empty() => format!("{system}|"),
            3 => found.chars().rev().collect(),
            _ => found,
        };
        Some((chosen, text))
    }

    fn date(&mut self, own: Option<Typed>) -> Option<Wish> {
        let text = own.and_then(|(value, _)| {
            let (from, to) = span(&value)?;
            let at = if from == i64::MIN { to } else { from } + self.dice.below(5) as i64 * 43_200_000 - 86_400_000;
            let japan = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
            let moment = jiff::Timestamp::from_millisecond(at).ok()?.to_zoned(japan);
            let text = moment.strftime("%Y-%m-%dT%H:%M:%S+09:00").to_string();
            Some(text[..*self.dice.one(&[4, 7, 10, text.len()])].to_owned())
        });
        Some(("", format!("{}{}", self.prefix(), text.unwrap_or_else(|| "2026-11".into()))))
    }

    fn words(&mut self, own: Option<Typed>, before: &'static str) -> Option<Wish> {
        let chosen = self.modifier(before, &["", "", "contains", "exact"]);
        let text = own.and_then(|own| strings(&own).into_iter().next()).unwrap_or_else(|| "nothing".into());
        let cut = if chosen == "exact" { text } else { text.chars().take(1 + self.dice.below(6)).collect() };
        (plain(&cut) && !tsumugi_fhir_search::text::fold(&cut).is_empty()).then_some((chosen, cut))
    }

    fn number(&mut self, kind: Kind, code: &str, ty: SearchType, value: &Json) -> Option<Wish> {
        let inner = if value.is_object() { value.get("value").or(value["low"].get("value"))? } else { value };
        let number = inner.to_string();
        if number.contains(['e', 'E']) || number.len() > 12 || !inner.is_number() {
            return None;
        }
        let number = if self.dice.percent(40) { number.split('.').next()?.to_owned() } else { number };
        let unit = match (ty, value["system"].as_str(), value["code"].as_str()) {
            (SearchType::Quantity, Some(system), Some(code)) if self.dice.percent(30) => format!("|{system}|{code}"),
            (SearchType::Quantity, _, Some(code)) if self.dice.percent(30) => format!("||{code}"),
            _ => String::new(),
        };
        // Other units of the same measure are converted, which the naive evaluator does not do.
        let mixed = !unit.is_empty() && self.mixed(kind, code);
        (!mixed).then(|| ("", format!("{}{number}{unit}", self.prefix())))
    }

    fn uri(&mut self, own: Option<Typed>) -> Option<Wish> {
        let text = own.and_then(|(value, _)| value.as_str().map(str::to_owned)).unwrap_or_else(|| "urn:nothing".into());
        let text = if self.dice.percent(30) { text.split('|').next()?.to_owned() } else { text };
        (!text.contains([',', '\\', '$'])).then_some(("", text))
    }

    fn reference(&mut self, own: Option<Typed>) -> Option<Wish> {
        let Some((value, _)) = own else { return Some(("", "Patient/nothing".into())) };
        let text = reference(&value);
        if text.is_empty() || text.starts_with('#') || text.contains([',', '$', '\\']) {
            return None;
        }
        let text = match (self.dice.below(3), text.split_once('/')) {
            (0, Some((kind, id))) if Kind::from_name(kind).is_some() && !id.contains('/') => id.to_owned(),
            _ => text,
        };
        Some(("", text))
    }

    fn mixed(&self, kind: Kind, code: &str) -> bool {
        let mut units: Vec<String> =
            self.values(kind, code).iter().map(|(value, _)| value["code"].to_string()).collect();
        units.sort();
        units.dedup();
        units.len() > 1
    }

    fn prefix(&mut self) -> &'static str {
        self.dice.one::<&str>(&["", "", "eq", "ne", "lt", "le", "gt", "ge", "sa", "eb", "ap"])
    }

    fn query(&mut self) -> (Kind, Vec<(String, String)>) {
        let kind = *self.dice.one(&self.kinds.clone());
        let mut search = Vec::new();
        for _ in 0..self.dice.below(3) + 1 {
            let found = if self.dice.percent(8) { self.has(kind) } else { self.condition(kind, 0) };
            search.extend(found);
        }
        if self.dice.percent(50) {
            let sortable = |ty: &SearchType| matches!(ty, SearchType::Date | SearchType::String | SearchType::Token);
            let mut names: Vec<String> =
                self.codes[&kind].iter().filter(|(_, ty)| sortable(ty)).map(|(code, _)| code.clone()).collect();
            names.extend(["_id".to_owned(), "_lastUpdated".to_owned()]);
            let keys: Vec<String> = (0..self.dice.below(2) + 1)
                .map(|_| format!("{}{}", self.dice.one(&["", "-"]).to_owned(), self.dice.one(&names).to_owned()))
                .collect();
            search.push(("_sort".into(), keys.join(",")));
        }
        (kind, search)
    }
}

/// The parameters of a kind that are asked: each once, those that have values more often.
fn asked(naive: &Naive<'_>, kind: Kind) -> Vec<(String, SearchType)> {
    let plain = |ty| !matches!(ty, SearchType::Composite | SearchType::Special);
    let all = SEARCH.served(kind).filter(|param| plain(param.ty) && param.expression.is_some());
    let all: Vec<(String, SearchType)> = all
        .filter(|param| !["_id", "_lastUpdated"].contains(&&*param.code))
        .map(|param| (param.code.to_string(), param.ty))
        .collect();
    let items = &naive.room.items;
    let filled = all
        .iter()
        .filter(|(code, _)| (0..items.len()).any(|at| items[at].kind == kind && !naive.values(at, code).is_empty()));
    let often: Vec<_> = filled.flat_map(|one| std::iter::repeat_n(one.clone(), 4)).collect();
    [all, often].concat()
}

#[test]
fn random_queries_are_answered_as_the_naive_evaluator_does() {
    let Some(resources) = data::resources() else { return };
    let mut room = Room::new(&resources);
    let cold = Room { packed: false, ..Room::new(&resources) };
    room.packed = true;
    let naive = Naive::new(&room);
    let mut kinds: Vec<Kind> = room.items.iter().map(|item| item.kind).collect();
    kinds.dedup();
    let codes = kinds.iter().map(|kind| (*kind, asked(&naive, *kind))).collect();
    println!("{} resources of {} kinds", room.items.len(), kinds.len());
    let mut maker = Maker { dice: Dice(20_261_122), naive: &naive, kinds, codes };
    let (mut found, mut empty) = (0, 0);
    for number in 0..QUERIES {
        let (kind, search) = maker.query();
        let pairs: Vec<(&str, &str)> = search.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = naive.ask(kind, &search);
        for room in [&room, &cold] {
            let answer = room.ask(kind.name(), &pairs).expect("an answer");
            assert_eq!(answer, expected, "query {number}, packed {}: {kind} {search:?}", room.packed);
        }
        if expected.is_empty() { empty += 1 } else { found += 1 }
    }
    println!("{found} queries found something, {empty} nothing");
    assert!(found > QUERIES / 4, "{found}");
}
