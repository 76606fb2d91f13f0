//! How people sign in, over a store of each kind, with an authenticator in software; and every attack that must fail.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod authenticator;
mod authority;
mod codes;
mod faults;
mod house;
mod hpki;
mod licence;
mod passkeys;
mod second;
mod sessions;
mod upstream;
