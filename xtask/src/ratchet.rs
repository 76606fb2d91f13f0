//! Size ratchet: a Rust file has at most 600 lines; a listed exception may only shrink.
//!
//! `xtask/ratchet.txt` holds one `lines path` per line. The number must be the file's present size, so that a file that
//! shrank cannot grow back unseen and one that grew shows as a raised number in the diff. Functions of at most 70 lines
//! are clippy's `too_many_lines`.

use std::collections::BTreeMap;

use crate::{Files, Finding};

/// The ceiling of a Rust file, in lines.
const MOST_LINES: usize = 600;
/// Where the exceptions are listed.
const LIST: &str = "xtask/ratchet.txt";

/// Every Rust file above the ceiling or above its listed size, and every exception that is no longer one.
pub fn check(files: &Files) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut listed: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, line) in files.get(LIST).map_or("", String::as_str).lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once(' ').and_then(|(lines, path)| Some((path.trim(), lines.parse().ok()?))) {
            Some((path, lines)) => drop(listed.insert(path, lines)),
            None => findings.push(Finding::new(format!("{LIST}:{}", number + 1), "not `lines path`")),
        }
    }
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".rs")) {
        let lines = text.lines().count();
        let text = match listed.remove(path.as_str()) {
            None if lines > MOST_LINES => format!("{lines} lines; at most {MOST_LINES}: split it by what it does"),
            Some(_) if lines <= MOST_LINES => format!("{lines} lines are within {MOST_LINES}: take it off {LIST}"),
            Some(most) if lines > most => {
                format!("grew from {most} to {lines} lines; a listed exception may only shrink")
            }
            Some(most) if lines < most => format!("shrank from {most} to {lines} lines: lower its number in {LIST}"),
            _ => continue,
        };
        findings.push(Finding::new(path, text));
    }
    findings.extend(listed.keys().map(|path| Finding::new(LIST, format!("{path} is not there: take it off the list"))));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &str, lines: usize) -> Files {
        Files::from([
            (LIST.into(), list.into()),
            ("a.rs".into(), "x\n".repeat(lines)),
            ("b.md".into(), "x\n".repeat(9_000)),
        ])
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(check(&files("", 600)), []);
        assert_eq!(check(&files("", 601)).len(), 1);
    }

    #[test]
    fn an_exception_may_only_shrink() {
        assert_eq!(check(&files("# why\n700 a.rs", 700)), []);
        assert!(check(&files("700 a.rs", 701))[0].text.contains("grew"));
        assert!(check(&files("700 a.rs", 699))[0].text.contains("lower"));
        assert!(check(&files("700 a.rs", 500))[0].text.contains("off"));
    }

    #[test]
    fn a_stale_or_broken_list_is_found() {
        assert_eq!(check(&files("700 gone.rs", 1)).len(), 1);
        assert_eq!(check(&files("many a.rs", 1)).len(), 1);
    }
}
