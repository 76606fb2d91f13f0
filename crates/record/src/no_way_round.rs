//! What the compiler keeps: no read without a permit, no permit but the door's, each used once.
//!
//! Each example that must not compile stands beside a twin that does and differs in the forbidden step alone: so a
//! change of names breaks the twin, and the example cannot fail for another reason unseen. They are documentation tests
//! because these use the crates as built, where a test harness of its own would build every dependency again.
//!
//! Every read of the record takes a permit.
//!
//! ```
//! # use tsumugi_access::Permit; use tsumugi_kernel::FactKey; use tsumugi_record::Record;
//! async fn look(record: &Record, permit: &Permit, key: FactKey) {
//!     let _ = record.read(permit, key).await;
//!     let _ = record.history(permit, key).await;
//! }
//! ```
//! ```compile_fail,E0061
//! # use tsumugi_access::Permit; use tsumugi_kernel::FactKey; use tsumugi_record::Record;
//! async fn look(record: &Record, permit: &Permit, key: FactKey) {
//!     let _ = record.read(key).await;
//! }
//! ```
//! ```compile_fail,E0308
//! # use tsumugi_access::Permit; use tsumugi_kernel::FactKey; use tsumugi_record::Record;
//! async fn look(record: &Record, permit: &Permit, key: FactKey) {
//!     let _ = record.history((), key).await;
//! }
//! ```
//!
//! Only the door makes a permit: it has no public fields, no default, no copy.
//!
//! ```
//! # use tsumugi_access::{Door, Permit, Refusal, Request};
//! async fn ask(door: &Door, request: Request<'_>) -> Result<Permit, Refusal> {
//!     door.admit(request).await
//! }
//! ```
//! ```compile_fail,E0599
//! # use tsumugi_access::{Door, Permit, Refusal, Request};
//! async fn ask(door: &Door, request: Request<'_>) -> Result<Permit, Refusal> {
//!     Ok(Permit::default())
//! }
//! ```
//! ```compile_fail,E0451
//! # use tsumugi_access::{Door, Permit, Refusal, Request};
//! fn forge(permit: Permit) -> Permit {
//!     Permit { rule: String::new(), ..permit }
//! }
//! ```
//! ```
//! # use tsumugi_access::Permit;
//! fn once(permit: Permit) -> Permit {
//!     permit
//! }
//! ```
//! ```compile_fail,E0277
//! # use tsumugi_access::Permit;
//! fn once(permit: Permit) -> Permit {
//!     Permit::clone(&permit)
//! }
//! ```
//!
//! What is sealed is over: neither a second leaf nor a read after it, nor a read beside a write.
//!
//! ```
//! # use tsumugi_access::{Permit, Shown}; use tsumugi_kernel::FactKey; use tsumugi_record::Record;
//! async fn look(record: &Record, permit: Permit, key: FactKey) {
//!     let _ = record.read(&permit, key).await;
//!     let _ = permit.seal(Shown::none()).await;
//! }
//! ```
//! ```compile_fail,E0382
//! # use tsumugi_access::{Permit, Shown}; use tsumugi_kernel::FactKey; use tsumugi_record::Record;
//! async fn look(record: &Record, permit: Permit, key: FactKey) {
//!     let _ = permit.seal(Shown::none()).await;
//!     let _ = record.read(&permit, key).await;
//! }
//! ```
//! ```compile_fail,E0382
//! # use tsumugi_access::{Permit, Shown}; use tsumugi_kernel::FactKey; use tsumugi_record::Record;
//! async fn look(record: &Record, permit: Permit, key: FactKey) {
//!     let _ = permit.seal(Shown::none()).await;
//!     let _ = permit.seal(Shown::none()).await;
//! }
//! ```
//! ```compile_fail,E0382
//! # use tsumugi_access::{Permit, Shown}; use tsumugi_kernel::FactKey; use tsumugi_record::Record;
//! async fn look(record: &Record, permit: Permit, key: FactKey) {
//!     let _writing = record.write(permit);
//!     let _ = record.read(&permit, key).await;
//! }
//! ```
//!
//! A permit that nobody ends is a look without a leaf: the compiler warns, and in this house warnings are errors.
//!
//! ```
//! # #![deny(unused_must_use)]
//! # use tsumugi_access::Permit;
//! fn kept(make: fn() -> Permit) -> Permit {
//!     make()
//! }
//! ```
//! ```compile_fail
//! # #![deny(unused_must_use)]
//! # use tsumugi_access::Permit;
//! fn kept(make: fn() -> Permit) {
//!     make();
//! }
//! ```
//!
//! What is stored becomes a fact only through a lens.
//!
//! ```
//! # use tsumugi_record::Fact; use tsumugi_store::StoredFact;
//! fn kept(stored: StoredFact) -> StoredFact {
//!     stored.into()
//! }
//! ```
//! ```compile_fail,E0277
//! # use tsumugi_record::Fact; use tsumugi_store::StoredFact;
//! fn kept(stored: StoredFact) -> Fact {
//!     stored.into()
//! }
//! ```
//! ```compile_fail,E0451
//! # use tsumugi_record::Fact; use tsumugi_store::StoredFact;
//! fn kept(stored: StoredFact) -> Fact {
//!     Fact { stored }
//! }
//! ```
//! ```compile_fail,E0624
//! # use tsumugi_access::Permit; use tsumugi_record::{Fact, RecordError}; use tsumugi_store::StoredFact;
//! fn kept(permit: &Permit, stored: StoredFact) -> Result<Option<Fact>, RecordError> {
//!     Fact::through(permit, stored)
//! }
//! ```
