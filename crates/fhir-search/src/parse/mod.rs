//! From the pairs of a URL to a query.
//!
//! What must hold: a parameter is one of the definitions, or one of R4's parameters for results; what is not understood
//! is a finding. Leniency leaves out what is unknown and says so in [`Query::ignored`]; a modifier that is not served is
//! refused in any case, as R4 demands, because leaving it out would turn the condition round.

mod control;
mod people;
mod text;
mod trouble;
pub(crate) mod value;

use std::sync::Arc;

use trouble::Trouble;
use tsumugi_fhir::outcome::{Collector, Finding, Severity};
use tsumugi_fhir_definitions::{Definitions, SearchType};
use tsumugi_kernel::{Instant, Kind};

use crate::{
    bounds,
    param::{Param, Params},
    query::{Clause, Query, Test, Wish},
};

/// What a search is read with.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The path's kind; `None` for a search over kinds.
    pub kind: Option<Kind>,
    /// Whether unknown parameters are left out (`Prefer: handling=lenient`).
    pub lenient: bool,
    /// The address of this server, to know its own references: `http://host/fhir/R4`.
    pub base: &'a str,
    /// Now: `ap` is about how far away a date is.
    pub now: Instant,
}

/// Reads a search.
pub(crate) fn parse(params: &Params, ask: &Ask<'_>, pairs: &[(String, String)]) -> Result<Query, Vec<Finding>> {
    let alternatives = pairs.iter().map(|(_, value)| value.matches(',').count() + 1).sum::<usize>();
    if pairs.len() > bounds::PAIRS || alternatives > bounds::ALTERNATIVES {
        return Err(vec![TOO_MANY.finding("")]);
    }
    let mut parser = Parser { params, ask, query: Query::default(), conditions: 0 };
    parser.query.kinds = ask.kind.into_iter().collect();
    ask.base.clone_into(&mut parser.query.base);
    let mut findings = Collector::default();
    let mut fail = |trouble: &Trouble, name: &str| findings.add(Severity::Error, || trouble.finding(name));
    // The kinds first: which parameters there are depends on them.
    for (name, value) in pairs.iter().filter(|(name, _)| name == "_type") {
        match parser.types(value) {
            Ok(()) => {}
            Err(Trouble::Unknown) if ask.lenient => parser.query.ignored.push(name.clone()),
            Err(trouble) => fail(&trouble, name),
        }
    }
    for (name, value) in pairs.iter().filter(|(name, _)| name != "_type") {
        match parser.pair(name, value) {
            Ok(()) => {}
            Err(Trouble::Unknown) if ask.lenient => parser.query.ignored.push(name.clone()),
            Err(trouble) => fail(&trouble, name),
        }
    }
    let findings = findings.finish();
    if !findings.is_empty() {
        return Err(findings);
    }
    let mut query = parser.query;
    query.people = people::named(&query);
    Ok(query)
}

const TOO_MANY: Trouble = Trouble::Costly(
    "条件が多すぎます。条件を減らしてください。",
    "the search has too many conditions. Ask with fewer.",
);

struct Parser<'a> {
    params: &'a Params,
    ask: &'a Ask<'a>,
    query: Query,
    conditions: usize,
}

impl Parser<'_> {
    fn definitions(&self) -> &Definitions {
        self.params.definitions()
    }

    fn pair(&mut self, name: &str, value: &str) -> Result<(), Trouble> {
        if self.control(name, value)? {
            return Ok(());
        }
        let kinds = match self.query.kinds.as_slice() {
            [] => Kind::all().collect(),
            kinds => kinds.to_vec(),
        };
        let clause = self.clause(&kinds, name, value, 0)?;
        self.query.clauses.push(clause);
        Ok(())
    }

    /// One condition on resources of `kinds`, after `hops` references.
    fn clause(&mut self, kinds: &[Kind], name: &str, value: &str, hops: usize) -> Result<Clause, Trouble> {
        if hops > bounds::HOPS {
            return Err(Trouble::Costly("たどる参照が多すぎます。", "it follows too many references."));
        }
        if let Some(rest) = name.strip_prefix("_has:") {
            return self.has(rest, value, hops);
        }
        if let Some((head, tail)) = name.split_once('.') {
            return self.chain(kinds, head, tail, value, hops);
        }
        let (code, modifier) = name.split_once(':').map_or((name, None), |(code, modifier)| (code, Some(modifier)));
        let test = match (code, modifier) {
            ("_id", None) => Test::Ids(text::alternatives(value)),
            ("_lastUpdated", None) => Test::Updated(value::dates(self.ask, value)?),
            ("_id" | "_lastUpdated", Some(_)) => {
                return Err(Trouble::Refused(
                    "この条件に修飾子は使えません。",
                    "it takes no modifier; every resource has one.",
                ));
            }
            ("_text" | "_content", None) => words(code == "_text", value)?,
            ("_query" | "_filter" | "_list", _) => return Err(refused(code)),
            _ => return self.values(kinds, code, modifier, value),
        };
        self.numbered(test)
    }

    fn values(&mut self, kinds: &[Kind], code: &str, modifier: Option<&str>, value: &str) -> Result<Clause, Trouble> {
        let of = self.of(kinds, code)?;
        let Some((_, param)) = of.first() else { return Err(Trouble::Unknown) };
        let wish = value::wish(self.ask, param, modifier, value)?;
        self.checked(&wish)?;
        self.numbered(Test::Values { of, wish })
    }

    /// The parameter of each kind that has it. Over several kinds it must be one and the same type in all of them.
    fn of(&self, kinds: &[Kind], code: &str) -> Result<Vec<(Kind, Arc<Param>)>, Trouble> {
        let all: Vec<(Kind, Option<Arc<Param>>)> =
            kinds.iter().map(|kind| (*kind, self.params.get(*kind, code))).collect();
        let named = self.query.kinds.len() == kinds.len() && !self.query.kinds.is_empty();
        // R4: a search over kinds asks for what the kinds have in common. Over all of them that is what any has.
        if named && all.iter().any(|(_, param)| param.is_none()) {
            return Err(self.unknown(kinds, code));
        }
        let of: Vec<(Kind, Arc<Param>)> = all.into_iter().filter_map(|(kind, param)| Some((kind, param?))).collect();
        let Some((_, first)) = of.first() else { return Err(self.unknown(kinds, code)) };
        if of.iter().any(|(_, param)| param.ty != first.ty || param.components.len() != first.components.len()) {
            return Err(Trouble::Refused(
                "種別によって型が違います。_type で種別をしぼってください。",
                "its type is not the same for all of these types. Name fewer in _type.",
            ));
        }
        Ok(of)
    }

    /// Unknown, or known and not to be computed here.
    fn unknown(&self, kinds: &[Kind], code: &str) -> Trouble {
        let special = |kind: &Kind| {
            self.definitions()
                .search_param(kind.name(), code)
                .is_some_and(|param| param.ty == SearchType::Special || param.expression.is_none())
        };
        if kinds.iter().any(special) { refused(code) } else { Trouble::Unknown }
    }

    fn chain(&mut self, kinds: &[Kind], head: &str, tail: &str, value: &str, hops: usize) -> Result<Clause, Trouble> {
        let (code, target) = head.split_once(':').map_or((head, None), |(code, target)| (code, Some(target)));
        let of = self.of(kinds, code)?;
        if of.iter().any(|(_, param)| param.ty != SearchType::Reference) {
            return Err(Trouble::Refused(
                "参照ではない条件からは先へたどれません。",
                "only references can be followed.",
            ));
        }
        let targets: Vec<Kind> = match target {
            Some(name) => vec![Kind::from_name(name).ok_or(Trouble::Unknown)?],
            None => {
                let only = of.iter().filter_map(|(_, param)| param.only_target()).next().filter(|_| of.len() == 1);
                let mut all: Vec<Kind> = of.iter().flat_map(|(_, param)| param.targets.iter().copied()).collect();
                all.sort_unstable();
                all.dedup();
                only.map_or(all, |only| vec![only])
            }
        };
        let mut then = Vec::new();
        let mut trouble = Trouble::Unknown;
        for target in targets {
            match self.clause(&[target], tail, value, hops + 1) {
                Ok(clause) => then.push((target, clause)),
                // A kind that lacks the rest of the chain cannot be meant.
                Err(Trouble::Unknown) => {}
                Err(Trouble::Costly(ja, en)) => return Err(Trouble::Costly(ja, en)),
                Err(other) => trouble = other,
            }
        }
        if then.is_empty() {
            return Err(trouble);
        }
        self.numbered(Test::Chain { of, then })
    }

    /// `Kind:reference:rest`, where `rest` is any condition on the kind.
    fn has(&mut self, rest: &str, value: &str, hops: usize) -> Result<Clause, Trouble> {
        let mut parts = rest.splitn(3, ':');
        let (Some(kind), Some(code), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Trouble::Value(
                "_has:種別:参照の条件:条件=値 の形です。",
                "it is written _has:Type:reference:parameter=value.",
            ));
        };
        let kind = Kind::from_name(kind).ok_or(Trouble::Unknown)?;
        let by = self.params.get(kind, code).filter(|by| by.ty == SearchType::Reference).ok_or(Trouble::Unknown)?;
        let then = Box::new(self.clause(&[kind], rest, value, hops + 1)?);
        self.numbered(Test::Has { kind, by, then })
    }

    fn numbered(&mut self, test: Test) -> Result<Clause, Trouble> {
        self.conditions += 1;
        if self.conditions > bounds::CONDITIONS {
            return Err(TOO_MANY);
        }
        Ok(Clause { number: self.conditions, test })
    }

    /// Refuses value sets and code systems that are not loaded: what they hold is not known here.
    fn checked(&self, wish: &Wish) -> Result<(), Trouble> {
        let known = match wish {
            Wish::InSet { any, .. } => any.iter().all(|url| self.definitions().value_set(url).is_some()),
            Wish::Subsumed { any, .. } => any.iter().all(|token| {
                token.system.as_deref().is_some_and(|system| self.definitions().code_system(system).is_some())
            }),
            _ => true,
        };
        if known {
            return Ok(());
        }
        Err(Trouble::Refused(
            "その値集合またはコード体系は、このサーバーに読み込まれていません。運用の担当者にパッケージの追加を頼むか、コードを並べてください。",
            "the value set or code system is not loaded on this server. Ask the operator for its package, or list the codes.",
        ))
    }
}

fn words(narrative: bool, value: &str) -> Result<Test, Trouble> {
    let all = |text: &String| {
        let words: Vec<String> = text.split_whitespace().map(crate::text::fold).filter(|w| !w.is_empty()).collect();
        if words.is_empty() {
            return Err(Trouble::Value("ことばを入れてください。", "give words to look for."));
        }
        Ok(words)
    };
    Ok(Test::Words { narrative, any: text::alternatives(value).iter().map(all).collect::<Result<_, _>>()? })
}

fn refused(code: &str) -> Trouble {
    match code {
        "_query" => Trouble::Refused("名前つきの検索は用意していません。", "there are no named queries here."),
        "_filter" => Trouble::Refused(
            "_filter は使えません。条件を並べるか、_has や参照をたどる条件を使ってください。",
            "_filter is not served. Combine parameters, chains and _has.",
        ),
        "_list" => Trouble::Refused(
            "_list は使えません。List をさがし、_include=List:item を付けてください。",
            "_list is not served. Search for the List with _include=List:item.",
        ),
        _ => Trouble::Refused(
            "R4が言葉だけで定めた条件で、ここでは計算しません。",
            "R4 defines it in words only, and it is not computed here.",
        ),
    }
}
