//! The naive evaluator: every condition walks the JSON by the definition's whole FHIRPath, with matching code of its own
//! and no packed values, no shared preparation, no shortcuts. Folding of words is shared; it has tests of its own.

use std::{cell::RefCell, collections::HashMap, str::FromStr};

use rust_decimal::Decimal;
use serde_json::Value as Json;
use tsumugi_fhir_definitions::{Definitions, SearchParam, SearchType};
use tsumugi_fhir_search::text::fold;
use tsumugi_fhirpath::{Context, Element, Expression, Item};
use tsumugi_kernel::Kind;

use crate::room::{BASE, NOW, Room, document};

/// A value and the name of its type.
pub type Typed = (Json, String);

pub struct Naive<'a> {
    pub room: &'a Room,
    values: RefCell<HashMap<(usize, String), Vec<Typed>>>,
}

impl<'a> Naive<'a> {
    pub fn new(room: &'a Room) -> Self {
        Self { room, values: RefCell::default() }
    }

    pub fn param(kind: Kind, code: &str) -> &'static SearchParam {
        Definitions::r4().search_param(kind.name(), code).expect("a parameter")
    }

    pub fn values(&self, at: usize, code: &str) -> Vec<Typed> {
        let key = (at, code.to_owned());
        if let Some(known) = self.values.borrow().get(&key) {
            return known.clone();
        }
        let item = &self.room.items[at];
        let expression = Self::param(item.kind, code).expression.as_deref().expect("an expression");
        let found = of_body(item.kind, &item.body, expression);
        self.values.borrow_mut().insert(key, found.clone());
        found
    }

    /// Ids in order.
    pub fn ask(&self, kind: Kind, search: &[(String, String)]) -> Vec<String> {
        let conditions: Vec<_> = search.iter().filter(|(name, _)| name != "_sort").collect();
        let mut found: Vec<usize> = (0..self.room.items.len())
            .filter(|at| self.room.items[*at].kind == kind)
            .filter(|at| conditions.iter().all(|(name, value)| self.holds(*at, name, value)))
            .collect();
        if let Some((_, sort)) = search.iter().find(|(name, _)| name == "_sort") {
            let keys: Vec<&str> = sort.split(',').collect();
            let mut keyed: Vec<(usize, Vec<Option<Key>>)> =
                found.iter().map(|at| (*at, keys.iter().map(|key| self.key(*at, key)).collect())).collect();
            keyed.sort_by(|(_, a), (_, b)| {
                for (index, key) in keys.iter().enumerate() {
                    let order = match (&a[index], &b[index]) {
                        (Some(a), Some(b)) if key.starts_with('-') => b.partial_cmp(a).unwrap(),
                        (Some(a), Some(b)) => a.partial_cmp(b).unwrap(),
                        (a, b) => a.is_none().cmp(&b.is_none()),
                    };
                    if order.is_ne() {
                        return order;
                    }
                }
                std::cmp::Ordering::Equal
            });
            found = keyed.into_iter().map(|(at, _)| at).collect();
        }
        found.into_iter().map(|at| self.room.items[at].id.clone()).collect()
    }

    pub fn holds(&self, at: usize, name: &str, value: &str) -> bool {
        let item = &self.room.items[at];
        if let Some(rest) = name.strip_prefix("_has:") {
            let parts: Vec<&str> = rest.splitn(3, ':').collect();
            let kind = Kind::from_name(parts[0]).unwrap();
            let me = format!("{}/{}", item.kind, item.id);
            return (0..self.room.items.len())
                .filter(|other| self.room.items[*other].kind == kind)
                .any(|other| self.references(other, parts[1]).contains(&me) && self.holds(other, parts[2], value));
        }
        if let Some((head, tail)) = name.split_once('.') {
            let (code, wanted) = head.split_once(':').map_or((head, None), |(code, kind)| (code, Some(kind)));
            return self.references(at, code).iter().any(|text| {
                if let Some(id) = text.strip_prefix('#') {
                    return self.contained(at, id).is_some_and(|room| {
                        let kind = room.items[0].kind;
                        let has = Definitions::r4().search_param(kind.name(), tail.split([':', '.']).next().unwrap());
                        let fits = wanted.is_none_or(|wanted| wanted == kind.name()) && has.is_some();
                        fits && Naive::new(&room).holds(0, tail, value)
                    });
                }
                let Some((kind, id)) = text.split_once('/') else { return false };
                let place = self.room.items.iter().position(|item| item.kind.name() == kind && item.id == id);
                let has = |kind: Kind| {
                    let inner = tail.split([':', '.']).next().unwrap();
                    Definitions::r4().search_param(kind.name(), inner).is_some()
                };
                wanted.is_none_or(|wanted| wanted == kind)
                    && place.is_some_and(|at| has(self.room.items[at].kind) && self.holds(at, tail, value))
            });
        }
        let (code, modifier) = name.split_once(':').map_or((name, ""), |(code, modifier)| (code, modifier));
        if code == "_id" {
            return value.split(',').any(|id| id == item.id);
        }
        let values = self.values(at, code);
        let ty = Self::param(item.kind, code).ty;
        match modifier {
            "missing" => values.is_empty() == (value == "true"),
            "not" => !value.split(',').any(|one| values.iter().any(|own| token(own, one))),
            _ => value.split(',').any(|one| values.iter().any(|own| self.fits(ty, modifier, own, one))),
        }
    }

    fn fits(&self, ty: SearchType, modifier: &str, own: &Typed, wish: &str) -> bool {
        match (ty, modifier) {
            (SearchType::Token, "text") => {
                let words = [&own.0["text"], &own.0["display"], &own.0["type"]["text"]];
                let coded = own.0["coding"].as_array().into_iter().flatten().map(|coding| &coding["display"]);
                let mut all = words.into_iter().chain(coded).filter_map(Json::as_str);
                all.any(|text| fold(text).starts_with(&fold(wish)))
            }
            (SearchType::Token, _) => token(own, wish),
            (SearchType::String, modifier) => strings(own).iter().any(|text| match modifier {
                "exact" => text == wish,
                "contains" => fold(text).contains(&fold(wish)),
                _ => fold(text).starts_with(&fold(wish)),
            }),
            (SearchType::Date, _) => span(&own.0).is_some_and(|own| date(own, wish)),
            (SearchType::Number, _) => decimal(&own.0).is_some_and(|own| number(Some(own), Some(own), wish)),
            (SearchType::Quantity, _) => quantity(&own.0, wish),
            (SearchType::Uri, _) => {
                let own = own.0.as_str().unwrap_or_default();
                own == wish || own.strip_prefix(wish).is_some_and(|rest| rest.starts_with('|'))
            }
            (SearchType::Reference, "identifier") => {
                let identifier = (own.0["identifier"].clone(), "Identifier".to_owned());
                own.0["identifier"].is_object() && token(&identifier, wish)
            }
            (SearchType::Reference, kind) => {
                let wish =
                    if kind.is_empty() || wish.contains('/') { wish.to_owned() } else { format!("{kind}/{wish}") };
                self.refers(&reference(&own.0), &wish)
            }
            _ => panic!("{ty:?} is not asked of the naive evaluator"),
        }
    }

    /// Of one person every Patient is meant.
    fn refers(&self, own: &str, wish: &str) -> bool {
        let unversioned = |text: &str| text.split("/_history/").next().unwrap().to_owned();
        let (own_plain, bare) = (unversioned(own), !wish.contains(['/', ':', '|']));
        let own_id = own_plain.split_once('/').filter(|(kind, _)| Kind::from_name(kind).is_some());
        if own == wish || own_plain == wish || (bare && own_id.is_some_and(|(_, id)| id == wish)) {
            return !wish.contains("/_history/") || own == wish;
        }
        // A canonical without its version.
        if own.strip_prefix(wish).is_some_and(|rest| rest.starts_with('|')) {
            return true;
        }
        let person = |id: &str| self.room.people.iter().any(|known| known == id);
        let wished = if bare { Some(wish) } else { wish.strip_prefix("Patient/") };
        wished.is_some_and(person) && own_id.is_some_and(|(kind, id)| kind == "Patient" && person(id))
    }

    /// What a resource contains under an id, alone in a room of its own.
    fn contained(&self, at: usize, id: &str) -> Option<Room> {
        let body: Json = serde_json::from_slice(&self.room.items[at].body).unwrap();
        let inner = body["contained"].as_array()?.iter().find(|inner| inner["id"] == id)?.clone();
        Some(Room { people: self.room.people.clone(), ..Room::new(&[inner]) })
    }

    fn references(&self, at: usize, code: &str) -> Vec<String> {
        let values = self.values(at, code);
        values.iter().map(|(value, _)| reference(value).split("/_history/").next().unwrap().to_owned()).collect()
    }

    fn key(&self, at: usize, key: &str) -> Option<Key> {
        let (code, down) = key.strip_prefix('-').map_or((key, false), |code| (code, true));
        let item = &self.room.items[at];
        let mut keys: Vec<Key> = match code {
            "_id" => vec![Key::Text(item.id.clone(), String::new())],
            "_lastUpdated" => vec![Key::Moment(item.instant.0)],
            _ => {
                let ty = Self::param(item.kind, code).ty;
                self.values(at, code).iter().flat_map(|own| keys(ty, own)).collect()
            }
        };
        keys.sort_by(|a, b| a.partial_cmp(b).unwrap());
        if down { keys.pop() } else { keys.into_iter().next() }
    }
}

#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Key {
    Moment(i64),
    Text(String, String),
}

fn keys(ty: SearchType, own: &Typed) -> Vec<Key> {
    match ty {
        SearchType::Date => span(&own.0).map(|(from, _)| Key::Moment(from)).into_iter().collect(),
        SearchType::String => strings(own).into_iter().map(|text| Key::Text(fold(&text), text)).collect(),
        SearchType::Token => tokens(own).into_iter().map(|(system, code)| Key::Text(code, system)).collect(),
        SearchType::Uri => own.0.as_str().map(|text| Key::Text(text.into(), String::new())).into_iter().collect(),
        _ => panic!("{ty:?} is not sorted by"),
    }
}

/// The values of an expression on a body, whole and unprepared.
pub fn of_body(kind: Kind, body: &[u8], expression: &str) -> Vec<Typed> {
    thread_local! {
        static PARSED: RefCell<HashMap<String, Expression>> = RefCell::default();
    }
    let expression = PARSED.with_borrow_mut(|known| {
        known
            .entry(expression.to_owned())
            .or_insert_with(|| Expression::parse(expression).expect("an expression"))
            .clone()
    });
    let (definitions, parsed) = (Definitions::r4(), document(body));
    let context = Context { typed_references: true, ..Context::new(definitions, parsed.root(), NOW) };
    let ty = definitions.type_named(kind.name()).expect("a type");
    let focus = Item::Node(Element::new(definitions, parsed.root(), ty, None));
    let Ok(found) = expression.evaluate(&context, focus) else { return Vec::new() };
    found
        .iter()
        .filter_map(|item| match item {
            Item::Node(element) => {
                let raw = element.node?.raw();
                Some((serde_json::from_str(raw).unwrap(), item.type_name(definitions).to_owned()))
            }
            Item::Boolean(yes) => Some((Json::Bool(*yes), "boolean".into())),
            other => Some((Json::String(other.to_text()?.into_owned()), "string".into())),
        })
        .collect()
}

fn text(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

pub fn tokens((value, ty): &Typed) -> Vec<(String, String)> {
    let pair = |json: &Json, system: &str, code: &str| {
        let filled = |key: &str| if json[key].is_null() { String::new() } else { text(&json[key]) };
        let named = tsumugi_fhir::values::systems::present(filled(system).into()).into_owned();
        (!json[system].is_null() || !json[code].is_null()).then(|| (named, filled(code)))
    };
    match ty.as_str() {
        "CodeableConcept" => value["coding"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|coding| pair(coding, "system", "code"))
            .collect(),
        "Coding" => pair(value, "system", "code").into_iter().collect(),
        "Identifier" => pair(value, "system", "value").into_iter().collect(),
        "ContactPoint" => pair(value, "use", "value").into_iter().collect(),
        _ if value.is_object() => Vec::new(),
        _ => vec![(String::new(), text(value))],
    }
}

pub fn token(own: &Typed, wish: &str) -> bool {
    let any_case = ["string", "markdown"].contains(&own.1.as_str());
    let same = |own: &str, wish: &str| {
        !own.is_empty() && (own == wish || (any_case && own.to_lowercase() == wish.to_lowercase()))
    };
    let present = |system: &str| tsumugi_fhir::values::systems::present(system.to_owned().into()).into_owned();
    tokens(own).iter().any(|(system, code)| match wish.split_once('|') {
        None => same(code, wish),
        Some((wanted, "")) => *system == present(wanted),
        Some((wanted, wish)) => *system == present(wanted) && same(code, wish),
    })
}

pub fn strings((value, ty): &Typed) -> Vec<String> {
    let parts: &[&str] = match ty.as_str() {
        "HumanName" => &["text", "family", "given", "prefix", "suffix"],
        "Address" => &["text", "line", "city", "district", "state", "postalCode", "country"],
        _ if value.is_object() => &["text", "display", "name", "value"],
        _ => return vec![text(value)],
    };
    let mut out = Vec::new();
    for part in parts {
        match &value[part] {
            Json::String(text) => out.push(text.clone()),
            Json::Array(items) => out.extend(items.iter().filter_map(Json::as_str).map(str::to_owned)),
            _ => {}
        }
    }
    let displays = value["coding"].as_array().into_iter().flatten().filter_map(|coding| coding["display"].as_str());
    out.extend(displays.map(str::to_owned));
    out
}

pub fn reference(value: &Json) -> String {
    let text = value["reference"].as_str().or(value.as_str()).unwrap_or_default();
    text.strip_prefix(BASE).and_then(|rest| rest.strip_prefix('/')).unwrap_or(text).to_owned()
}

/// First and past-the-last millisecond, by the calendar library.
pub fn span(value: &Json) -> Option<(i64, i64)> {
    if let Some(text) = value.as_str() {
        return moment(text);
    }
    if let Some(events) = value["event"].as_array() {
        let all: Vec<_> = events.iter().filter_map(|event| moment(event.as_str()?)).collect();
        return Some((all.iter().map(|one| one.0).min()?, all.iter().map(|one| one.1).max()?));
    }
    let period = if value["repeat"]["boundsPeriod"].is_object() { &value["repeat"]["boundsPeriod"] } else { value };
    let part = |key: &str| period[key].as_str().and_then(moment);
    let (start, end) = (part("start"), part("end"));
    (start.is_some() || end.is_some()).then(|| (start.map_or(i64::MIN, |one| one.0), end.map_or(i64::MAX, |one| one.1)))
}

fn moment(text: &str) -> Option<(i64, i64)> {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
    let start = |date: jiff::civil::Date| Some(date.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond());
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<i16>().ok());
    let year = part(0..4)?;
    let first = |year, month, day| jiff::civil::Date::new(year, month, day).ok();
    match text.len() {
        4 => Some((start(first(year, 1, 1)?)?, start(first(year + 1, 1, 1)?)?)),
        7 => {
            let from = first(year, i8::try_from(part(5..7)?).ok()?, 1)?;
            Some((start(from)?, start(from.checked_add(jiff::Span::new().months(1)).ok()?)?))
        }
        10 => {
            let from = text.parse::<jiff::civil::Date>().ok()?;
            Some((start(from)?, start(from.tomorrow().ok()?)?))
        }
        _ => {
            let zoned = text.ends_with('Z') || text[10..].contains(['+', '-']);
            let full = if text.len() == 16 { format!("{text}:00") } else { text.to_owned() };
            let full = if zoned { full } else { format!("{full}+09:00") };
            let from = full.parse::<jiff::Timestamp>().ok()?.as_millisecond();
            let width = match text.split_once('.') {
                Some((_, rest)) => match rest.bytes().take_while(u8::is_ascii_digit).count() {
                    1 => 100,
                    2 => 10,
                    _ => 1,
                },
                None if text.len() == 16 => 60_000,
                None => 1_000,
            };
            Some((from, from + width))
        }
    }
}

fn prefixed(wish: &str) -> (&str, &str) {
    let known = ["eq", "ne", "lt", "le", "gt", "ge", "sa", "eb", "ap"];
    known.iter().find(|prefix| wish.starts_with(**prefix)).map_or(("eq", wish), |prefix| (*prefix, &wish[2..]))
}

fn date((from, to): (i64, i64), wish: &str) -> bool {
    let (prefix, text) = prefixed(wish);
    let (low, high) = moment(text).expect("a date");
    let inside = low <= from && to <= high;
    match prefix {
        "eq" => inside,
        "ne" => !inside,
        "lt" => from < low,
        "gt" => to > high,
        "le" => from < low || inside,
        "ge" => to > high || inside,
        "sa" => from >= high,
        "eb" => to <= low,
        _ => {
            let gap = if NOW.0 < low { low - NOW.0 } else { (NOW.0 - high).max(0) } / 10;
            from < high + gap && to > low - gap
        }
    }
}

pub fn decimal(value: &Json) -> Option<Decimal> {
    let text = text(value);
    Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}

fn number(low: Option<Decimal>, high: Option<Decimal>, wish: &str) -> bool {
    let (prefix, text) = prefixed(wish);
    let wanted = Decimal::from_str(text).expect("a number");
    let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len() as u32);
    let half = Decimal::new(5, places + 1);
    let inside = low.is_some_and(|low| low >= wanted - half) && high.is_some_and(|high| high < wanted + half);
    match prefix {
        "eq" => inside,
        "ne" => !inside,
        "lt" => low.is_none_or(|low| low < wanted),
        "le" => low.is_none_or(|low| low <= wanted),
        "gt" => high.is_none_or(|high| high > wanted),
        "ge" => high.is_none_or(|high| high >= wanted),
        "sa" => low.is_some_and(|low| low > wanted),
        "eb" => high.is_some_and(|high| high < wanted),
        _ => {
            let tenth = wanted.abs() / Decimal::TEN;
            low.is_none_or(|low| low <= wanted + tenth) && high.is_none_or(|high| high >= wanted - tenth)
        }
    }
}

/// Units that differ are left to the rules written by hand: here only the same unit is asked for.
fn quantity(value: &Json, wish: &str) -> bool {
    let parts: Vec<&str> = wish.split('|').collect();
    let (low, high) = bounds(value);
    let unit = if value["low"].is_object() || value["high"].is_object() {
        if value["low"].is_object() { &value["low"] } else { &value["high"] }
    } else {
        value
    };
    let is = |key: &str, wanted: &str| unit[key].as_str().unwrap_or_default() == wanted;
    let fits = match parts.as_slice() {
        [_] => true,
        [_, "", code] => is("code", code) || is("unit", code),
        [_, system, code] => is("system", system) && is("code", code),
        _ => panic!("{wish}"),
    };
    fits && (low.is_some() || high.is_some()) && number(low, high, parts[0])
}

fn bounds(value: &Json) -> (Option<Decimal>, Option<Decimal>) {
    if value["low"].is_object() || value["high"].is_object() {
        return (decimal(&value["low"]["value"]), decimal(&value["high"]["value"]));
    }
    let one = if value["value"].is_number() { decimal(&value["value"]) } else { None };
    match value["comparator"].as_str() {
        Some("<" | "<=") => (None, one),
        Some(">" | ">=") => (one, None),
        _ => (one, one),
    }
}
