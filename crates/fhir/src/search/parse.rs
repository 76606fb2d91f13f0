//! From the pairs of a URL to a query.

use tsumugi_kernel::{Kind, limits};

use super::{Clause, DateWish, Prefix, Query, ReferenceWish, Sort, SortBy, TokenWish, Wish, date::Span};
use crate::{
    outcome::{Collector, Finding, IssueType, Severity},
    text::fold,
    values::{
        ReferenceText,
        params::{self, Param, ParamType},
        systems,
    },
};

/// Most pairs in one search.
const PAIRS: usize = 100;
/// Most alternatives in one search, over all pairs.
const ALTERNATIVES: usize = 1_000;

impl Query {
    /// Reads a search. `kind` is the path's kind, `None` for a search over kinds; pairs are decoded names and values.
    ///
    /// # Errors
    /// Findings for unknown parameters and modifiers (with `lenient` these are left out and listed as ignored), for
    /// values that cannot be read, and for searches that are too large.
    pub fn parse(kind: Option<Kind>, pairs: &[(String, String)], lenient: bool) -> Result<Self, Vec<Finding>> {
        if pairs.len() > PAIRS
            || pairs.iter().map(|(_, value)| value.matches(',').count() + 1).sum::<usize>() > ALTERNATIVES
        {
            let (ja, en) = (
                "検索条件が多すぎます。条件を減らしてください。",
                "The search has too many conditions. Ask with fewer.",
            );
            return Err(vec![Finding::error(IssueType::TooCostly, "", ja, en)]);
        }
        let mut query = Self { kinds: kind.into_iter().collect(), ..Self::default() };
        let mut findings = Collector::default();
        for (name, value) in pairs {
            match query.pair(kind, name, value) {
                Ok(()) => {}
                Err(Trouble::Unknown) if lenient => query.ignored.push(name.clone()),
                Err(Trouble::Unknown) => findings.add(Severity::Error, || unknown(name)),
                Err(Trouble::Value(ja, en)) => findings.add(Severity::Error, || {
                    let (ja, en) =
                        (format!("検索条件 {}: {ja}", shown(name)), format!("Search parameter {}: {en}", shown(name)));
                    Finding::error(IssueType::Value, "", ja, en)
                }),
            }
        }
        let findings = findings.finish();
        if findings.is_empty() { Ok(query) } else { Err(findings) }
    }

    fn pair(&mut self, kind: Option<Kind>, name: &str, value: &str) -> Result<(), Trouble> {
        match name {
            "_id" => self.ids = Some(narrowed(self.ids.take(), alternatives(value))),
            "_lastUpdated" => self.updated.push(dates(value)?),
            "_sort" => self.sort = sort(value)?,
            "_count" => self.count = Some(count(value)?),
            "_page" => self.page = Some(value.to_owned()),
            "_type" if kind.is_none() => self.kinds = kinds(value)?,
            // How the answer is written, which is always as JSON and with a total.
            "_format" | "_pretty" | "_total" => {}
            _ => return self.clause(kind, name, value),
        }
        Ok(())
    }

    fn clause(&mut self, kind: Option<Kind>, name: &str, value: &str) -> Result<(), Trouble> {
        let (name, modifier) = name.split_once(':').map_or((name, None), |(name, modifier)| (name, Some(modifier)));
        let param = params::by_name(kind, name).ok_or(Trouble::Unknown)?;
        if modifier == Some("missing") {
            let missing = match value {
                "true" => true,
                "false" => false,
                _ => return Err(Trouble::Value(":missing は true か false です。", ":missing is true or false.")),
            };
            self.clauses.push(Clause { param: param.code, wish: Wish::Missing(missing) });
            return Ok(());
        }
        if value.is_empty() {
            return Err(Trouble::Value("値がありません。", "the value is missing."));
        }
        if param.code == params::PATIENT {
            self.patients.extend(references(value, modifier)?.into_iter().map(|wish| match wish.kind {
                Some(kind) => format!("{kind}/{}", wish.id),
                None => wish.whole,
            }));
            return Ok(());
        }
        let wish = wish(param, value, modifier)?;
        self.clauses.push(Clause { param: param.code, wish });
        Ok(())
    }
}

/// Why a pair was not taken.
enum Trouble {
    Unknown,
    Value(&'static str, &'static str),
}

fn wish(param: &Param, value: &str, modifier: Option<&str>) -> Result<Wish, Trouble> {
    match (param.ty, modifier) {
        (ParamType::Token, None) => Ok(Wish::Tokens { not: false, any: tokens(value)? }),
        (ParamType::Token, Some("not")) => Ok(Wish::Tokens { not: true, any: tokens(value)? }),
        (ParamType::Date, None) => Ok(Wish::Dates(dates(value)?)),
        (ParamType::Reference, modifier) => Ok(Wish::References(references(value, modifier)?)),
        (ParamType::String, None) => Ok(Wish::Texts { exact: false, any: texts(value) }),
        (ParamType::String, Some("exact")) => Ok(Wish::Texts { exact: true, any: texts(value) }),
        (ParamType::Uri, None) => Ok(Wish::Uris(alternatives(value))),
        _ => Err(Trouble::Unknown),
    }
}

fn unknown(name: &str) -> Finding {
    let name = shown(name);
    let ja = format!(
        "検索条件 {name} は使えません。CapabilityStatementにある名前を使うか、Prefer: handling=lenient を付けてください。"
    );
    let en = format!(
        "The search parameter {name} is not served. Use one of the CapabilityStatement, or send Prefer: handling=lenient."
    );
    Finding::error(IssueType::NotSupported, "", ja, en)
}

/// A parameter's name as a message may repeat it: only if it looks like one.
fn shown(name: &str) -> &str {
    let plain =
        name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'.'));
    if plain { name } else { "?" }
}

/// Splits at commas that are not escaped, and resolves `\,` and `\\` in the parts. `\|` and `\$` stay for later.
fn alternatives(value: &str) -> Vec<String> {
    split(value, ',').into_iter().map(|part| unescape(&part)).collect()
}

/// Splits at marks that are not escaped; escapes stay.
fn split(value: &str, mark: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for character in value.chars() {
        if character == mark && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = character == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    parts
}

fn unescape(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let mut characters = part.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.extend(characters.next()),
            other => out.push(other),
        }
    }
    out
}

fn tokens(value: &str) -> Result<Vec<TokenWish>, Trouble> {
    split(value, ',')
        .iter()
        .map(|part| {
            let halves: Vec<String> = split(part, '|').iter().map(|half| unescape(half)).collect();
            let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            match halves.as_slice() {
                [code] if !code.is_empty() => Ok(TokenWish { system: None, code: filled(code) }),
                [system, code] if !(system.is_empty() && code.is_empty()) => Ok(TokenWish {
                    system: Some(systems::present(system.as_str().into()).into_owned()),
                    code: filled(code),
                }),
                _ => Err(Trouble::Value(
                    "コードは code、system|code、|code、system| の形です。",
                    "a token is code, system|code, |code or system|.",
                )),
            }
        })
        .collect()
}

fn dates(value: &str) -> Result<Vec<DateWish>, Trouble> {
    alternatives(value)
        .iter()
        .map(|text| {
            let (prefix, rest) = match text.get(..2) {
                Some("eq") => (Prefix::Equal, &text[2..]),
                Some("ne") => (Prefix::NotEqual, &text[2..]),
                Some("lt") => (Prefix::Less, &text[2..]),
                Some("le") => (Prefix::LessOrEqual, &text[2..]),
                Some("gt") => (Prefix::Greater, &text[2..]),
                Some("ge") => (Prefix::GreaterOrEqual, &text[2..]),
                Some("sa") => (Prefix::StartsAfter, &text[2..]),
                Some("eb") => (Prefix::EndsBefore, &text[2..]),
                _ => (Prefix::Equal, text.as_str()),
            };
            // A `+` of a zone that was not percent-encoded arrives as a space.
            Span::parse(rest)
                .or_else(|| Span::parse(&rest.replace(' ', "+")))
                .map(|span| DateWish { prefix, span })
                .ok_or(Trouble::Value(
                    "日付は YYYY-MM-DD などの形で、前に eq ne lt le gt ge sa eb を付けられます。",
                    "a date is like YYYY-MM-DD, with eq ne lt le gt ge sa eb before it if wanted.",
                ))
        })
        .collect()
}

fn references(value: &str, modifier: Option<&str>) -> Result<Vec<ReferenceWish>, Trouble> {
    let fixed = match modifier {
        None => None,
        Some(name) => Some(Kind::from_name(name).ok_or(Trouble::Unknown)?),
    };
    Ok(alternatives(value)
        .into_iter()
        .map(|whole| {
            // Of an absolute URL the last two steps may be a kind and an id of this server.
            let tail = match whole.rmatch_indices('/').nth(1) {
                Some((at, _)) if whole.contains("://") => &whole[at + 1..],
                _ => whole.as_str(),
            };
            let (kind, id) = match ReferenceText::read(tail) {
                ReferenceText::Relative { kind, id, .. } => (Some(kind), id.to_owned()),
                _ => (fixed, whole.clone()),
            };
            ReferenceWish { kind, id, whole }
        })
        .collect())
}

fn texts(value: &str) -> Vec<String> {
    alternatives(value).iter().map(|text| fold(text)).collect()
}

fn kinds(value: &str) -> Result<Vec<Kind>, Trouble> {
    let read = |name: &String| {
        Kind::from_name(name).ok_or(Trouble::Value("FHIR R4にない種別です。", "this is no type of FHIR R4."))
    };
    alternatives(value).iter().map(read).collect()
}

fn sort(value: &str) -> Result<Vec<Sort>, Trouble> {
    alternatives(value)
        .iter()
        .map(|key| {
            let (name, descending) = key.strip_prefix('-').map_or((key.as_str(), false), |name| (name, true));
            let by = match name {
                "date" => SortBy::Date,
                "_lastUpdated" => SortBy::LastUpdated,
                "_id" => SortBy::Id,
                _ => {
                    return Err(Trouble::Value(
                        "並べ替えは date、_lastUpdated、_id です。",
                        "sorting is by date, _lastUpdated or _id.",
                    ));
                }
            };
            Ok(Sort { by, descending })
        })
        .collect()
}

fn count(value: &str) -> Result<usize, Trouble> {
    let bad = Trouble::Value("件数は0以上の整数です。", "a count is a whole number from 0.");
    if value.is_empty() || value.len() > 18 || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad);
    }
    value.parse::<usize>().map(|count| count.min(limits::PAGE_MOST)).map_err(|_| bad)
}

/// Repeated `_id` must all hold.
fn narrowed(before: Option<Vec<String>>, now: Vec<String>) -> Vec<String> {
    match before {
        None => now,
        Some(before) => now.into_iter().filter(|id| before.contains(id)).collect(),
    }
}
