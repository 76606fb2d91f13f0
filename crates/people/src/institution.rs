//! The ten-digit number of an institution, read and checked.
//!
//! Two digits of the prefecture, one of the kind (点数表: 1 医科, 3 歯科, 4 調剤, 6 訪問看護; care offices have 5, 7 or 9), then
//! seven digits of which the last is the check digit of the six before it: from the right, times 2 and 1 in turn, digits
//! of the products added, the sum taken to the next ten (医療機関コード等設定要領; the published number 1318814790 fits).

/// What an institution's number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstitutionNumber {
    /// 01 to 47; 49 stands for made-up institutions of demonstrations.
    pub prefecture: u8,
    /// The digit of the kind.
    pub kind: u8,
}

/// Why a text is no institution number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstitutionFault {
    /// Not ten ASCII digits.
    #[error("an institution number has ten ASCII digits: prefecture 2, kind 1, code 7")]
    Digits,
    /// No such prefecture.
    #[error("the first two digits of an institution number are a prefecture, 01 to 47")]
    Prefecture,
    /// No such kind.
    #[error("the third digit of an institution number is its kind: 1, 3, 4 or 6, or 5, 7 or 9 for a care office")]
    Kind,
    /// The check digit is wrong.
    #[error("the check digit of the institution number is wrong; look for a misread digit")]
    CheckDigit,
}

impl InstitutionNumber {
    /// Reads and checks a number.
    ///
    /// # Errors
    /// [`InstitutionFault`].
    pub fn read(text: &str) -> Result<Self, InstitutionFault> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
        if text.len() != 10 || digits.len() != 10 {
            return Err(InstitutionFault::Digits);
        }
        let (prefecture, kind) = (digits[0] * 10 + digits[1], digits[2]);
        if !matches!(prefecture, 1..=47 | 49) {
            return Err(InstitutionFault::Prefecture);
        }
        if !matches!(kind, 1 | 3..=7 | 9) {
            return Err(InstitutionFault::Kind);
        }
        if check_digit(&digits[3..9]) == digits[9] {
            Ok(Self { prefecture, kind })
        } else {
            Err(InstitutionFault::CheckDigit)
        }
    }

    /// Whether it is the number of a care office alone.
    #[must_use]
    pub const fn is_care_office(self) -> bool {
        matches!(self.kind, 5 | 7 | 9)
    }
}

fn check_digit(digits: &[u8]) -> u8 {
    let sum: u8 = digits
        .iter()
        .rev()
        .zip([2, 1].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_checked_part_by_part() {
        for (text, expected) in [
            ("1318814790", Ok(InstitutionNumber { prefecture: 13, kind: 1 })),
            ("4911000017", Ok(InstitutionNumber { prefecture: 49, kind: 1 })),
            ("1318814791", Err(InstitutionFault::CheckDigit)),
            ("1381814790", Err(InstitutionFault::Kind)),
            ("4818814790", Err(InstitutionFault::Prefecture)),
            ("0018814790", Err(InstitutionFault::Prefecture)),
            ("131881479", Err(InstitutionFault::Digits)),
            ("１３１８８１４７９０", Err(InstitutionFault::Digits)),
            ("13188147９0", Err(InstitutionFault::Digits)),
            ("", Err(InstitutionFault::Digits)),
        ] {
            assert_eq!(InstitutionNumber::read(text), expected, "{text}");
        }
    }

    #[test]
    fn every_single_wrong_digit_of_the_code_is_noticed() {
        for at in 3..10 {
            for by in 1..10 {
                let mut text = *b"1318814790";
                text[at] = b'0' + (text[at] - b'0' + by) % 10;
                let text = std::str::from_utf8(&text).unwrap();
                assert_eq!(InstitutionNumber::read(text), Err(InstitutionFault::CheckDigit), "{text}");
            }
        }
    }
}
