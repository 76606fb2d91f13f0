//! A fact as a permit shows it.

use bytes::Bytes;
use tsumugi_access::{Hides, Lens, Permit, Shown, Traits, Whereabouts};
use tsumugi_fhir::values::Packed;
use tsumugi_kernel::{FactKey, Instant};
use tsumugi_ledger::Hash;
use tsumugi_store::{State, StoredFact};

use crate::{RecordError, veil::Veil, whereabouts};

/// One version of a fact that has passed the lens.
#[derive(Clone, Debug)]
pub struct Fact {
    stored: StoredFact,
    /// Whether the reader's own organisation put it there.
    own: bool,
    whereabouts: Whereabouts,
    veil: Option<Veil>,
}

impl Fact {
    /// Lets `stored` through if the permit is for its shelf and the lens shows it.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] if the packed values were written by a newer program.
    pub(crate) fn through(permit: &Permit, stored: StoredFact) -> Result<Option<Self>, RecordError> {
        // INVARIANT: this is the only way from a stored version to a `Fact`; everything above it is already filtered.
        if !permit.opens(stored.key.citizen) {
            return Ok(None);
        }
        let (lens, traits) = (permit.lens(), traits(&stored)?);
        let (shown, whereabouts) = (lens.shows(&traits), lens.whereabouts(&traits));
        let own = traits.source == permit.caller().organization.as_str();
        Ok(shown.then_some(Self { stored, own, whereabouts, veil: None }))
    }

    /// Whether it must not be known that `stored` is there. What only a token's scopes leave out is no secret.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] as above.
    pub(crate) fn is_secret(permit: &Permit, stored: &StoredFact) -> Result<bool, RecordError> {
        Ok(!permit.opens(stored.key.citizen) || !permit.lens().opens(&traits(stored)?))
    }

    /// Says to what it must not point.
    pub(crate) fn draw(&mut self, veil: &Veil) {
        self.veil = (!self.own).then(|| veil.clone());
    }

    /// Whether the reader's own organisation put it there.
    pub(crate) fn is_own(&self) -> bool {
        self.own
    }

    /// Where it stands.
    #[must_use]
    pub fn key(&self) -> FactKey {
        self.stored.key
    }

    /// Its version number, from 1.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.stored.version
    }

    /// When the server received this version.
    #[must_use]
    pub fn instant(&self) -> Instant {
        self.stored.instant
    }

    /// The commit that wrote this version.
    #[must_use]
    pub fn since(&self) -> tsumugi_store::Point {
        self.stored.since
    }

    /// Whether this version is the mark of a deletion.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.stored.state == State::Gone
    }

    /// SHA-256 of the bytes it was understood from.
    #[must_use]
    pub fn origin(&self) -> Option<Hash> {
        self.stored.origin
    }

    /// The values that search looks at.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] as above.
    pub fn values(&self) -> Result<Packed<'_>, RecordError> {
        Packed::read(&self.stored.values).ok_or(RecordError::Unreadable("search values"))
    }

    /// The values that search looks at, where they tell no more than the body does.
    pub(crate) fn open_values(&self) -> Option<Packed<'_>> {
        let named = |packed: &Packed<'_>| self.veil.as_ref().is_some_and(|veil| veil.is_named_in(packed));
        self.values().ok().filter(|packed| !named(packed))
    }

    /// Whether the permit lets this fact be replaced or taken away.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] as above.
    pub fn may_change(&self, permit: &Permit) -> Result<bool, RecordError> {
        Ok(permit.lens().may_change(&traits(&self.stored)?))
    }

    /// Whether another lens would show it: for the preview of what somebody else would see.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] as above.
    pub fn passes(&self, lens: &Lens) -> Result<bool, RecordError> {
        Ok(lens.shows(&traits(&self.stored)?))
    }

    /// Whether it is among what a restriction hides.
    #[must_use]
    pub fn is_hidden_by(&self, hides: &Hides) -> bool {
        traits(&self.stored).is_ok_and(|traits| hides.covers(&traits))
    }

    /// Tells `shown` that this fact is shown.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] as above.
    pub fn tell(&self, shown: &mut Shown) -> Result<(), RecordError> {
        shown.add_at(self.stored.key, self.values()?.flags());
        Ok(())
    }

    /// The values as stored, for a tombstone that must be judged as the fact was.
    pub(crate) fn packed_values(&self) -> Vec<u8> {
        self.stored.values.to_vec()
    }

    /// The FHIR JSON as answered: without where a protected person lives and is reached, where that is not to be told, and
    /// without what points to facts that are hidden.
    ///
    /// # Errors
    /// [`RecordError::Store`] if the stored bytes are damaged.
    pub fn body(&self) -> Result<Bytes, RecordError> {
        // INVARIANT: whatever reads or searches a fact takes its text from here, so no route tells more than another.
        let body = match &self.veil {
            Some(veil) => veil.told(self.kept()?)?,
            None => self.kept()?,
        };
        whereabouts::told(body, self.whereabouts)
    }

    /// The FHIR JSON as it is kept.
    pub(crate) fn kept(&self) -> Result<Bytes, RecordError> {
        Ok(self.stored.body()?)
    }
}

/// What the lens looks at in a stored version.
fn traits(stored: &StoredFact) -> Result<Traits<'_>, RecordError> {
    let packed = Packed::read(&stored.values).ok_or(RecordError::Unreadable("search values"))?;
    Ok(Traits {
        kind: stored.key.kind,
        number: stored.key.number,
        category: packed.category(),
        flags: packed.flags(),
        day: packed.day(),
        source: packed.source(),
    })
}
