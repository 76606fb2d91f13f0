//! The forms in which facts travel: FHIR R4 resources as JP-CLINS and JP Core shape them, written by hand.
//!
//! Shapes follow JP-CLINS 1.5 (`http://jpfhir.jp/fhir/clins`, `…/eCS`); texts and values are this project's own.
//! What must hold: every reference in a bundle is a `fullUrl` of the same bundle or a contained `#id`; everything
//! that a rule of [`tsumugi_fhir`](../../tsumugi_fhir/index.html) asks for is there.

pub mod bundle;
pub mod care;
pub mod care_certification;
pub mod care_measure;
pub mod care_month;
pub mod care_plan;
pub mod claim;
pub mod clinical;
pub mod feed;
pub mod life_log;
pub mod medicine;
pub mod notification;
pub mod party;
pub mod prevention;
pub mod systems;
pub mod visit;
