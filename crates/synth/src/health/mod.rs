//! What happens to a person's health, and what clinics, hospitals and pharmacies send about it.
//!
//! [`course`] decides first, whole and without forms, what the person has and when ([`Course`]); [`tell`] then tells it as
//! messages. Care reads the course as well, so that a stroke, the stay that follows and the need for care agree.

pub mod course;
mod tell;

pub use course::{Course, Illness, Stay, course};
pub use tell::tell;
