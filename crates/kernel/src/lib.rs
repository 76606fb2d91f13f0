//! The small kernel that every chapter stands on: ids, clock, entropy, actors, purposes, limits, secrets.
//!
//! What must hold: nothing here does I/O but [`edge`], the one place where the ambient clock and randomness are
//! touched; everything else receives them. Nothing here knows FHIR documents, stores or HTTP.

pub mod actor;
pub mod category;
pub mod clock;
pub mod edge;
pub mod entropy;
pub mod ids;
pub mod kind;
pub mod limits;
pub mod secret;
pub mod working_day;

pub use actor::{OrganizationId, OrganizationKind, PersonId, Purpose, Role};
pub use category::{Flags, RecordCategory};
pub use clock::{Clock, Instant};
pub use entropy::Entropy;
pub use ids::{CitizenId, FactKey, Sealer};
pub use kind::Kind;
pub use secret::MasterSecret;
