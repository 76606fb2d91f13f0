//! The wiring: a data folder opened, the chapters put together into one router, and the loop that serves it.
//!
//! What must hold: nothing is decided here about a person's data; a request reaches a chapter only with its body whole,
//! bounded and decompressed ([`intake`]) and with its caller known ([`auth`]); a folder that was not made for this
//! program is never opened, and none is made where one should exist ([`folder`]).

pub mod app;
pub mod auth;
pub mod browser;
pub mod folder;
pub mod intake;
mod mail;
pub mod oauth;
pub mod observe;
mod rate;
pub mod serve;
mod upstream;
pub mod witnesses;

pub use app::{App, AppError};
pub use folder::{Folder, FolderError};
pub use serve::{Listening, ServeError};
