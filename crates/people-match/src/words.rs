//! Levels of agreement in plain words, for whoever decides about a candidate. No word here says a person's data.

use crate::compare::{Address, Birth, Family, Given, Insurance, Levels, Phone, Sex};

/// One sentence in Japanese and in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// です・ます.
    pub ja: &'static str,
    /// The same in English.
    pub en: &'static str,
}

const fn words(ja: &'static str, en: &'static str) -> Option<Words> {
    Some(Words { ja, en })
}

impl Levels {
    /// What agrees and what does not, name first. What one side does not say is left out.
    #[must_use]
    pub fn words(&self) -> Vec<Words> {
        [
            given(self.given),
            family(self.family),
            birth(self.birth),
            match self.sex {
                Sex::Same => words("性別は同じです。", "The sex is the same."),
                Sex::Different => words("性別が違います。", "The sex differs."),
                Sex::Missing => None,
            },
            address(self.address),
            match self.phone {
                Phone::Same => words("電話番号が同じです。", "A telephone number is the same."),
                Phone::Different => words("電話番号が違います。", "The telephone numbers differ."),
                Phone::Missing => None,
            },
            insurance(self.insurance),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

const fn given(level: Given) -> Option<Words> {
    match level {
        Given::Exact => words("名は同じです。", "The given name is the same."),
        Given::Variant => words("名は同じです(表記が異なります)。", "The given name is the same, written otherwise."),
        Given::Sound => words("名の読みは同じです。", "The given name reads the same."),
        Given::Homophone => {
            words("名の読みは同じですが、漢字が違います。", "The given name reads the same in other characters.")
        }
        Given::OtherReading => {
            words("名の漢字は同じですが、読みが違います。", "The given name has the same characters, read otherwise.")
        }
        Given::Near => words("名の読みがよく似ています。", "The given name reads nearly the same."),
        Given::Swapped => words("姓と名が入れ替わっています。", "Family and given name stand in each other's place."),
        Given::Similar => words(
            "名は似ていますが、漢字も読みも違います。",
            "The given names are similar, but differ in characters and in reading.",
        ),
        Given::Different => words("名が違います。", "The given names differ."),
        Given::Missing => None,
    }
}

const fn family(level: Family) -> Option<Words> {
    match level {
        Family::Exact | Family::Shared => words("姓は同じです。", "The family name is the same."),
        Family::Variant => words("姓は同じです(表記が異なります)。", "The family name is the same, written otherwise."),
        Family::Sound => words("姓の読みは同じです。", "The family name reads the same."),
        Family::Homophone => {
            words("姓の読みは同じですが、漢字が違います。", "The family name reads the same in other characters.")
        }
        Family::Near => words("姓の読みがよく似ています。", "The family name reads nearly the same."),
        Family::Changed => words(
            "姓が違います(結婚や養子縁組かもしれません)。",
            "The family names differ, as after a marriage or an adoption.",
        ),
        Family::Different => words("姓が違います。", "The family names differ."),
        Family::Swapped | Family::Missing => None,
    }
}

const fn birth(level: Birth) -> Option<Words> {
    match level {
        Birth::Same => words("生年月日は同じです。", "The birth date is the same."),
        Birth::Swapped => {
            words("生まれた月と日が入れ替わっています。", "Day and month of birth stand in each other's place.")
        }
        Birth::EraSlip => words(
            "生まれた月日は同じで、年の元号が違うようです。",
            "The birthday is the same; the era of the year seems to be another.",
        ),
        Birth::OneDigit => words("生年月日の数字が一つ違います。", "One digit of the birth date differs."),
        Birth::OnePart => {
            words("生年月日の年・月・日のうち一つが違います。", "One of year, month and day of birth differs.")
        }
        Birth::Partial => {
            words("生年月日は、わかるところまで同じです。", "The birth date is the same as far as it is known.")
        }
        Birth::Around => words("年齢は近いようです(推定)。", "The age seems close; it is a guess."),
        Birth::Different => words("生年月日が違います。", "The birth dates differ."),
        Birth::Generation => {
            words("生年月日が親子ほど離れています。", "The birth dates are as far apart as parent and child.")
        }
        Birth::Missing => None,
    }
}

const fn address(level: Address) -> Option<Words> {
    match level {
        Address::Household => words("住所は同じです。", "The address is the same."),
        Address::Block => words("番地まで同じです。", "The address is the same up to the number of the house."),
        Address::Town => words("同じ町です。", "The town is the same."),
        Address::City => words("同じ市区町村です。", "The city is the same."),
        Address::Different => words("住所が違います。", "The addresses differ."),
        Address::Missing => None,
    }
}

const fn insurance(level: Insurance) -> Option<Words> {
    match level {
        Insurance::SameBranch => {
            words("保険証の番号と枝番が同じです。", "The insured number and its branch are the same.")
        }
        Insurance::Household => {
            words("保険証の番号が同じです(同じ世帯)。", "The insured number is the same: one household.")
        }
        Insurance::OtherBranch => {
            words("同じ世帯の別の人の枝番です。", "The branch number is of another person of the household.")
        }
        Insurance::Insurer => words("保険者は同じです。", "The insurer is the same."),
        Insurance::Different => words("保険者が違います。", "The insurers differ."),
        Insurance::Missing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_said_and_what_is_missing_is_not() {
        let levels = Levels {
            given: Given::Exact,
            family: Family::Changed,
            birth: Birth::Same,
            sex: Sex::Same,
            address: Address::Different,
            phone: Phone::Same,
            insurance: Insurance::Missing,
        };
        let all = levels.words();
        assert_eq!(all.len(), 6);
        assert!(all.iter().all(|words| words.ja.ends_with('。') && words.en.ends_with('.')));
        assert!(all[1].ja.contains("結婚"));
        let nothing = Levels {
            given: Given::Missing,
            family: Family::Missing,
            birth: Birth::Missing,
            sex: Sex::Missing,
            address: Address::Missing,
            phone: Phone::Missing,
            insurance: Insurance::Missing,
        };
        assert_eq!(nothing.words(), []);
    }
}
