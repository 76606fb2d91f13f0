//! What happens to a person's health, and what clinics, hospitals, pharmacies and insurers send about it.
//!
//! [`course`] decides first, whole and without forms, what the person has and when ([`Course`]); from it follow what a
//! measurement shows ([`body`]), what is taken ([`medicines`]), who is visited ([`visits`]) and what is claimed
//! ([`receipts`]); [`tell`] then tells it as messages. Care reads the course as well, so that a stroke, the stay that
//! follows and the need for care agree. Numbers stand in `data/health.json` ([`numbers`]).

pub mod acute;
pub mod ailment;
pub mod body;
pub mod chance;
mod count;
pub mod course;
pub mod days;
pub mod events;
pub mod medicines;
pub mod numbers;
pub mod receipts;
mod tell;
pub mod visits;

pub use ailment::{Ailment, Specialty};
pub use count::{count, count_receipts, is_value};
pub use course::{Course, Illness, Severity, Stay, Then, Ward, course};
pub use receipts::{Receipt, ReceiptKind, receipts};
pub(crate) use tell::is_shared;
pub use tell::tell;
pub use visits::{Visit, Why, visits};
