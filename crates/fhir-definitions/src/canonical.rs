//! Looking up by canonical URL, with or without `|version`.

use std::cmp::Ordering;

use crate::hash::Map;

/// From canonical URLs to places in a list. One URL may be there in several versions; of an unversioned look-up the
/// answer is the highest version.
#[derive(Clone, Debug, Default)]
pub(crate) struct Canonicals {
    /// By `url` the highest version; by `url|version` that one.
    places: Map<Box<str>, u32>,
}

impl Canonicals {
    /// Adds what stands at `place`. `other` gives the version of a place already in. Answers the place that has the same
    /// URL and version, if there is one: then nothing is added.
    pub(crate) fn add<'a>(
        &mut self,
        url: &str,
        version: Option<&str>,
        place: u32,
        other: impl Fn(u32) -> Option<&'a str>,
    ) -> Option<u32> {
        let exact = format!("{url}|{}", version.unwrap_or("")).into_boxed_str();
        if let Some(&there) = self.places.get(&exact) {
            return Some(there);
        }
        self.places.insert(exact, place);
        match self.places.get_mut(url) {
            Some(latest) if newer(version, other(*latest)) => *latest = place,
            Some(_) => {}
            None => drop(self.places.insert(url.into(), place)),
        }
        None
    }

    /// The place of `url` or `url|version`. A version that is not there is not replaced by another.
    pub(crate) fn find(&self, canonical: &str) -> Option<u32> {
        if let Some(&place) = self.places.get(canonical) {
            return Some(place);
        }
        // A fragment names a part of what the URL names.
        self.places.get(canonical.split_once('#')?.0).copied()
    }
}

/// Whether version `a` is higher than `b`: numbers by value, other parts as text, absent lowest.
pub(crate) fn newer(a: Option<&str>, b: Option<&str>) -> bool {
    let parts = |version: Option<&str>| -> Vec<(u64, String)> {
        let parts = version.unwrap_or("").split(['.', '-', '+']).filter(|part| !part.is_empty());
        parts.map(|part| part.parse().map_or_else(|_| (0, part.to_owned()), |number| (number, String::new()))).collect()
    };
    parts(a).cmp(&parts(b)) == Ordering::Greater
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (higher, lower) in
            [("1.10.0", "1.9.0"), ("2", "1.99"), ("1.0.1", "1.0"), ("4.0.1", ""), ("1.5.2-snap", "1.5.1")]
        {
            assert!(newer(Some(higher), Some(lower)), "{higher} {lower}");
            assert!(!newer(Some(lower), Some(higher)), "{lower} {higher}");
        }
        assert!(newer(Some("1"), None) && !newer(None, None));
    }
}
