//! Prints a completeness proof that is the same on every run: 7 looks at one citizen in a log of 500 leaves.
//! The browser's verifier is tested against it.
//!
//! `cargo run -p tsumugi-ledger --example sample_proof > proof.json`

#![expect(clippy::print_stdout, clippy::expect_used, reason = "an example that prints")]

#[path = "../tests/common/mod.rs"]
mod common;

fn main() {
    let proof = common::Log::sample(60, 500, 7).proof(3);
    let json = proof.to_json().expect("a proof is JSON");
    println!("{}", String::from_utf8(json).expect("JSON is UTF-8"));
}
