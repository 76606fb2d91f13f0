//! Numbers as Japan writes them: 23, ２３, 二十三, 二三, 元.

/// The number that a text says, at most 9999; `None` if it says none. `元` is one.
#[must_use]
pub fn read(text: &str) -> Option<u32> {
    if text.is_empty() || text.chars().count() > 8 {
        return None;
    }
    if text == "元" {
        return Some(1);
    }
    if text.chars().all(|c| c.is_ascii_digit()) {
        return text.parse().ok().filter(|number| *number <= 9999);
    }
    if text.chars().all(|c| digit(c).is_some()) {
        // By places: 二三, 一九四八.
        let number = text.chars().filter_map(digit).fold(0_u64, |number, digit| number * 10 + u64::from(digit));
        return u32::try_from(number).ok().filter(|number| *number <= 9999);
    }
    by_units(text)
}

/// 二十三, 千九百四十八, 廿三.
fn by_units(text: &str) -> Option<u32> {
    let (mut number, mut pending, mut least) = (0_u32, None, 10_000_u32);
    for c in text.chars() {
        let unit = match c {
            '千' => 1000,
            '百' => 100,
            '十' | '拾' => 10,
            '廿' => {
                if pending.is_some() || least <= 10 {
                    return None;
                }
                number += 20;
                least = 10;
                continue;
            }
            _ => {
                if pending.is_some() {
                    return None;
                }
                pending = Some(digit(c)?);
                continue;
            }
        };
        if unit >= least {
            return None;
        }
        number += pending.take().unwrap_or(1) * unit;
        least = unit;
    }
    Some(number + pending.unwrap_or(0)).filter(|number| *number <= 9999)
}

/// One digit, Arabic or Chinese.
#[must_use]
pub fn digit(c: char) -> Option<u32> {
    c.to_digit(10)
        .or_else(|| "〇一二三四五六七八九".chars().position(|d| d == c).and_then(|d| u32::try_from(d).ok()))
        .or(match c {
            '零' | '○' => Some(0),
            '壱' | '壹' => Some(1),
            '弐' | '貳' => Some(2),
            '参' | '參' => Some(3),
            _ => None,
        })
}

/// Whether a character may stand in a number.
#[must_use]
pub fn is_part(c: char) -> bool {
    digit(c).is_some() || matches!(c, '十' | '百' | '千' | '拾' | '廿' | '元')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_writing_of_a_number() {
        for (text, number) in [
            ("23", Some(23)),
            ("二十三", Some(23)),
            ("二三", Some(23)),
            ("十", Some(10)),
            ("廿三", Some(23)),
            ("千九百四十八", Some(1948)),
            ("一九四八", Some(1948)),
            ("元", Some(1)),
            ("参拾", Some(30)),
            ("二〇", Some(20)),
            ("", None),
            ("三田", None),
            ("十百", None),
            ("二三十", None),
            ("99999", None),
        ] {
            assert_eq!(read(text), number, "{text}");
        }
    }
}
