//! What a visit that is the person's alone (本人だけ) says of the facts that name it.
//!
//! A doctor who judges that a minor decides on a visit herself marks the visit; prescriptions and results of it arrive from
//! programs that know nothing of the mark. So a fact that names such a visit, in the same message or later, is the
//! person's alone as well. Facts that named it before it was marked stay as they were: they have been seen.

use std::collections::HashMap;

use tsumugi_fhir::values::{self, Packed, PackedValue, params};
use tsumugi_kernel::{FactKey, Flags};
use tsumugi_store::{Point, State};

use crate::{RecordError, Writing};

impl Writing<'_> {
    /// Marks what names a marked visit.
    ///
    /// # Errors
    /// If the store cannot read.
    pub(crate) async fn inherit(&mut self) -> Result<(), RecordError> {
        let mut marked: HashMap<FactKey, bool> = HashMap::new();
        for version in self.batch.versions.iter().filter(|version| version.state == State::Live) {
            marked.insert(version.key, flags(&version.values)?.has(Flags::SELF_ONLY));
        }
        for at in 0..self.batch.versions.len() {
            let version = &self.batch.versions[at];
            let key = version.key;
            let packed = Packed::read(&version.values).ok_or(RecordError::Unreadable("search values"))?;
            if version.state != State::Live || packed.flags().has(Flags::SELF_ONLY) {
                continue;
            }
            let visits = packed.of(params::ENCOUNTER).filter_map(|value| match value {
                PackedValue::Reference { id, .. } => self.record.sealer.open(&id.to_text()),
                _ => None,
            });
            let visits: Vec<FactKey> = visits.filter(|visit| self.permit.opens(visit.citizen)).collect();
            for visit in visits {
                let known = marked.get(&visit).copied();
                let is_marked = match known {
                    Some(known) => known,
                    None => match self.record.store.fact(visit, Point::NOW).await? {
                        Some(stored) => flags(&stored.values)?.has(Flags::SELF_ONLY),
                        None => false,
                    },
                };
                marked.insert(visit, is_marked);
                if is_marked {
                    values::add_flags(&mut self.batch.versions[at].values, Flags::SELF_ONLY);
                    self.shown.add_at(key, Flags::SELF_ONLY);
                }
            }
        }
        Ok(())
    }
}

fn flags(values: &[u8]) -> Result<Flags, RecordError> {
    Ok(Packed::read(values).ok_or(RecordError::Unreadable("search values"))?.flags())
}
