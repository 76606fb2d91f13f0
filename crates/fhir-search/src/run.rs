//! From a query and a shelf to the matches in order.
//!
//! Conditions that packed values answer go first, in one walk over the packed bytes; only what they leave is opened, and
//! conditions on the body are computed there.

use std::{cmp::Ordering, collections::HashMap};

use tsumugi_fhir::values::{Packed, PackedId};
use tsumugi_kernel::Kind;

use crate::{
    SearchError,
    matches::{Matching, by_packed, packed_ids},
    query::{Clause, Query, Test, Wish},
    sort::{Key, SortPlan},
    test::is_negative,
    work::Work,
};

/// What to do with resources of one kind.
struct Plan<'q> {
    hot: Vec<Hot<'q>>,
    /// Those that need the body.
    cold: Vec<&'q Clause>,
    sort: Vec<SortPlan<'q>>,
}

/// A condition that packed values answer.
struct Hot<'q> {
    packed: u16,
    wish: &'q Wish,
    ids: Vec<PackedId<'q>>,
    only: Option<Kind>,
    implied: Option<&'q str>,
    clause: &'q Clause,
}

/// Most conditions answered in one walk; more are answered one by one.
const WALK: usize = 64;

impl Work<'_> {
    /// The places of the matches, in the order that the query asks for.
    pub(crate) fn run(&self, query: &Query) -> Result<Vec<usize>, SearchError> {
        let mut plans: HashMap<Kind, Plan<'_>> = HashMap::new();
        let mut matches: Vec<(usize, Vec<Key>)> = Vec::new();
        let is_person = |id: &str| self.shelf.is_person(id);
        for at in 0..self.shelf.len() {
            let kind = self.shelf.kind(at);
            if !query.kinds.is_empty() && !query.kinds.contains(&kind) {
                continue;
            }
            let plan = plans.entry(kind).or_insert_with(|| plan(query, kind));
            let resource = self.resource(at);
            let packed = self.packed(&resource);
            let hot = match &packed {
                Some(packed) => self.walk(plan, packed, &is_person),
                None => self.all(plan.hot.iter().map(|hot| hot.clause), &resource)?,
            };
            if hot && self.all(plan.cold.iter().copied(), &resource)? {
                let keys = self.keys(&plan.sort, packed.as_ref(), &resource)?;
                matches.push((at, keys));
            }
        }
        if !query.sort.is_empty() {
            // Equal keys keep the shelf's order, so that every page sorts alike.
            matches.sort_by(|(_, a), (_, b)| {
                let pairs = query.sort.iter().zip(a.iter().zip(b));
                pairs.map(|(sort, (a, b))| a.compare(b, sort.descending)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
            });
        }
        Ok(matches.into_iter().map(|(at, _)| at).collect())
    }

    fn all<'q>(
        &self,
        clauses: impl Iterator<Item = &'q Clause>,
        resource: &crate::work::Resource<'_>,
    ) -> Result<bool, SearchError> {
        for clause in clauses {
            if !self.holds(clause, resource)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether every condition of the walk holds.
    fn walk(&self, plan: &Plan<'_>, packed: &Packed<'_>, is_person: &dyn Fn(&str) -> bool) -> bool {
        let mut matching = Matching { definitions: self.definitions(), base: self.base, implied: None, is_person };
        let mut met = 0u64;
        for (param, value) in packed.entries() {
            for (at, hot) in plan.hot.iter().enumerate() {
                if hot.packed == param && met & (1 << at) == 0 {
                    matching.implied = hot.implied;
                    met |= u64::from(matching.holds_packed(hot.wish, &hot.ids, hot.only, &value)) << at;
                }
            }
        }
        plan.hot.iter().enumerate().all(|(at, hot)| (met & (1 << at) != 0) != is_negative(hot.wish))
    }
}

fn plan(query: &Query, kind: Kind) -> Plan<'_> {
    let mut plan = Plan { hot: Vec::new(), cold: Vec::new(), sort: Vec::new() };
    for clause in &query.clauses {
        match hot(clause, kind).filter(|_| plan.hot.len() < WALK) {
            Some(hot) => plan.hot.push(hot),
            None => plan.cold.push(clause),
        }
    }
    // Cheap ones first: ids and times, then values, then what follows references.
    plan.cold.sort_by_key(|clause| match &clause.test {
        Test::Ids(_) | Test::Updated(_) => 0,
        Test::Values { .. } => 1,
        Test::Words { .. } => 2,
        Test::Chain { .. } => 3,
        Test::Has { .. } => 4,
    });
    plan.sort = query.sort.iter().map(|sort| SortPlan::new(sort, kind)).collect();
    plan
}

fn hot(clause: &Clause, kind: Kind) -> Option<Hot<'_>> {
    let Test::Values { of, wish } = &clause.test else { return None };
    let (_, param) = of.iter().find(|(own, _)| *own == kind)?;
    let packed = param.packed.filter(|_| by_packed(wish))?;
    let only = param.places.first().and_then(|place| place.only);
    Some(Hot { packed, wish, ids: packed_ids(wish), only, implied: param.implied.as_deref(), clause })
}
