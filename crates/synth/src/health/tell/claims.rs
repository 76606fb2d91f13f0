//! Receipts as claims: each month's in one transaction of the person's insurer.

use tsumugi_kernel::{Purpose, Role};

use super::{Teller, by};
use crate::{
    form::{
        claim::{Claimed, claim},
        visit::withheld,
    },
    health::{
        ReceiptKind,
        days::Day,
        receipts::{Receipt, receipts},
    },
    outbox::Outbox,
    outgoing::SynthError,
};

/// FHIR's claim type and the words of a kind.
const fn kind(kind: ReceiptKind) -> (&'static str, &'static str) {
    match kind {
        ReceiptKind::Outpatient => ("institutional", "医科入院外"),
        ReceiptKind::Pharmacy => ("pharmacy", "調剤"),
        ReceiptKind::Dental => ("oral", "歯科"),
        ReceiptKind::Inpatient => ("institutional", "医科入院"),
        ReceiptKind::Dpc => ("institutional", "DPC"),
        ReceiptKind::DentalInpatient => ("oral", "歯科入院"),
    }
}

impl Teller<'_> {
    /// Each month's receipts, once they have been examined: after the twentieth of the next month.
    pub(super) fn claims(&mut self, out: &mut Outbox<'_>) -> Result<(), SynthError> {
        let all = receipts(out.town, self.person, self.course);
        for month in all.chunk_by(|one, next| one.month == next.month) {
            self.month(out, month)?;
        }
        Ok(())
    }

    fn month(&self, out: &mut Outbox<'_>, receipts: &[Receipt<'_>]) -> Result<(), SynthError> {
        let Some(first) = receipts.first() else { return Ok(()) };
        let last = first.month.last();
        let day = Day(last.0 + 20).opened().date();
        let town = out.town;
        let coverage = self.person.coverage_on(first.first.date());
        let insurer = coverage.and_then(|coverage| town.insurer(&coverage.member_id));
        // The dead have receipts, too, but no shelf is written on after death.
        let sender =
            insurer.filter(|_| out.wants(day)).and_then(|place| by(place, Role::Insurer, Purpose::Payment, day, 10));
        let Some(sender) = sender else { return Ok(()) };
        out.transaction(sender, "claims", |author, subject, ids| {
            let one = |(receipt, number): (&Receipt<'_>, u32)| {
                let provider = receipt.place?;
                let (kind, words) = kind(receipt.kind);
                let (year, month, _) = receipt.first.parts();
                let serial = format!("{}-{year}{month:02}-{:07}-{number}", author.institution.id, self.person.index);
                let claimed = Claimed {
                    serial: &serial,
                    kind,
                    words,
                    provider,
                    period: (receipt.first.date(), last.date()),
                    days: receipt.days,
                    disease: receipt.disease,
                    points: receipt.points,
                    lines: receipt.lines,
                };
                let made = claim(author, subject, &claimed);
                let made = if self.is_hidden(receipt.disease, day) { withheld(made) } else { made };
                Some((format!("urn:uuid:{}", ids.uuid()), made))
            };
            receipts.iter().zip(1..).filter_map(one).collect()
        })
    }
}
