//! What is not certain once a merge is taken back.

use std::collections::HashSet;

use tsumugi_access::Permit;
use tsumugi_fhir::values::Packed;
use tsumugi_kernel::{CitizenId, Kind, OrganizationId};
use tsumugi_people::{Merge, OpenPart};
use tsumugi_store::State;

use crate::{Record, RecordError};

impl Record {
    /// What was put on a person's shelves since a merge by sources that have no `Patient` of their own on that side:
    /// nothing but the person's page said whose it was. No content is looked at.
    pub(super) async fn uncertain(&self, permit: &Permit, merge: &Merge) -> Result<Vec<OpenPart>, RecordError> {
        let sides = permit.shelves().sides(merge);
        let side = |shelf: CitizenId| usize::from(sides[1].contains(&shelf));
        let facts = self.scan(permit, None, self.present()).await?;
        let source = |values| Packed::read(values).ok_or(RecordError::Unreadable("search values"));
        let mut known: HashSet<(String, usize)> = HashSet::new();
        for fact in facts.iter().filter(|fact| fact.key.kind == Kind::PATIENT) {
            known.insert((source(&fact.values)?.source().to_owned(), side(fact.key.citizen)));
        }
        let mut open: Vec<OpenPart> = Vec::new();
        for fact in facts.iter().filter(|fact| fact.state == State::Live && fact.since.0 > merge.after) {
            let from = source(&fact.values)?.source().to_owned();
            if fact.key.kind == Kind::PATIENT || known.contains(&(from.clone(), side(fact.key.citizen))) {
                continue;
            }
            let first = match fact.version {
                1 => Some(fact.since),
                _ => self.store.version(fact.key, 1).await?.map(|first| first.since),
            };
            let Ok(from) = OrganizationId::new(&from) else { continue };
            if first.is_none_or(|first| first.0 <= merge.after) {
                continue;
            }
            let place = (fact.key.kind.number(), fact.key.number);
            match open.iter_mut().find(|part| part.shelf == fact.key.citizen && part.source == from) {
                Some(part) => part.facts.push(place),
                None => {
                    open.push(OpenPart { shelf: fact.key.citizen, source: from, facts: vec![place], settled: None })
                }
            }
        }
        Ok(open)
    }
}
