//! FHIRPath's values: dates with their precision, exact numbers, quantities with units.

pub(crate) mod calendar;
pub mod number;
pub mod quantity;
pub mod temporal;

pub use quantity::{Quantity, Unit};
pub use temporal::{Precision, Temporal};
