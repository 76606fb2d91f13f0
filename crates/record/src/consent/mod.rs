//! What a FHIR `Consent` means for who may see what, and how a page says it as one.
//!
//! The `Consent` on the shelf is the fact; the standing by which the door decides is computed from it in the same commit
//! ([`crate::learn`]). Read are those of scope `patient-privacy`; others (research, treatment) are kept and change
//! nothing here.
//!
//! | in `provision` | mandate (`permit`, to a person) | restriction (`deny`) | consent to viewing (`permit`, of items) |
//! |---|---|---|---|
//! | `actor` | who may act, by sign-in id | from whom: none is everyone; a person, an organisation, a kind of organisation | the organisation; none is every one that the rules allow |
//! | `purpose` | for what | – | – |
//! | `class` | categories, none for all | categories | – |
//! | `data` | – | `instance`: these facts; `authoredby`: what that organisation put there | – |
//! | `dataPeriod` | – | what is about these days | – |
//! | `code` | – | – | the items (健診・薬剤・診療・手術・電子カルテ・介護) |
//! | `provision` | – | a `permit` for ETREAT and BTG: an emergency may see it all the same | – |
//! | `period` | from when to when | the same | the same |
//!
//! What must hold: an active one of this scope that is not understood is refused with the place and the reason, because
//! somebody would believe that it holds.

mod read;
mod write;

pub use read::{Misunderstood, understand};
pub use write::{Signed, mandate, restriction, withdrawn};

/// Sign-in ids of people.
pub const PERSON: &str = "http://tsumugi.example/fhir/IdSystem/person";
/// Organisations by the directory's id.
pub const ORGANIZATION: &str = "http://tsumugi.example/fhir/IdSystem/organization";
/// Institutions by their ten-digit number.
pub const INSTITUTION: &str = "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no";
/// Kinds of organisations, as in [`tsumugi_kernel::OrganizationKind`].
pub const ORGANIZATION_KIND: &str = "http://tsumugi.example/fhir/CodeSystem/organization-kind";
/// Record categories, as in [`tsumugi_kernel::RecordCategory`].
pub const CATEGORY: &str = "http://tsumugi.example/fhir/CodeSystem/record-category";
/// Items of a consent to viewing, as in [`tsumugi_access::ConsentItem`].
pub const ITEM: &str = "http://tsumugi.example/fhir/CodeSystem/consent-item";
/// Purposes of use.
pub const PURPOSE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
/// Most facts that one restriction names.
pub const FACTS_MOST: usize = 1_000;

const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
