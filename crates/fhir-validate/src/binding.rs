//! Bindings to value sets.

use tsumugi_fhir_definitions::{Binding, Strength};

/// A binding that is checked: required or extensible, with a value set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) value_set: Box<str>,
    /// Whether a code outside is an error, not a warning.
    pub(crate) required: bool,
    /// The value set that bounds an extensible binding.
    pub(crate) most: Option<Box<str>>,
}

impl Bound {
    /// `None` for bindings that ask for nothing: examples, preferences, no value set.
    pub(crate) fn of(binding: &Binding) -> Option<Self> {
        let required = binding.strength == Strength::Required;
        let most = binding.max_value_set.clone().filter(|_| !required);
        if binding.strength < Strength::Extensible && most.is_none() {
            return None;
        }
        let value_set = match (binding.strength >= Strength::Extensible, &binding.value_set, &most) {
            (true, Some(own), _) => own.clone(),
            (_, _, Some(most)) => return Some(Self { value_set: most.clone(), required: true, most: None }),
            _ => return None,
        };
        // R4's own bindings name FHIR's version, which is not that of the value sets that come from elsewhere.
        let value_set = value_set.strip_suffix("|4.0.1").map_or_else(|| value_set.clone(), Into::into);
        Some(Self { value_set, required, most })
    }
}
