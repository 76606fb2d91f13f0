//! References inside what is written: to other entries, to ids that the client chose, and by a query.

use axum::http::StatusCode;
use tsumugi_access::Permit;
use tsumugi_fhir::{outcome::IssueType, values};
use tsumugi_kernel::{FactKey, Kind};

use super::{Wish, decide::Decision, plan::short_name};
use crate::{
    RecordError,
    references::References,
    rest::{Ask, Desk, Fault, condition::Condition, writing},
};

impl Desk {
    pub(super) async fn references(
        &self,
        ask: &Ask,
        permit: &Permit,
        wishes: &[Wish<'_>],
        decisions: &[Decision<'_>],
    ) -> Result<References, Fault> {
        let mut references = References::default();
        for (wish, decision) in wishes.iter().zip(decisions) {
            let Some(key) = decision.key() else { continue };
            let to = self.address(key);
            for name in wish.full_url.map(str::to_owned).into_iter().chain(wish.full_url.and_then(short_name)) {
                references.add(name, to.clone());
            }
            if let Some(name) = decision.name() {
                references.add(name, to);
            }
        }
        for resource in decisions.iter().filter_map(Decision::resource) {
            let added = self.record.add_aliases(&mut references, &ask.caller.organization, resource).await;
            added.map_err(|error| Fault::store(ask.lang, &error))?;
            for reference in values::references(&resource) {
                let Some((kind, query)) = by_query(&reference.text) else { continue };
                if references.get(&reference.text).is_none() {
                    let key = self.meant(ask, permit, kind, query).await?;
                    references.add(reference.text.into_owned(), self.address(key));
                }
            }
        }
        Ok(references)
    }

    fn address(&self, key: FactKey) -> String {
        format!("{}/{}", key.kind, self.record.sealer().seal(key))
    }

    /// The fact that a reference by query means: the organisation's own. A `Patient` may also be another source's of the
    /// same person, since all of them are one.
    async fn meant(&self, ask: &Ask, permit: &Permit, kind: Kind, query: &str) -> Result<FactKey, Fault> {
        let condition = Condition::read(self, ask, kind, query)?;
        if let Some(fact) = condition.at_most_one(self, ask, permit).await? {
            return Ok(fact.key());
        }
        if kind == Kind::PATIENT
            && let Some(named) = condition.citizen(self, ask).await?.filter(|named| permit.opens(*named))
        {
            let failed = |error: RecordError| Fault::record(ask.lang, &error);
            let citizen = self.directory.citizen(named).await.map_err(|error| writing::people(ask, &error))?;
            for number in citizen.map(|citizen| citizen.patients).unwrap_or_default() {
                let key = FactKey { citizen: named, kind, number };
                let fact = self.record.read(permit, key).await.map_err(failed)?;
                if fact.is_some_and(|fact| !fact.is_gone()) {
                    return Ok(key);
                }
            }
        }
        Err(Fault::new(
            StatusCode::PRECONDITION_FAILED,
            ask.lang,
            IssueType::NotFound,
            "条件で書かれた参照(〈種別〉?…)に合う、あなたの機関の記録がありません。先に送るか、id で参照してください。何も保存していません。",
            "A reference written as a query (<type>?…) fits no fact of your organisation. Send that first, or refer to it by id. Nothing was saved.",
        ))
    }
}

/// A reference by query: its kind and the query.
pub(in crate::rest) fn by_query(text: &str) -> Option<(Kind, &str)> {
    let (kind, query) = text.split_once('?')?;
    Some((Kind::from_name(kind)?, query))
}
