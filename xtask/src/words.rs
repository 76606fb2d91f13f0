//! Words that must not stand in the repository: paths and package hosts of somebody's machine, and notes to oneself.
//!
//! The words are written in pieces, so that this file does not hold what it forbids.

use crate::{Files, Finding};

/// Folders of one machine; they count at the start of a path, not inside an address.
const PATHS: [&[&str]; 4] = [&["/wo", "rk/"], &["/ro", "ot/"], &["/ho", "me/"], &["/Us", "ers/"]];
/// Hosts that serve packages: a lock file must not say where one machine got them.
const HOSTS: [&[&str]; 7] = [
    &["registry.", "npmjs"],
    &["registry.", "yarnpkg"],
    &["index.", "crates.io"],
    &["static.", "crates.io"],
    &["pypi", ".org"],
    &["python", "hosted"],
    &["deb.", "debian.org"],
];
/// Notes to oneself: what is left to do is an issue, not a comment.
const NOTES: [&[&str]; 4] = [&["TO", "DO"], &["FIX", "ME"], &["X", "XX"], &["HA", "CK"]];

/// Every line that holds a forbidden word.
pub fn check(files: &Files) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in files {
        for (number, line) in text.lines().enumerate() {
            let at = || format!("{path}:{}", number + 1);
            for word in PATHS.map(<[&str]>::concat) {
                if found(line, &word, |before, _| {
                    !before.is_some_and(|c| c.is_alphanumeric() || "./-_*~}>".contains(c))
                }) {
                    findings.push(Finding::new(at(), format!("names a folder of one machine (`{word}`)")));
                }
            }
            for word in HOSTS.map(<[&str]>::concat) {
                if line.contains(&word) {
                    findings.push(Finding::new(at(), format!("names a package host (`{word}`)")));
                }
            }
            for word in NOTES.map(<[&str]>::concat) {
                let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                if found(line, &word, |before, after| !inside(before) && !inside(after)) {
                    findings.push(Finding::new(at(), format!("`{word}`: finish it, or file an issue")));
                }
            }
        }
    }
    findings
}

/// Whether `word` stands in `line` with neighbours that `fits` accepts.
fn found(line: &str, word: &str, fits: impl Fn(Option<char>, Option<char>) -> bool) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line.get(start + word.len()..).and_then(|text| text.chars().next());
        fits(before, after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&Files::from([("a.txt".into(), text.into())])).len()
    }

    #[test]
    fn each_forbidden_word_is_found() {
        for word in PATHS.iter().chain(&HOSTS).chain(&NOTES).map(|pieces| pieces.concat()) {
            assert_eq!(count(&format!("one {word} two")), 1, "{word}");
            assert_eq!(count(&format!("\"{word}\"")), 1, "{word}");
        }
    }

    #[test]
    fn innocent_neighbours_pass() {
        let [path, _, _, _] = PATHS.map(<[&str]>::concat);
        let [to_do, _, triple, hack] = NOTES.map(<[&str]>::concat);
        assert_eq!(count(&format!("https://example.org{path}page frame{path}x")), 0);
        assert_eq!(count(&format!("0{triple}0 {hack}NEY {to_do}_LIST")), 0);
    }

    #[test]
    fn the_place_is_named() {
        let note = NOTES[0].concat();
        let found = check(&Files::from([("a.rs".into(), format!("fine\n// {note} later\n"))]));
        assert_eq!(found[0].place, "a.rs:2");
    }
}
