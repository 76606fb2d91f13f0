//! Laying an element of a differential over the element that it constrains.

use crate::{
    compile::{DiffSlicing, Partial},
    model::{Binding, Element, Slicing},
};

/// Takes over all that `partial` says.
pub(super) fn apply(partial: &Partial, element: &mut Element) {
    fn over<T: Clone>(from: &Option<T>, to: &mut Option<T>) {
        if from.is_some() {
            to.clone_from(from);
        }
    }
    element.min = partial.min.unwrap_or(element.min);
    element.max = partial.max.unwrap_or(element.max);
    over(&partial.fixed, &mut element.fixed);
    over(&partial.pattern, &mut element.pattern);
    over(&partial.min_value, &mut element.min_value);
    over(&partial.max_value, &mut element.max_value);
    over(&partial.max_length, &mut element.max_length);
    element.modifier = partial.modifier.unwrap_or(element.modifier);
    element.summary = partial.summary.unwrap_or(element.summary);
    element.must_support = partial.must_support.unwrap_or(element.must_support);
    if !partial.types.is_empty() {
        element.types.clone_from(&partial.types);
    }
    if let Some(binding) = &partial.binding {
        element.binding = Some(bound(binding, element.binding.take()));
    }
    if let Some(slicing) = &partial.slicing {
        element.slicing = Some(sliced(slicing, element.slicing.take()));
    }
    for constraint in &partial.constraints {
        match element.constraints.iter_mut().find(|it| it.key == constraint.key) {
            Some(same) => same.clone_from(constraint),
            None => element.constraints.push(constraint.clone()),
        }
    }
}

/// A binding that names no value set only changes the strength.
fn bound(binding: &Binding, before: Option<Binding>) -> Binding {
    let before = before.unwrap_or(Binding { strength: binding.strength, value_set: None, max_value_set: None });
    Binding {
        strength: binding.strength,
        value_set: binding.value_set.clone().or(before.value_set),
        max_value_set: binding.max_value_set.clone().or(before.max_value_set),
    }
}

/// Discriminators add up; order and rules are replaced where they are said.
fn sliced(slicing: &DiffSlicing, before: Option<Slicing>) -> Slicing {
    let Some(mut whole) = before else { return slicing.whole() };
    for discriminator in &slicing.discriminators {
        if !whole.discriminators.contains(discriminator) {
            whole.discriminators.push(discriminator.clone());
        }
    }
    whole.ordered = slicing.ordered.unwrap_or(whole.ordered);
    whole.rules = slicing.rules.unwrap_or(whole.rules);
    whole
}
