//! Sets of record categories.

use tsumugi_kernel::RecordCategory;

/// A set of record categories: one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CategoryMask(u32);

impl CategoryMask {
    /// No category.
    pub const NONE: Self = Self(0);
    /// Every category.
    pub const ALL: Self = Self((1 << RecordCategory::ALL.len()) - 1);

    /// Whether the category is in the set.
    #[must_use]
    pub const fn has(self, category: RecordCategory) -> bool {
        self.0 & (1 << category as u32) != 0
    }

    /// The set with this category.
    #[must_use]
    pub const fn with(self, category: RecordCategory) -> Self {
        Self(self.0 | (1 << category as u32))
    }

    /// The set without this category.
    #[must_use]
    pub const fn without(self, category: RecordCategory) -> Self {
        Self(self.0 & !(1 << category as u32))
    }

    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The categories in it, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = RecordCategory> {
        RecordCategory::ALL.iter().copied().filter(move |category| self.has(*category))
    }

    /// Reads the form of a policy's `@shows`: `all`, `none`, or codes; a code with `-` before it is taken away.
    /// `all -claims -genome` and `identity care` are such texts. `None` names no word: the first unknown one fails.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let mut mask = match text.split_whitespace().next()? {
            "all" => {
                words.next();
                Self::ALL
            }
            "none" => {
                words.next();
                Self::NONE
            }
            _ => Self::NONE,
        };
        for word in words {
            mask = match word.strip_prefix('-') {
                Some(code) => mask.without(RecordCategory::from_code(code)?),
                None => mask.with(RecordCategory::from_code(word)?),
            };
        }
        Some(mask)
    }
}

impl FromIterator<RecordCategory> for CategoryMask {
    fn from_iter<I: IntoIterator<Item = RecordCategory>>(categories: I) -> Self {
        categories.into_iter().fold(Self::NONE, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_policy_become_a_set() {
        let all_but = CategoryMask::parse("all -claims -public-health").unwrap();
        assert_eq!(all_but, CategoryMask::ALL.without(RecordCategory::Claims).without(RecordCategory::PublicHealth));
        let two = CategoryMask::parse("identity care").unwrap();
        assert_eq!(two.iter().collect::<Vec<_>>(), [RecordCategory::Identity, RecordCategory::Care]);
        assert_eq!(CategoryMask::parse("none"), Some(CategoryMask::NONE));
        assert_eq!(CategoryMask::parse("identity cares"), None);
        assert_eq!(CategoryMask::parse(""), None);
    }
}
