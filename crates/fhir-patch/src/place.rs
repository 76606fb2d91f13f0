//! Changing an element in the tree: a primitive's value and what stands beside it move together.

use std::borrow::Cow;

use tsumugi_fhir::json::Type;

use crate::{
    Budget, Problem,
    locate::Step,
    tree::{Members, Value},
};

/// One occurrence of an element: `name` and `_name`.
#[derive(Clone, Default)]
pub struct Pair<'a> {
    pub value: Option<Value<'a>>,
    pub extra: Option<Value<'a>>,
}

impl Pair<'_> {
    pub fn size(&self) -> usize {
        [&self.value, &self.extra].into_iter().flatten().map(Value::size).sum()
    }
}

/// The object at the end of `steps`, opened.
pub fn object<'t, 'a>(
    root: &'t mut Value<'a>,
    steps: &[Step],
    budget: &mut Budget,
) -> Result<&'t mut Members<'a>, Problem> {
    let mut value = root;
    for step in steps {
        let members = value.members(budget)?.ok_or(Problem::NoTarget)?;
        value =
            members.iter_mut().find(|(key, _)| *key == step.key).map(|(_, value)| value).ok_or(Problem::NoTarget)?;
        if let Some(index) = step.index {
            value = value.items(budget)?.and_then(|items| items.get_mut(index)).ok_or(Problem::NoTarget)?;
        }
    }
    value.members(budget)?.ok_or(Problem::NoTarget)
}

/// Takes a list out of its object: its occurrences, values aligned with what stands beside them.
pub fn take_list<'a>(members: &mut Members<'a>, key: &str, budget: &mut Budget) -> Result<Vec<Pair<'a>>, Problem> {
    let mut pairs: Vec<Pair<'a>> = Vec::new();
    for (extra, name) in [(false, key.to_owned()), (true, format!("_{key}"))] {
        let Some(at) = members.iter().position(|(known, _)| *known == name) else { continue };
        let items = members[at].1.items(budget)?.ok_or(Problem::NotList)?;
        for (at, item) in std::mem::take(items).into_iter().enumerate() {
            if pairs.len() <= at {
                pairs.push(Pair::default());
            }
            let null = matches!(&item, Value::Null) || matches!(&item, Value::Node(node) if node.kind() == Type::Null);
            if let (false, Some(pair)) = (null, pairs.get_mut(at)) {
                *(if extra { &mut pair.extra } else { &mut pair.value }) = Some(item);
            }
        }
    }
    Ok(pairs)
}

/// Puts a list back in its place, or at the end where it had none; an empty one goes.
pub fn put_list<'a>(members: &mut Members<'a>, key: &str, pairs: Vec<Pair<'a>>) {
    let any_value = pairs.iter().any(|pair| pair.value.is_some());
    let any_extra = pairs.iter().any(|pair| pair.extra.is_some());
    let (values, extras): (Vec<_>, Vec<_>) =
        pairs.into_iter().map(|pair| (pair.value.unwrap_or(Value::Null), pair.extra.unwrap_or(Value::Null))).unzip();
    put(members, key, any_value.then_some(Value::Array(values)));
    put(members, &format!("_{key}"), any_extra.then_some(Value::Array(extras)));
}

/// Sets, adds or removes one member.
pub fn put<'a>(members: &mut Members<'a>, key: &str, value: Option<Value<'a>>) {
    let at = members.iter().position(|(known, _)| known == key);
    match (at, value) {
        (Some(at), Some(value)) => members[at].1 = value,
        (Some(at), None) => drop(members.remove(at)),
        (None, Some(value)) => members.push((Cow::Owned(key.to_owned()), value)),
        (None, None) => {}
    }
}

/// Sets, adds or removes an element that is no list.
pub fn put_pair<'a>(members: &mut Members<'a>, key: &str, pair: Pair<'a>) {
    put(members, key, pair.value);
    put(members, &format!("_{key}"), pair.extra);
}

/// Whether an object has the element, or anything beside it.
pub fn has(members: &Members<'_>, key: &str) -> bool {
    members.iter().any(|(known, _)| known.strip_prefix('_').unwrap_or(known) == key)
}

/// Puts `pair` where the last of `steps` points to, in the place of what is there.
pub fn set<'a>(root: &mut Value<'a>, steps: &[Step], pair: Pair<'a>, budget: &mut Budget) -> Result<(), Problem> {
    let (step, above) = steps.split_last().ok_or(Problem::Root)?;
    let members = object(root, above, budget)?;
    let key = step.plain();
    let Some(index) = step.index else {
        put_pair(members, key, pair);
        return Ok(());
    };
    let mut pairs = take_list(members, key, budget)?;
    *pairs.get_mut(index).ok_or(Problem::NoTarget)? = pair;
    put_list(members, key, pairs);
    Ok(())
}

/// Removes what the last of `steps` points to, and then the objects around it that have nothing left.
pub fn remove(root: &mut Value<'_>, steps: &[Step], budget: &mut Budget) -> Result<(), Problem> {
    let mut rest = steps;
    loop {
        let (step, above) = rest.split_last().ok_or(Problem::Root)?;
        let members = object(root, above, budget)?;
        let (key, beside) = (step.plain(), step.key.starts_with('_'));
        match step.index {
            None if beside => put(members, &step.key, None),
            None => put_pair(members, key, Pair::default()),
            Some(index) => {
                let mut pairs = take_list(members, key, budget)?;
                let pair = pairs.get_mut(index).ok_or(Problem::NoTarget)?;
                if beside && pair.value.is_some() {
                    pair.extra = None;
                } else {
                    pairs.remove(index);
                }
                put_list(members, key, pairs);
            }
        }
        if above.is_empty() || !members.is_empty() {
            return Ok(());
        }
        rest = above;
    }
}

/// The object beside the primitive at the end of `steps`, made where there is none; and the steps to it.
pub fn beside(root: &mut Value<'_>, steps: &[Step], budget: &mut Budget) -> Result<Vec<Step>, Problem> {
    let (step, above) = steps.split_last().ok_or(Problem::Root)?;
    let members = object(root, above, budget)?;
    let name = format!("_{}", step.plain());
    match step.index {
        None if members.iter().any(|(key, _)| *key == name) => {}
        None => put(members, &name, Some(Value::Object(Members::new()))),
        Some(index) => {
            let mut pairs = take_list(members, step.plain(), budget)?;
            let pair = pairs.get_mut(index).ok_or(Problem::NoTarget)?;
            pair.extra.get_or_insert_with(|| Value::Object(Members::new()));
            put_list(members, step.plain(), pairs);
        }
    }
    let mut down = above.to_vec();
    down.push(Step { owner: step.owner, key: name, index: step.index });
    Ok(down)
}
