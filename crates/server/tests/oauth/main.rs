//! The whole way of an app and of a system over HTTP: discovery, sign-in, the person's word, tokens, and what a token
//! then opens; and what a thief, another site, or a clerk in real use meets.
#![expect(clippy::unwrap_used, reason = "a test's own helpers may stop the test")]

mod apps;
mod house;
mod real_use;
