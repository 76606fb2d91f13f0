//! From the text of a value to what is wanted, by the parameter's type and modifier.

use rust_decimal::Decimal;
use tsumugi_fhir::{
    date::Span,
    values::{ReferenceText, systems},
};
use tsumugi_fhir_definitions::SearchType;
use tsumugi_kernel::Kind;

use super::{
    Ask,
    text::{alternatives, split, unescape},
    trouble::Trouble,
};
use crate::{
    number::Number,
    param::Param,
    query::{Dated, Measured, Numbered, Prefix, Referred, Target, TextMode, Token, Typed, UriMode, Wish},
    text::fold,
    unit::{self, Scale},
};

/// What is wanted of `param`.
pub(super) fn wish(ask: &Ask<'_>, param: &Param, modifier: Option<&str>, value: &str) -> Result<Wish, Trouble> {
    if modifier == Some("missing") {
        return match value {
            "true" => Ok(Wish::Missing(true)),
            "false" => Ok(Wish::Missing(false)),
            _ => Err(Trouble::Value(":missing は true か false です。", ":missing is true or false.")),
        };
    }
    if value.is_empty() {
        return Err(Trouble::Value("値がありません。", "the value is missing."));
    }
    match param.ty {
        SearchType::Token => token(modifier, value),
        SearchType::Reference => reference(ask, modifier, value),
        SearchType::String => string(modifier, value),
        SearchType::Uri => uri(modifier, value),
        SearchType::Date => plain(modifier).and_then(|()| Ok(Wish::Dates(dates(ask, value)?))),
        SearchType::Number => plain(modifier).and_then(|()| numbers(value)),
        SearchType::Quantity => plain(modifier).and_then(|()| quantities(value)),
        SearchType::Composite => plain(modifier).and_then(|()| composites(ask, param, value)),
        SearchType::Special => Err(Trouble::Refused(
            "場所の近さなど、R4が言葉だけで定めた条件です。",
            "R4 defines it in words only (nearness of places).",
        )),
    }
}

/// Types that R4 gives no modifier but `:missing`.
fn plain(modifier: Option<&str>) -> Result<(), Trouble> {
    modifier.map_or(Ok(()), |_| Err(no_modifier()))
}

const fn no_modifier() -> Trouble {
    Trouble::Refused(
        "この型の条件にその修飾子はありません。修飾子を外してください。",
        "R4 has no such modifier for this type of parameter. Ask without it.",
    )
}

fn token(modifier: Option<&str>, value: &str) -> Result<Wish, Trouble> {
    Ok(match modifier {
        None => Wish::Tokens { not: false, any: tokens(value)? },
        Some("not") => Wish::Tokens { not: true, any: tokens(value)? },
        Some("text") => Wish::TokenText(folded(value)?),
        Some("in") => Wish::InSet { not: false, any: alternatives(value) },
        Some("not-in") => Wish::InSet { not: true, any: alternatives(value) },
        Some("below") => Wish::Subsumed { below: true, any: coded(value)? },
        Some("above") => Wish::Subsumed { below: false, any: coded(value)? },
        Some("of-type") => Wish::OfType(typed(value)?),
        Some(_) => return Err(no_modifier()),
    })
}

/// Tokens: `code`, `system|code`, `|code`, `system|`.
pub(super) fn tokens(value: &str) -> Result<Vec<Token>, Trouble> {
    split(value, ',').iter().map(|part| one_token(part)).collect()
}

fn one_token(part: &str) -> Result<Token, Trouble> {
    let halves: Vec<String> = split(part, '|').iter().map(|half| unescape(half)).collect();
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    match halves.as_slice() {
        [code] if !code.is_empty() => Ok(Token { system: None, code: filled(code) }),
        [system, code] if !(system.is_empty() && code.is_empty()) => {
            Ok(Token { system: Some(systems::present(system.as_str().into()).into_owned()), code: filled(code) })
        }
        _ => Err(Trouble::Value(
            "コードは code、system|code、|code、system| の形です。",
            "a token is code, system|code, |code or system|.",
        )),
    }
}

/// Codes that a code system can place: system and code must both be there.
fn coded(value: &str) -> Result<Vec<Token>, Trouble> {
    let any = tokens(value)?;
    let whole =
        |token: &Token| token.code.is_some() && token.system.as_deref().is_some_and(|system| !system.is_empty());
    if any.iter().all(whole) {
        return Ok(any);
    }
    Err(Trouble::Value(":above と :below は system|code の形です。", "with :above and :below a value is system|code."))
}

fn typed(value: &str) -> Result<Vec<Typed>, Trouble> {
    let read = |part: &String| {
        let parts: Vec<String> = split(part, '|').iter().map(|half| unescape(half)).collect();
        match parts.as_slice() {
            [system, code, value] if !code.is_empty() && !value.is_empty() => Ok(Typed {
                system: systems::present(system.as_str().into()).into_owned(),
                code: code.clone(),
                value: value.clone(),
            }),
            _ => Err(Trouble::Value(
                ":of-type は system|code|value の形です。",
                "with :of-type a value is system|code|value.",
            )),
        }
    };
    split(value, ',').iter().map(read).collect()
}

/// Takes a prefix off.
fn prefixed(text: &str) -> (Prefix, &str) {
    let prefix = match text.get(..2) {
        Some("eq") => Prefix::Equal,
        Some("ne") => Prefix::NotEqual,
        Some("lt") => Prefix::Less,
        Some("le") => Prefix::LessOrEqual,
        Some("gt") => Prefix::Greater,
        Some("ge") => Prefix::GreaterOrEqual,
        Some("sa") => Prefix::StartsAfter,
        Some("eb") => Prefix::EndsBefore,
        Some("ap") => Prefix::Approximately,
        _ => return (Prefix::Equal, text),
    };
    (prefix, &text[2..])
}

pub(super) fn dates(ask: &Ask<'_>, value: &str) -> Result<Vec<Dated>, Trouble> {
    let read = |text: &String| {
        let (prefix, rest) = prefixed(text);
        // A `+` of a zone that was not percent-encoded arrives as a space.
        let span = Span::parse(rest).or_else(|| Span::parse(&rest.replace(' ', "+"))).ok_or(Trouble::Value(
            "日付は YYYY-MM-DD などの形で、前に eq ne lt le gt ge sa eb ap を付けられます。",
            "a date is like YYYY-MM-DD, with eq ne lt le gt ge sa eb ap before it if wanted.",
        ))?;
        Ok(Dated { prefix, span: if prefix == Prefix::Approximately { around(span, ask.now.0) } else { span } })
    };
    alternatives(value).iter().map(read).collect()
}

/// R4: about a date is within a tenth of the time between it and now.
fn around(span: Span, now: i64) -> Span {
    let distance = if now < span.from { span.from - now } else { (now - span.to).max(0) };
    let slack = distance / 10;
    Span { from: span.from.saturating_sub(slack), to: span.to.saturating_add(slack) }
}

fn numbers(value: &str) -> Result<Wish, Trouble> {
    let read = |text: &String| {
        let (prefix, rest) = prefixed(text);
        Number::parse(rest).map(|number| Numbered { prefix, number }).ok_or(Trouble::Value(
            "数は 5.4 や 1e2 の形で、前に eq ne lt le gt ge sa eb ap を付けられます。",
            "a number is like 5.4 or 1e2, with eq ne lt le gt ge sa eb ap before it if wanted.",
        ))
    };
    Ok(Wish::Numbers(alternatives(value).iter().map(read).collect::<Result<_, _>>()?))
}

fn quantities(value: &str) -> Result<Wish, Trouble> {
    Ok(Wish::Quantities(split(value, ',').iter().map(|part| quantity(part)).collect::<Result<_, _>>()?))
}

/// `5.4`, `5.4|http://unitsofmeasure.org|mg`, `5.4||mg`.
fn quantity(part: &str) -> Result<Measured, Trouble> {
    let wrong = || {
        Trouble::Value(
            "量は 5.4、5.4|system|code、5.4||code の形で、前に eq ne lt le gt ge sa eb ap を付けられます。",
            "a quantity is 5.4, 5.4|system|code or 5.4||code, with eq ne lt le gt ge sa eb ap before it if wanted.",
        )
    };
    let parts: Vec<String> = split(part, '|').iter().map(|half| unescape(half)).collect();
    let filled = |text: &String| (!text.is_empty()).then(|| text.clone());
    let (number, system, code) = match parts.as_slice() {
        [number] => (number, None, None),
        [number, system, code] => (number, filled(system), filled(code)),
        _ => return Err(wrong()),
    };
    let (prefix, number) = prefixed(number);
    let number = Number::parse(number).ok_or_else(wrong)?;
    let scale = if system.as_deref() == Some(unit::UCUM) { code.as_deref().and_then(Scale::of) } else { None };
    let canonical = scale.as_ref().and_then(|scale| {
        let half = if prefix == Prefix::Approximately { tenth(number.value) } else { number.half };
        let at = |value: Option<Decimal>| value.and_then(|value| scale.canonical(value));
        let (low, high) = (at(number.value.checked_sub(half))?, at(number.value.checked_add(half))?);
        Some((low, high, scale.canonical(number.value)?))
    });
    Ok(Measured { prefix, number, system, code, scale, canonical })
}

/// A tenth of a value, without its sign: what R4 recommends for "about".
pub(crate) fn tenth(value: Decimal) -> Decimal {
    value.abs().checked_div(Decimal::TEN).unwrap_or_default()
}

fn string(modifier: Option<&str>, value: &str) -> Result<Wish, Trouble> {
    Ok(match modifier {
        None => Wish::Texts { mode: TextMode::Start, any: folded(value)? },
        Some("contains") => Wish::Texts { mode: TextMode::Contains, any: folded(value)? },
        Some("exact") => Wish::Texts { mode: TextMode::Exact, any: alternatives(value) },
        Some(_) => return Err(no_modifier()),
    })
}

pub(super) fn folded(value: &str) -> Result<Vec<String>, Trouble> {
    let any: Vec<String> = alternatives(value).iter().map(|text| fold(text)).collect();
    if any.iter().any(String::is_empty) {
        return Err(Trouble::Value(
            "記号と空白だけではさがせません。文字を入れるか、:exact を使ってください。",
            "marks and spaces alone find nothing. Give letters, or use :exact.",
        ));
    }
    Ok(any)
}

fn uri(modifier: Option<&str>, value: &str) -> Result<Wish, Trouble> {
    let any = alternatives(value);
    let mode = match modifier {
        None => UriMode::Same,
        Some("below") => UriMode::Below,
        Some("above") => UriMode::Above,
        Some(_) => return Err(no_modifier()),
    };
    if mode != UriMode::Same && any.iter().any(|uri| !uri.contains("://")) {
        return Err(Trouble::Value(
            ":above と :below は http:// などのURLだけに使えます(urn: には階層がありません)。",
            ":above and :below are for URLs only; a urn has no steps.",
        ));
    }
    Ok(Wish::Uris { mode, any })
}

fn reference(ask: &Ask<'_>, modifier: Option<&str>, value: &str) -> Result<Wish, Trouble> {
    let kind = match modifier {
        None => None,
        Some("identifier") => return Ok(Wish::LogicalReferences(tokens(value)?)),
        Some("above" | "below") => {
            return Err(Trouble::Refused(
                "参照先の上下関係はここでは分かりません。",
                "no hierarchy of resources is kept here.",
            ));
        }
        Some(name) => Some(Kind::from_name(name).ok_or_else(no_modifier)?),
    };
    let read = |whole: String| {
        let target = Target::read(&whole, ask.base, kind);
        if kind.is_some() && matches!(target, Target::Local { kind: other, .. } if other != kind) {
            return Err(Trouble::Value(
                "修飾子の種別と値の種別が違います。",
                "the type of the modifier is not the type of the value.",
            ));
        }
        Ok(Referred { target, person: false })
    };
    Ok(Wish::References(alternatives(value).into_iter().map(read).collect::<Result<_, _>>()?))
}

impl Target {
    /// Reads a reference: of this server where it is relative or below `base`, in whichever scheme.
    pub(crate) fn read(whole: &str, base: &str, kind: Option<Kind>) -> Self {
        let url = |text: &str| match text.split_once('|') {
            Some((url, version)) => Self::Url { url: url.to_owned(), version: Some(version.to_owned()) },
            None => Self::Url { url: text.to_owned(), version: None },
        };
        match ReferenceText::read(below(whole, base).unwrap_or(whole)) {
            ReferenceText::Relative { kind, id, version } => {
                Self::Local { kind: Some(kind), id: id.to_owned(), version: version.map(str::to_owned) }
            }
            ReferenceText::Other(id) if !id.contains(['/', '|', ':']) => {
                Self::Local { kind, id: id.to_owned(), version: None }
            }
            _ => url(whole),
        }
    }
}

/// What follows `base` in `url`; the scheme may be another, because a gateway before us may speak TLS.
pub(crate) fn below<'a>(url: &'a str, base: &str) -> Option<&'a str> {
    let bare = |text: &'a str| text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let base = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"))?;
    bare(url)?.strip_prefix(base)?.strip_prefix('/')
}

fn composites(ask: &Ask<'_>, param: &Param, value: &str) -> Result<Wish, Trouble> {
    let read = |part: &String| {
        let parts = split(part, '$');
        if parts.len() != param.components.len() {
            return Err(Trouble::Value(
                "組み合わせの値は $ で区切り、部分の数だけ並べます。",
                "a composite has one value for each of its parts, with $ between them.",
            ));
        }
        let pairs = param.components.iter().zip(&parts);
        pairs.map(|(component, part)| wish(ask, component, None, part)).collect::<Result<Vec<_>, _>>()
    };
    Ok(Wish::Composites(split(value, ',').iter().map(read).collect::<Result<_, _>>()?))
}
