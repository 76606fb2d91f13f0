//! The handlers of `/api`: the pages' own views as bodies.

use tsumugi_access::Action;
use tsumugi_kernel::Role;
use tsumugi_ledger::look::Decision;

use super::super::{Fault, Site, Visit, looks as log, record as open_record, sections};
use super::model::{self, Code};
use crate::Lang;
use crate::read::looks as read;
use crate::view::{Name, Proof, Who, Words};

/// Looks on one page.
const PAGE: usize = read::PAGE;

pub(super) async fn record(site: &Site, visit: &Visit) -> Result<model::Record, Fault> {
    let caller = open_record::caller(visit)?;
    let person = if visit.param("id").is_some() || caller.role == Role::Citizen {
        let open = open_record::open(site, visit, Action::Page).await?;
        let person = model::Person::new(open.subject(), open.patient().to_owned());
        open.seal(visit).await?;
        Some(person)
    } else {
        None
    };
    let home = matches!(caller.role, Role::Citizen | Role::Proxy);
    let reader = Who {
        name: Name::plain(caller.person_name.as_str()),
        role: caller.role,
        qualification: caller.qualification.as_deref().map(Words::ja),
        organization: (!home).then(|| Words::ja(caller.organization_name.as_str())),
    };
    Ok(model::Record { reader: reader.into(), purpose: Code::purpose(caller.purpose), person })
}

pub(super) async fn looks(site: &Site, visit: &Visit) -> Result<model::Looks, Fault> {
    let filter = log::filter(visit)?;
    let open = open_record::open(site, visit, Action::AccessLog).await?;
    let looks = log::all(&open).await?;
    let found = log::narrowed(site, &looks, &filter).await?;
    let firsts = tsumugi_access::notice::firsts(&looks);
    let pages = found.len().div_ceil(PAGE).max(1);
    let page = usize::try_from(log::page_number(visit)).unwrap_or(1).clamp(1, pages);
    let on_page = found.iter().rev().skip((page - 1) * PAGE).take(PAGE);
    let shown = on_page.map(|look| self::look(site, look, firsts.contains(&look.number), visit.lang)).collect();
    let proof = if log::proof_state(site, visit).await == Proof::Pending { "pending" } else { "covered" };
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let body = model::Looks {
        total: looks.len() as u64,
        found: found.len() as u64,
        page: number(page),
        pages: number(pages),
        proof,
        looks: shown,
    };
    open.seal(visit).await?;
    Ok(body)
}

/// Looks in the form of the API, newest first.
pub(crate) fn looks_of(
    site: &Site,
    all: &[tsumugi_access::Look],
    found: &[&tsumugi_access::Look],
    lang: Lang,
) -> Vec<model::Look> {
    let firsts = tsumugi_access::notice::firsts(all);
    found.iter().rev().map(|look| self::look(site, look, firsts.contains(&look.number), lang)).collect()
}

fn look(site: &Site, look: &tsumugi_access::Look, first: bool, lang: Lang) -> model::Look {
    let part = &look.part;
    let row = read::row(look, &read::Known::default(), lang);
    let rule = |lang| log::rule(site, look, lang);
    let (ja, en) = (rule(Lang::Ja), rule(Lang::En));
    let kind = |shown: crate::view::ShownKind| model::ShownKind {
        kind: Code {
            code: shown.kind.to_string(),
            ja: Lang::Ja.kind(shown.kind).into_owned(),
            en: Lang::En.kind(shown.kind).into_owned(),
        },
        count: shown.count,
    };
    model::Look {
        number: look.number,
        time: model::moment(row.when),
        who: row.who.into(),
        on_behalf: row.on_behalf.map(|behalf| model::OnBehalf { name: behalf.name, relation: behalf.relation.text }),
        purpose: Code::purpose(row.purpose),
        reason: part.reason.clone(),
        action: part.action.clone(),
        decision: match part.decision {
            Decision::Shown => "shown",
            Decision::Written => "written",
            Decision::Refused => "refused",
        },
        shown: row.shown.into_iter().map(kind).collect(),
        rule: model::Rule {
            id: ja.id,
            ja: ja.plain.text,
            en: en.plain.text,
            source: ja.source.map(|source| source.text),
        },
        first,
        automatic: part.automatic,
    }
}

pub(super) async fn timeline(site: &Site, visit: &Visit) -> Result<model::Timeline, Fault> {
    Ok(sections::timeline_view(site, visit).await?.0.into())
}

pub(super) async fn activities(site: &Site, visit: &Visit) -> Result<model::Activities, Fault> {
    Ok(sections::activities_view(site, visit).await?.0.into())
}

pub(super) async fn laboratory(site: &Site, visit: &Visit) -> Result<model::Laboratory, Fault> {
    Ok(sections::laboratory_view(site, visit).await?.0.into())
}

pub(super) async fn medicines(site: &Site, visit: &Visit) -> Result<model::Medicines, Fault> {
    Ok(sections::medicines_view(site, visit).await?.0.into())
}
