//! Writing: everything one request puts on one shelf, gathered and committed with its leaf.
//!
//! A value's life here is `Node` (checked by `fhir`) → [`Written`] (numbered, stamped, packed) → [`Done`] (durable).

use bytes::Bytes;
use tsumugi_access::{Change, Deeds, Door, Permit, Receipt, Shown};
use tsumugi_fhir::{
    json::Node,
    stamp::{Stamp, stamp},
    values::{self, Value},
};
use tsumugi_kernel::{CitizenId, FactKey, Instant, Kind};
use tsumugi_ledger::Hash;
use tsumugi_store::{Batch, Event, Expectation, NewVersion, Row, State};

use crate::{
    Done, Fact, Record, RecordError, Written, learn,
    references::{References, split},
};

/// A write being gathered. Dropping it writes nothing.
#[must_use = "nothing is written until `commit`"]
pub struct Writing<'r> {
    pub(crate) record: &'r Record,
    pub(crate) permit: Permit,
    instant: Instant,
    pub(crate) batch: Batch,
    written: Vec<Written>,
    pub(crate) shown: Shown,
    changes: Vec<Change>,
    /// The `Patient` whom the write is about, as a reference.
    person: Option<String>,
}

impl Record {
    /// Starts a write under `permit`.
    pub fn write(&self, permit: Permit) -> Writing<'_> {
        let instant = self.now();
        Writing {
            record: self,
            permit,
            instant,
            batch: Batch::default(),
            written: Vec::new(),
            shown: Shown::none(),
            changes: Vec::new(),
            person: None,
        }
    }

    /// Whether `resource` says what `fact` says already, once it is numbered and its references are written as ours;
    /// `subject` as in [`Stamp`].
    pub(crate) fn stands(
        &self,
        fact: &Fact,
        resource: Node<'_>,
        references: &References,
        subject: Option<(Node<'_>, &str)>,
    ) -> Result<bool, RecordError> {
        let id = self.sealer.seal(fact.key());
        let rewrite = |text: &str| references.get(text).map(str::to_owned);
        let again = Stamp { id: &id, version: fact.version(), instant: fact.instant(), references: &rewrite, subject };
        Ok(stamp(resource, &again) == fact.body()?)
    }

    /// The key of a fact that is not there yet, on the shelf of `permit`.
    #[must_use]
    pub fn new_key(&self, permit: &Permit, kind: Kind) -> FactKey {
        self.new_key_on(permit.citizen(), kind)
    }

    /// The same on one of a person's shelves. Writing it needs a permit that opens the shelf.
    pub(crate) fn new_key_on(&self, shelf: CitizenId, kind: Kind) -> FactKey {
        FactKey { citizen: shelf, kind, number: self.store.reserve(1) }
    }
}

impl Writing<'_> {
    /// The permit that this write stands on.
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// Keeps the bytes as they were sent, and gives the hash that facts name as their origin.
    pub fn original(&mut self, bytes: Bytes) -> Hash {
        let hash = crate::content_hash(&bytes);
        self.batch.originals.push(bytes);
        hash
    }

    /// Puts a new version of the fact `key` after `before`, the newest version now (`None`: there is none).
    ///
    /// # Errors
    /// [`RecordError::SecondShelf`] if the key is on another shelf than the permit's; [`RecordError::NotOwn`] if another
    /// organisation put `before` there; [`RecordError::NotAdmitted`] if facts of this category may not be written.
    pub fn put(
        &mut self,
        key: FactKey,
        before: Option<&Fact>,
        resource: Node<'_>,
        origin: Hash,
        references: &References,
    ) -> Result<&Written, RecordError> {
        self.in_scope(key, if before.is_some() { Deeds::UPDATE } else { Deeds::CREATE })?;
        if let Some(fact) = before
            && !fact.may_change(&self.permit)?
        {
            return Err(RecordError::NotOwn);
        }
        let version = before.map_or(0, Fact::version) + 1;
        self.expect_version(key, version - 1)?;
        let id = self.record.sealer.seal(key);
        let rewrite = |text: &str| references.get(text).map(str::to_owned);
        let subject = self.named_by_identifier(resource);
        let body = stamp(resource, &Stamp { id: &id, version, instant: self.instant, references: &rewrite, subject });
        let mut extracted = values::extract(key.kind, &resource);
        for entry in &mut extracted.entries {
            point_to(&mut entry.value, references);
        }
        if let Some((to, at)) = subject.and_then(|(_, reference)| split(reference)) {
            let value = Value::Reference { kind: Some(to), id: at.to_owned().into() };
            extracted.entries.push(values::Entry { param: values::params::PATIENT, value });
        }
        if !self.permit.lens().admits(extracted.category) {
            return Err(RecordError::NotAdmitted);
        }
        let packed = values::pack(&extracted, self.permit.caller().organization.as_str());
        self.shown.add_at(key, extracted.flags);
        let sender = &self.permit.caller().organization;
        let changes = learn::changes(key, version, resource, sender, &self.record.sealer, self.instant);
        if let Some(fact) = before {
            let ended = learn::ended(fact, sender, &self.record.sealer, self.instant)?;
            self.changes
                .extend(ended.into_iter().filter(|end| !changes.iter().any(|change| learn::renews(change, end))));
        }
        self.changes.extend(changes);
        let body = Bytes::from(body);
        self.batch.versions.push(NewVersion {
            key,
            version,
            state: State::Live,
            instant: self.instant,
            origin: Some(origin),
            values: packed,
            body: body.to_vec(),
        });
        Ok(self.remember(Written { key, id, version, body, fresh: true, instant: None }))
    }

    /// Puts `resource` after `before` unless it says what stands there already; then nothing but the leaf tells of it.
    ///
    /// # Errors
    /// As [`Writing::put`].
    pub fn put_if_changed(
        &mut self,
        key: FactKey,
        before: Option<&Fact>,
        resource: Node<'_>,
        origin: Hash,
        references: &References,
    ) -> Result<&Written, RecordError> {
        let Some(fact) = before.filter(|fact| !fact.is_gone()) else {
            return self.put(key, before, resource, origin, references);
        };
        let subject = self.named_by_identifier(resource);
        if !self.record.stands(fact, resource, references, subject)? || !fact.may_change(&self.permit)? {
            return self.put(key, before, resource, origin, references);
        }
        self.expect_version(key, fact.version())?;
        fact.tell(&mut self.shown)?;
        let written = self.record.as_written(fact)?;
        Ok(self.remember(written))
    }

    /// Whether the caller's token lets this be done with resources of this kind.
    fn in_scope(&self, key: FactKey, deed: Deeds) -> Result<(), RecordError> {
        if self.permit.lens().in_scope(key.kind, deed) { Ok(()) } else { Err(RecordError::OutOfScope) }
    }

    /// Takes a fact away: its next version is a tombstone that keeps the values, so that the lens still judges its
    /// history.
    ///
    /// # Errors
    /// [`RecordError::SecondShelf`] if the key is on another shelf than the permit's.
    pub fn remove(&mut self, fact: &Fact) -> Result<&Written, RecordError> {
        self.in_scope(fact.key(), Deeds::DELETE)?;
        if !fact.may_change(&self.permit)? {
            return Err(RecordError::NotOwn);
        }
        let (key, before) = (fact.key(), fact.version());
        self.expect_version(key, before)?;
        fact.tell(&mut self.shown)?;
        let sender = &self.permit.caller().organization;
        self.changes.extend(learn::ended(fact, sender, &self.record.sealer, self.instant)?);
        let version = before + 1;
        self.batch.versions.push(NewVersion {
            key,
            version,
            state: State::Gone,
            instant: self.instant,
            origin: None,
            values: fact.packed_values(),
            body: Vec::new(),
        });
        let id = self.record.sealer.seal(key);
        Ok(self.remember(Written { key, id, version, body: Bytes::new(), fresh: true, instant: None }))
    }

    /// Says in the leaf and in the answer that `fact` was there already, and expects that it still is.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] if what is stored cannot be read.
    pub fn found(&mut self, fact: &Fact) -> Result<&Written, RecordError> {
        self.expect_version(fact.key(), fact.version())?;
        fact.tell(&mut self.shown)?;
        let written = self.record.as_written(fact)?;
        Ok(self.remember(written))
    }

    /// Writes nothing and gives the permit back, so that it can be sealed.
    pub fn give_up(self) -> Permit {
        self.permit
    }

    /// Names the `Patient` whom the write is about, so that the citizen's part of the leaf of a write of withheld facts
    /// only reads like any other write.
    pub fn subject(&mut self, patient: u64) {
        let key = FactKey { citizen: self.permit.citizen(), kind: Kind::PATIENT, number: patient };
        self.shown.add_at(key, tsumugi_kernel::Flags::default());
        self.person = Some(format!("{}/{}", Kind::PATIENT, self.record.sealer.seal(key)));
    }

    /// The element that names the person by an identifier alone, and the reference for it.
    fn named_by_identifier<'a>(&'a self, resource: Node<'a>) -> Option<(Node<'a>, &'a str)> {
        let subject = values::subject(&resource)?;
        let logical = subject.get("reference").is_none() && subject.get("identifier").is_some();
        logical.then_some(subject).zip(self.person.as_deref())
    }

    /// Adds directory rows and what must hold of them.
    pub fn rows(&mut self, rows: Vec<Row>, expect: Vec<Expectation>) {
        self.batch.rows.extend(rows);
        self.batch.expect.extend(expect);
    }

    /// Adds a change of who may see what, as the permit allows it.
    pub fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Adds an event for those who wait outside.
    pub fn event(&mut self, topic: &'static str, payload: Vec<u8>) {
        self.batch.events.push(Event { topic, payload });
    }

    /// Commits everything with the leaf, and with what the facts mean for who may see what.
    ///
    /// # Errors
    /// [`RecordError::Commit`]; see the store's contract for what each means. [`RecordError::Standing`] if the sender
    /// may not say who may see what.
    pub async fn commit(mut self, door: &Door) -> Result<Done, RecordError> {
        let shelves = self.permit.shelves().all().to_vec();
        self.inherit().await?;
        self.drop_idle_changes(door).await?;
        // What a second clerk confirms carries the confirmation, also where nothing is left to change.
        let changed = !self.changes.is_empty() || self.permit.confirms_paper();
        if changed {
            let write = door.change(&self.permit, &self.changes).await?;
            self.batch.rows.extend(write.rows);
            self.batch.expect.extend(write.expect);
        }
        self.batch.leaves.extend(self.permit.into_leaves(&self.shown).await?);
        self.batch.joined = if shelves.len() > 1 { shelves.clone() } else { Vec::new() };
        let committed = self.record.store.commit(self.batch).await;
        if changed {
            // Also after a failure: whether it was written may be unknown.
            shelves.iter().for_each(|shelf| door.forget(*shelf));
        }
        let committed = committed?;
        let place = committed.leaves.first().ok_or(RecordError::Unreadable("the place of the leaf"))?;
        Ok(Done { receipt: Receipt::from(*place), written: self.written, instant: self.instant })
    }

    async fn drop_idle_changes(&mut self, door: &Door) -> Result<(), RecordError> {
        if self.changes.iter().any(learn::is_end) {
            let standing = door.standing_of(&self.permit).await;
            let standing = standing.map_err(|_| RecordError::Unreadable("a citizen's standing"))?;
            learn::drop_idle(&mut self.changes, &standing, self.instant);
        }
        Ok(())
    }

    fn expect_version(&mut self, key: FactKey, before: u32) -> Result<(), RecordError> {
        if !self.permit.opens(key.citizen) {
            return Err(RecordError::SecondShelf);
        }
        self.batch.expect.push(Expectation::Version(key, before));
        Ok(())
    }

    fn remember(&mut self, written: Written) -> &Written {
        self.written.push(written);
        &self.written[self.written.len() - 1]
    }
}

/// Search finds a fact by what it points to in the answered form, not in the sent one.
fn point_to(value: &mut Value<'_>, references: &References) {
    let Value::Reference { kind, id } = value else { return };
    let sent = kind.map_or_else(|| id.to_string(), |kind| format!("{kind}/{id}"));
    if let Some((to, at)) = references.get(&sent).and_then(split) {
        *value = Value::Reference { kind: Some(to), id: at.to_owned().into() };
    }
}
