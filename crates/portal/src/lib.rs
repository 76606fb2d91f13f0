//! Pages for people: the citizen's and the proxy's, the hospital's and the care office's, rendered on the server.
//!
//! [`web`] takes requests, [`read`] turns facts into view models ([`view`]), [`page`] renders them. A page is a function
//! of a view model and a [`Frame`]: `page(&View, &Frame) -> Markup`. It decides how things look and read, never who may
//! see what: a view holds only what the door let through.
//!
//! What must hold: every page works without scripts; a page with hidden facts is the same page as one without, but for
//! the facts; no text stands in the templates, all of it in `locales/`, in Japanese and in English; [`page`]
//! and [`read`] know no clock, store or request, only [`web`] does.

pub mod assets;
pub mod calendar;
pub mod chart;
pub mod frame;
pub mod i18n;
pub mod page;
pub mod parts;
pub mod read;
mod sealed;
pub mod view;
pub mod web;

pub use frame::Frame;
pub use i18n::Lang;
