//! What comes along with a page: `_include` and `_revinclude`, never from anywhere but this shelf.

use std::{collections::HashSet, sync::Arc};

use tsumugi_kernel::Kind;

use crate::{
    SearchError, bounds,
    param::Param,
    query::{Include, Query},
    work::Work,
};

impl Work<'_> {
    /// The places of what comes along with `page`, in the order in which it was found.
    pub(crate) fn include(&self, query: &Query, page: &[usize]) -> Result<Vec<usize>, SearchError> {
        let mut seen: HashSet<usize> = page.iter().copied().collect();
        let mut along = Vec::new();
        let mut last: Vec<usize> = page.to_vec();
        for round in 0..bounds::ROUNDS {
            let mut found = Vec::new();
            for include in query.includes.iter().filter(|include| round == 0 || include.iterate) {
                let next =
                    if include.reverse { self.referring(include, &last)? } else { self.forward(include, &last)? };
                for at in next {
                    if seen.insert(at) {
                        found.push(at);
                    }
                }
                if along.len() + found.len() > bounds::INCLUDED {
                    return Err(SearchError::TooManyIncluded);
                }
            }
            if found.is_empty() {
                break;
            }
            along.extend_from_slice(&found);
            last = found;
        }
        Ok(along)
    }

    fn by(&self, include: &Include, kind: Kind) -> Vec<Arc<Param>> {
        match &include.code {
            Some(code) => self.params.get(kind, code).into_iter().collect(),
            None => self.params.references(kind).collect(),
        }
    }

    fn forward(&self, include: &Include, from: &[usize]) -> Result<Vec<usize>, SearchError> {
        let mut out = Vec::new();
        for at in from {
            let resource = self.resource(*at);
            if include.source.is_some_and(|source| source != resource.kind) {
                continue;
            }
            for param in self.by(include, resource.kind) {
                let targets = self.targets(&param, &resource)?;
                let wanted = |at: &usize| include.target.is_none_or(|target| self.shelf.kind(*at) == target);
                out.extend(targets.into_iter().filter(wanted));
            }
        }
        Ok(out)
    }

    fn referring(&self, include: &Include, to: &[usize]) -> Result<Vec<usize>, SearchError> {
        let wanted = |at: &&usize| include.target.is_none_or(|target| self.shelf.kind(**at) == target);
        let to: HashSet<usize> = to.iter().filter(wanted).copied().collect();
        let mut out = Vec::new();
        if to.is_empty() {
            return Ok(out);
        }
        for at in 0..self.shelf.len() {
            let kind = self.shelf.kind(at);
            if include.source.is_some_and(|source| source != kind) {
                continue;
            }
            let resource = self.resource(at);
            for param in self.by(include, kind) {
                if self.targets(&param, &resource)?.iter().any(|target| to.contains(target)) {
                    out.push(at);
                    break;
                }
            }
        }
        Ok(out)
    }
}
