//! Search parameters by kind, code and URL.

use std::sync::Arc;

use crate::{
    hash::Map,
    model::{SearchParam, TypeKind},
    types::Types,
};

/// All search parameters and where each applies.
#[derive(Clone, Debug, Default)]
pub(crate) struct SearchParams {
    list: Vec<Arc<SearchParam>>,
    kinds: Map<Box<str>, Kind>,
    urls: Map<Box<str>, u32>,
}

/// The parameters of one kind.
#[derive(Clone, Debug, Default)]
struct Kind {
    /// Its own first, then `DomainResource`'s and `Resource`'s.
    params: Vec<Arc<SearchParam>>,
    codes: Map<Box<str>, u32>,
}

impl SearchParams {
    /// The table of `list`. Of two parameters with one URL, or with one code on one kind, the first stands.
    pub(crate) fn new(list: Vec<Arc<SearchParam>>, types: &Types) -> Self {
        let mut this = Self::default();
        let mut by_base: Map<&str, Vec<u32>> = Map::default();
        for (at, param) in (0..).zip(&list) {
            if this.urls.contains_key(&param.url) {
                continue;
            }
            this.urls.insert(param.url.clone(), at);
            for base in &param.bases {
                by_base.entry(base).or_default().push(at);
            }
        }
        for (_, ty) in types.all().filter(|(_, ty)| ty.kind == TypeKind::Resource) {
            let mut kind = Kind::default();
            let mut step = Some(ty);
            while let Some(ty) = step {
                let own = by_base.get(&*ty.name).into_iter().flatten();
                for param in own.filter_map(|&at| list.get(at as usize)) {
                    kind.add(param);
                }
                step = ty.base.map(|base| types.get(base));
            }
            this.kinds.insert(ty.name.clone(), kind);
        }
        this.list = list;
        this
    }

    pub(crate) fn list(&self) -> &[Arc<SearchParam>] {
        &self.list
    }

    pub(crate) fn of_kind(&self, kind: &str) -> &[Arc<SearchParam>] {
        self.kinds.get(kind).map_or(&[], |kind| &kind.params)
    }

    pub(crate) fn find(&self, kind: &str, code: &str) -> Option<&SearchParam> {
        let kind = self.kinds.get(kind)?;
        kind.params.get(*kind.codes.get(code)? as usize).map(|param| &**param)
    }

    pub(crate) fn by_url(&self, url: &str) -> Option<&SearchParam> {
        let url = url.split_once('|').map_or(url, |(url, _)| url);
        self.list.get(*self.urls.get(url)? as usize).map(|param| &**param)
    }
}

impl Kind {
    fn add(&mut self, param: &Arc<SearchParam>) {
        let Ok(place) = u32::try_from(self.params.len()) else { return };
        if !self.codes.contains_key(&param.code) {
            self.codes.insert(param.code.clone(), place);
            self.params.push(Arc::clone(param));
        }
    }
}
