//! Client-chosen ids: aliases keyed by (organisation, kind, id). See `decisions/0002-ids.md`.
//!
//! An alias is only a way to find a fact; whether it may be seen is the lens's matter, so the alias of a hidden fact
//! behaves as an absent one.

use tsumugi_kernel::{CitizenId, FactKey, Kind, OrganizationId};
use tsumugi_store::{Row, StoreError, Table};

use crate::{Record, Writing};

/// The row's key: organisation, kind and id, with a separator that none of them can hold.
fn key(organization: &OrganizationId, kind: Kind, id: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(organization.as_str().len() + id.len() + 3);
    key.extend_from_slice(organization.as_str().as_bytes());
    key.push(0);
    key.push(kind.number());
    key.extend_from_slice(id.as_bytes());
    key
}

impl Record {
    /// The fact an id points to: a sealed pointer, or an alias of the asking organisation.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn find(
        &self,
        organization: &OrganizationId,
        kind: Kind,
        id: &str,
    ) -> Result<Option<FactKey>, StoreError> {
        if let Some(key) = self.sealer.open(id) {
            return Ok((key.kind == kind).then_some(key));
        }
        Ok(self.alias(organization, kind, id).await?.map(|(key, _)| key))
    }

    /// The fact behind an alias, with the row as stored (for an expectation).
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn alias(
        &self,
        organization: &OrganizationId,
        kind: Kind,
        id: &str,
    ) -> Result<Option<(FactKey, Vec<u8>)>, StoreError> {
        let Some(row) = self.store.row(Table::Alias, &key(organization, kind, id)).await? else { return Ok(None) };
        let eight = |range: std::ops::Range<usize>| row.get(range).and_then(|b| <[u8; 8]>::try_from(b).ok());
        let (Some(citizen), Some(number)) = (eight(0..8), eight(8..16)) else {
            return Err(StoreError::Damaged { what: "aliases", detail: "a row is not 16 bytes long".into() });
        };
        let fact =
            FactKey { citizen: CitizenId(u64::from_be_bytes(citizen)), kind, number: u64::from_be_bytes(number) };
        Ok(Some((fact, row.to_vec())))
    }
}

impl Writing<'_> {
    /// Makes `id` an alias of `fact` for the writing organisation. If it is one already, the commit fails with a
    /// conflict: the same form or message was written before.
    pub fn alias(&mut self, id: &str, fact: FactKey) {
        let organization = self.permit().caller().organization.clone();
        self.rows(vec![row(&organization, id, fact)], vec![expect(&organization, fact.kind, id, None)]);
    }
}

/// The row that makes `id` an alias of `fact`.
pub(crate) fn row(organization: &OrganizationId, id: &str, fact: FactKey) -> Row {
    let mut value = fact.citizen.0.to_be_bytes().to_vec();
    value.extend_from_slice(&fact.number.to_be_bytes());
    Row { table: Table::Alias, key: key(organization, fact.kind, id), value: Some(value) }
}

/// The expectation that the alias is absent, or still stands as it was read.
pub(crate) fn expect(
    organization: &OrganizationId,
    kind: Kind,
    id: &str,
    stands: Option<Vec<u8>>,
) -> tsumugi_store::Expectation {
    tsumugi_store::Expectation::Row(Table::Alias, key(organization, kind, id), stands)
}
