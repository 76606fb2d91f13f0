//! Functions of whole collections: existence, filters, projections, combinations.

use std::cmp::Ordering;

use super::equal::Distinct;
use super::{Answer, Machine, Scope, one, single, some, truth, truth_of};
use crate::error::EvalError;
use crate::item::{Collection, Item};
use crate::syntax::ast::{Call, Expr};
use crate::syntax::functions::Set;

/// An item to sort, after its keys.
type Row<'a> = (Vec<Option<Item<'a>>>, Item<'a>);

impl<'a> Machine<'_, 'a> {
    pub(super) fn set(&mut self, set: Set, call: &'a Call, input: Collection<'a>, scope: Scope<'_, 'a>) -> Answer<'a> {
        match set {
            Set::Where
            | Set::Select
            | Set::Exists
            | Set::All
            | Set::Repeat
            | Set::Aggregate
            | Set::Sort
            | Set::Iif
            | Set::Trace => self.lambda(set, call, input, scope),
            Set::Is | Set::As | Set::OfType => self.types(set, call, input),
            Set::SubsetOf
            | Set::SupersetOf
            | Set::Intersect
            | Set::Exclude
            | Set::Union
            | Set::Combine
            | Set::Skip
            | Set::Take => self.with_other(set, call, input, scope),
            _ => self.alone(set, input),
        }
    }

    /// Functions without arguments.
    fn alone(&mut self, set: Set, mut input: Collection<'a>) -> Answer<'a> {
        Ok(match set {
            Set::Empty => one(Item::Boolean(input.is_empty())),
            Set::AllTrue | Set::AnyTrue | Set::AllFalse | Set::AnyFalse => one(Item::Boolean(truths(set, &input)?)),
            Set::Count => one(Item::Integer(i32::try_from(input.len()).unwrap_or(i32::MAX))),
            Set::Distinct => self.distinct(input)?,
            Set::IsDistinct => {
                let count = input.len();
                one(Item::Boolean(self.distinct(input)?.len() == count))
            }
            Set::Single => some(single(&input, "single()")?.cloned()),
            Set::First => {
                input.truncate(1);
                input
            }
            Set::Last => some(input.pop()),
            Set::Tail => input.into_iter().skip(1).collect(),
            Set::Children => {
                let mut out = Collection::new();
                for item in &input {
                    self.children(item, &mut out)?;
                }
                out
            }
            Set::Descendants => self.descendants(&input)?,
            Set::Not => truth_of(truth(&input, "not()")?.map(|yes| !yes)),
            _ => some(single(&input, "type()")?.map(|item| self.type_of(item))),
        })
    }

    pub(super) fn distinct(&mut self, input: Collection<'a>) -> Answer<'a> {
        let mut out = Distinct::default();
        self.add_distinct(input, &mut out)?;
        Ok(out.items)
    }

    /// Every element below, each level after the one above it.
    fn descendants(&mut self, input: &[Item<'a>]) -> Answer<'a> {
        let mut out = Collection::new();
        for item in input {
            self.children(item, &mut out)?;
        }
        let mut at = 0;
        while at < out.len() {
            let item = out[at].clone();
            self.children(&item, &mut out)?;
            at += 1;
        }
        Ok(out)
    }

    fn type_of(&self, item: &Item<'a>) -> Item<'a> {
        let name: Box<str> = item.type_name(self.context.defs).into();
        match item {
            Item::Node(element) if element.is_fhir(self.context.defs) => Item::Type("FHIR", name),
            _ => Item::Type("System", name),
        }
    }

    /// Functions with a collection or number as argument, which sees what stands around the call.
    fn with_other(&mut self, set: Set, call: &'a Call, input: Collection<'a>, scope: Scope<'_, 'a>) -> Answer<'a> {
        let other = self.argument(call, 0, scope)?;
        Ok(match set {
            Set::SubsetOf => one(Item::Boolean(self.subset(&input, &other)?)),
            Set::SupersetOf => one(Item::Boolean(self.subset(&other, &input)?)),
            Set::Skip | Set::Take => {
                let count = self.integer(&other, "skip()/take()")?.ok_or(EvalError::Argument("skip()/take()"))?;
                let count = usize::try_from(count).unwrap_or(0);
                match set {
                    Set::Skip => input.into_iter().skip(count).collect(),
                    _ => input.into_iter().take(count).collect(),
                }
            }
            Set::Union => {
                let mut out = Distinct::default();
                self.add_distinct(input, &mut out)?;
                self.add_distinct(other, &mut out)?;
                out.items
            }
            Set::Combine => {
                self.charge(other.len())?;
                self.bound(input.len() + other.len())?;
                input.into_iter().chain(other).collect()
            }
            Set::Intersect => {
                let mut out = Distinct::default();
                for item in input {
                    if self.holds(&other, &item)? {
                        self.add_distinct([item], &mut out)?;
                    }
                }
                out.items
            }
            _ => {
                let mut out = Collection::new();
                for item in input {
                    if !self.holds(&other, &item)? {
                        out.push(item);
                    }
                }
                out
            }
        })
    }

    fn subset(&mut self, items: &[Item<'a>], of: &[Item<'a>]) -> Result<bool, EvalError> {
        for item in items {
            if !self.holds(of, item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn types(&mut self, set: Set, call: &'a Call, input: Collection<'a>) -> Answer<'a> {
        let spec = call.ty.as_ref().ok_or(EvalError::UnknownType)?;
        match set {
            Set::Is => self.is(&input, spec),
            _ => self.cast(input, spec, set == Set::As),
        }
    }

    /// Functions whose argument is evaluated for each item.
    fn lambda(&mut self, set: Set, call: &'a Call, input: Collection<'a>, scope: Scope<'_, 'a>) -> Answer<'a> {
        let argument = call.arguments.first();
        match (set, argument) {
            (Set::Exists, None) => Ok(one(Item::Boolean(!input.is_empty()))),
            (Set::Exists, Some(criterion)) => {
                for (at, item) in input.iter().enumerate() {
                    if self.holds_for(criterion, item, at, "exists()")? {
                        return Ok(one(Item::Boolean(true)));
                    }
                }
                Ok(one(Item::Boolean(false)))
            }
            (Set::All, Some(criterion)) => {
                for (at, item) in input.iter().enumerate() {
                    if !self.holds_for(criterion, item, at, "all()")? {
                        return Ok(one(Item::Boolean(false)));
                    }
                }
                Ok(one(Item::Boolean(true)))
            }
            (Set::Where, Some(criterion)) => {
                let mut out = Collection::new();
                for (at, item) in input.into_iter().enumerate() {
                    if self.holds_for(criterion, &item, at, "where()")? {
                        out.push(item);
                    }
                }
                Ok(out)
            }
            (Set::Select, Some(projection)) => {
                let mut out = Collection::new();
                for (at, item) in input.iter().enumerate() {
                    let more = self.for_item(projection, item, at, None)?;
                    out.extend(more);
                    self.bound(out.len())?;
                }
                Ok(out)
            }
            (Set::Repeat, Some(projection)) => self.repeat(projection, input),
            (Set::Aggregate, Some(aggregator)) => self.aggregate(aggregator, call, &input, scope),
            (Set::Iif, Some(criterion)) => self.iif(criterion, call, &input, scope),
            (Set::Sort, _) => self.sort(call, input),
            (_, _) => self.trace(call, input, scope),
        }
    }

    /// An argument evaluated for one item.
    fn for_item(&mut self, argument: &'a Expr, item: &Item<'a>, at: usize, total: Option<&[Item<'a>]>) -> Answer<'a> {
        let index = i32::try_from(at).ok();
        self.expression(argument, Scope { focus: std::slice::from_ref(item), index, total })
    }

    /// Whether a criterion is true of one item; empty counts as not.
    fn holds_for(
        &mut self,
        criterion: &'a Expr,
        item: &Item<'a>,
        at: usize,
        what: &'static str,
    ) -> Result<bool, EvalError> {
        let answer = self.for_item(criterion, item, at, None)?;
        Ok(truth(&answer, what)? == Some(true))
    }

    /// Projects again what came out, until nothing new does. Equal items come once, so that cycles end.
    fn repeat(&mut self, projection: &'a Expr, input: Collection<'a>) -> Answer<'a> {
        let mut out = Distinct::default();
        for (at, item) in input.iter().enumerate() {
            let more = self.for_item(projection, item, at, None)?;
            self.add_distinct(more, &mut out)?;
        }
        let mut at = 0;
        while at < out.items.len() {
            let item = out.items[at].clone();
            let more = self.for_item(projection, &item, at, None)?;
            self.add_distinct(more, &mut out)?;
            at += 1;
        }
        Ok(out.items)
    }

    fn aggregate(
        &mut self,
        aggregator: &'a Expr,
        call: &'a Call,
        input: &[Item<'a>],
        scope: Scope<'_, 'a>,
    ) -> Answer<'a> {
        let mut total = self.argument(call, 1, scope)?;
        for (at, item) in input.iter().enumerate() {
            total = self.for_item(aggregator, item, at, Some(&total))?;
            self.bound(total.len())?;
        }
        Ok(total)
    }

    /// Only the branch that is taken is evaluated; all see the input as `$this`.
    fn iif(&mut self, criterion: &'a Expr, call: &'a Call, input: &[Item<'a>], scope: Scope<'_, 'a>) -> Answer<'a> {
        single(input, "iif()")?;
        let inner = Scope { focus: input, ..scope };
        let answer = self.expression(criterion, inner)?;
        match truth(&answer, "iif()")? {
            Some(true) => self.argument(call, 1, inner),
            _ => self.argument(call, 2, inner),
        }
    }

    /// The input. Nothing is written anywhere: what an expression sees is somebody's. The projection is evaluated, so
    /// that what is wrong in it is said.
    fn trace(&mut self, call: &'a Call, input: Collection<'a>, scope: Scope<'_, 'a>) -> Answer<'a> {
        let name = self.argument(call, 0, scope)?;
        single(&name, "trace()")?;
        if let Some(projection) = call.arguments.get(1) {
            for (at, item) in input.iter().enumerate() {
                self.for_item(projection, item, at, None)?;
            }
        }
        Ok(input)
    }

    /// Sorts by the items themselves, or by keys; a key with `-` before it sorts downwards. Empty keys
    /// come first either way.
    fn sort(&mut self, call: &'a Call, input: Collection<'a>) -> Answer<'a> {
        let mut rows = Vec::with_capacity(input.len());
        for (at, item) in input.into_iter().enumerate() {
            let mut keys = Vec::with_capacity(call.arguments.len());
            for argument in &call.arguments {
                let key = match argument {
                    Expr::Minus(inner) => inner,
                    other => other,
                };
                let key = self.for_item(key, &item, at, None)?;
                keys.push(single(&key, "sort()")?.cloned());
            }
            if call.arguments.is_empty() {
                keys.push(Some(item.clone()));
            }
            rows.push((keys, item));
        }
        let rows = self.merge_sort(call, rows)?;
        Ok(rows.into_iter().map(|(_, item)| item).collect())
    }

    /// A stable merge sort of our own: keys of differing precision have no total order, which the standard library's
    /// sort may answer with a panic.
    fn merge_sort(&mut self, call: &Call, rows: Vec<Row<'a>>) -> Result<Vec<Row<'a>>, EvalError> {
        let mut runs: Vec<Vec<Row<'a>>> = rows.into_iter().map(|row| vec![row]).collect();
        while runs.len() > 1 {
            let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
            let mut pairs = runs.into_iter();
            while let Some(left) = pairs.next() {
                merged.push(match pairs.next() {
                    Some(right) => self.merge(call, left, right)?,
                    None => left,
                });
            }
            runs = merged;
        }
        Ok(runs.pop().unwrap_or_default())
    }

    fn merge(&mut self, call: &Call, left: Vec<Row<'a>>, right: Vec<Row<'a>>) -> Result<Vec<Row<'a>>, EvalError> {
        let mut out = Vec::with_capacity(left.len() + right.len());
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let later = self.order_keys(call, &a.0, &b.0)?.is_gt();
            out.extend(if later { right.next() } else { left.next() });
        }
        out.extend(left);
        out.extend(right);
        Ok(out)
    }

    fn order_keys(
        &mut self,
        call: &Call,
        a: &[Option<Item<'a>>],
        b: &[Option<Item<'a>>],
    ) -> Result<Ordering, EvalError> {
        for (at, (x, y)) in a.iter().zip(b).enumerate() {
            self.charge(1)?;
            let down = matches!(call.arguments.get(at), Some(Expr::Minus(_)));
            let order = match (x, y) {
                (Some(x), Some(y)) => {
                    let order = self.compare(x, y, "sort()")?.unwrap_or(Ordering::Equal);
                    if down { order.reverse() } else { order }
                }
                (x, y) => x.is_some().cmp(&y.is_some()),
            };
            if order.is_ne() {
                return Ok(order);
            }
        }
        Ok(Ordering::Equal)
    }
}

/// `allTrue()` and its like: every item must be a boolean.
fn truths(set: Set, input: &[Item<'_>]) -> Result<bool, EvalError> {
    let mut booleans = Vec::with_capacity(input.len());
    for item in input {
        booleans.push(item.as_bool().ok_or(EvalError::Type("allTrue()"))?);
    }
    Ok(match set {
        Set::AllTrue => booleans.iter().all(|yes| *yes),
        Set::AnyTrue => booleans.iter().any(|yes| *yes),
        Set::AllFalse => booleans.iter().all(|yes| !*yes),
        _ => booleans.iter().any(|yes| !*yes),
    })
}
