//! The password of a sealed file: 20 digits in groups of four, which can be read out on the telephone in any language and
//! typed on any keyboard. 66 bits, since the format's own stretching of passwords is weak.

use tsumugi_kernel::Entropy;

const GROUPS: usize = 5;

/// A new password: `1234-5678-9012-3456-7890`.
pub(crate) fn password(entropy: &dyn Entropy) -> String {
    let mut groups = Vec::with_capacity(GROUPS);
    while groups.len() < GROUPS {
        let mut bytes = [0; 2];
        entropy.fill(&mut bytes);
        let number = u16::from_be_bytes(bytes);
        // What is above a multiple of 10,000 is thrown away, so that no group is likelier than another.
        if number < 60_000 {
            groups.push(format!("{:04}", number % 10_000));
        }
    }
    groups.join("-")
}

/// Whether a text is such a password.
pub(crate) fn is_password(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == GROUPS && groups.iter().all(|group| group.len() == 4 && group.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsumugi_kernel::entropy::SeededEntropy;

    #[test]
    fn passwords_differ_and_are_known_as_such() {
        let entropy = SeededEntropy::new(7);
        let (one, other) = (password(&entropy), password(&entropy));
        assert!(one != other && is_password(&one) && is_password(&other), "{one} {other}");
        for bad in ["", "1234", "1234-5678-9012-3456-789a", "1234-5678-9012-3456-7890-1234", "12345678901234567890"] {
            assert!(!is_password(bad), "{bad}");
        }
    }
}
