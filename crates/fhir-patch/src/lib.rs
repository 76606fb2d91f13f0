//! Changing a part of a resource: JSON Patch (RFC 6902) and R4's FHIRPath Patch.
//!
//! Both work on a tree in which everything untouched still is the text that came in: number text, escapes and the order
//! of members stay. XML Patch (RFC 5261) is not spoken here.
//!
//! - JSON Patch knows JSON only: whoever changes an array of primitives changes the `_name` beside it as well.
//! - FHIRPath Patch knows FHIR: values and what stands beside them move together, what becomes empty goes, a choice
//!   changes its key with its type. Its paths stay inside the document.
//!
//! The result is not validated here; it goes through the same door as an update. It is not checked whether a patch makes
//! sense as a whole: either every operation succeeds, or there is no result.
//!
//! What must hold: a patch never changes `resourceType` or `id`, which the record decides, and its result is an object;
//! operations, growth and work are bounded; a message never repeats a value of document or patch.

mod fault;
mod fhirpath;
mod json;
mod locate;
mod numbers;
mod operation;
mod place;
mod pointer;
pub mod suite;
mod tree;
mod value;

pub use fault::{PatchFault, Problem};
pub use fhirpath::fhirpath_patch;
pub use json::json_patch;

use tsumugi_fhir::Node;
use tsumugi_kernel::limits;

/// Most operations of one patch.
pub const OPERATIONS: usize = 1_000;
/// Most bytes that a patch may add to a document, and that its result may have.
const BYTES: usize = limits::BODY_BYTES;
/// Most levels of the result.
const DEPTH: usize = limits::JSON_DEPTH;
/// Most work of one patch: members and items passed on the way, and bytes copied or compared.
const WORK: usize = 64 << 20;

/// What a patch may still do.
struct Budget {
    work: usize,
    growth: usize,
}

impl Budget {
    const fn new() -> Self {
        Self { work: WORK, growth: BYTES }
    }

    /// Takes work.
    fn spend(&mut self, work: usize) -> Result<(), Problem> {
        self.work = self.work.checked_sub(work).ok_or(Problem::TooCostly)?;
        Ok(())
    }

    /// Takes bytes that are added.
    fn grow(&mut self, bytes: usize) -> Result<(), Problem> {
        self.growth = self.growth.checked_sub(bytes).ok_or(Problem::TooLarge)?;
        self.spend(bytes)
    }
}

/// Whether two versions say the same of who they are: `resourceType` and `id`, there or not.
fn same_identity(before: Node<'_>, after: Node<'_>) -> bool {
    ["resourceType", "id"].iter().all(|key| match (before.get(key), after.get(key)) {
        (Some(before), Some(after)) => tree::equal(before, after),
        (None, None) => true,
        _ => false,
    })
}
