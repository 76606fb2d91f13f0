//! Document drift: what the documents name must exist, and what exists must be named.

use std::collections::BTreeSet;

use crate::{Files, Finding};

/// The map of the house, where every crate is named.
const MAP: &str = "ARCHITECTURE.md";
/// The words, where every term of the kernel stands.
const WORDS: &str = "GLOSSARY.md";
/// Where a file path between backticks must exist, beside `decisions/` and `docs/`.
const CHECKED: [&str; 3] = [MAP, "README.md", WORDS];
/// Enums of the kernel and the heading of the glossary under which each of their codes stands.
const TERMS: [(&str, &str); 4] = [
    ("Role", "Roles"),
    ("Purpose", "Purposes"),
    ("OrganizationKind", "Organisations"),
    ("RecordCategory", "Record categories"),
];

/// Everything in the documents that does not fit the sources.
pub fn check(files: &Files) -> Vec<Finding> {
    let mut findings = crates_in_the_map(files);
    findings.extend(paths(files));
    findings.extend(links(files));
    findings.extend(terms(files));
    findings.extend(subcommands(files));
    findings.extend(decisions(files.keys().map(String::as_str)));
    findings
}

/// The text of a file, empty if it is not there.
fn text<'a>(files: &'a Files, path: &str) -> &'a str {
    files.get(path).map_or("", String::as_str)
}

/// The names of the folders under `crates/`.
fn crates(files: &Files) -> BTreeSet<&str> {
    files.keys().filter_map(|path| path.strip_prefix("crates/")?.split_once('/').map(|(name, _)| name)).collect()
}

/// Every crate is named in the map as `crates/name`.
fn crates_in_the_map(files: &Files) -> Vec<Finding> {
    let map = text(files, MAP);
    let named = |name: &&str| map.contains(&format!("`crates/{name}`"));
    crates(files)
        .into_iter()
        .filter(|name| !named(name))
        .map(|name| Finding::new(MAP, format!("does not name `crates/{name}`")))
        .collect()
}

/// What stands between single backticks, with line numbers; fenced blocks are left out.
fn quoted(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            found.extend(line.split('`').skip(1).step_by(2).map(|word| (number + 1, word)));
        }
    }
    found
}

/// The file or folder that a quoted word means, if it means one: `crates/x/src/y.rs`, `docs/api.md`, `README.md`, or,
/// in short, `x/y.rs` for the file `y.rs` in the sources of the crate `x`.
fn meant(word: &str, folders: &BTreeSet<&str>, crates: &BTreeSet<&str>) -> Option<String> {
    let path_like = word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    let first = word.split('/').next()?;
    if !path_like || word.starts_with('/') {
        None
    } else if word.contains('/') && folders.contains(first) {
        Some(word.trim_end_matches('/').to_owned())
    } else if crates.contains(first) && word.contains('/') && word.ends_with(".rs") {
        Some(format!("crates/{first}/src/{}", word.get(first.len() + 1..)?))
    } else {
        let root_file = !word.contains('/') && first.starts_with(char::is_uppercase) && word.ends_with(".md");
        (root_file || word == "Cargo.toml" || word == "clippy.toml").then(|| word.to_owned())
    }
}

/// Every path that a document or a comment about a decision names exists.
fn paths(files: &Files) -> Vec<Finding> {
    let folders: BTreeSet<&str> =
        files.keys().filter_map(|path| path.split_once('/').map(|(first, _)| first)).collect();
    let crates = crates(files);
    let mut findings = Vec::new();
    for (document, text) in files {
        let checked =
            CHECKED.contains(&document.as_str()) || document.starts_with("decisions/") || document.starts_with("docs/");
        let source = document.starts_with("crates/") && document.ends_with(".rs");
        for (line, word) in quoted(text) {
            let Some(path) = meant(word, &folders, &crates) else { continue };
            if (checked || (source && path.starts_with("decisions/"))) && !there(files, &path) {
                findings
                    .push(Finding::new(format!("{document}:{line}"), format!("names `{word}`, which is not there")));
            }
        }
    }
    findings
}

/// Every link and picture of a document that points into the repository leads to something.
fn links(files: &Files) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (document, text) in files.iter().filter(|(path, _)| path.ends_with(".md")) {
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, line) in text.lines().enumerate() {
            let after =
                |mark: &'static str, end: char| line.split(mark).skip(1).filter_map(move |rest| rest.split(end).next());
            for target in after("](", ')').chain(after("src=\"", '"')) {
                let path = target.split('#').next().unwrap_or("").trim_end_matches('/');
                if path.is_empty() || path.contains(':') {
                    continue;
                }
                let from_root = path.strip_prefix("../").map_or_else(|| join(folder, path), str::to_owned);
                if !there(files, &from_root) {
                    findings.push(Finding::new(
                        format!("{document}:{}", number + 1),
                        format!("links to `{target}`, which is not there"),
                    ));
                }
            }
        }
    }
    findings
}

/// A path below a folder; the root's folder is empty.
fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

/// Whether a file, or a folder with a file in it, stands at `path`.
fn there(files: &Files, path: &str) -> bool {
    let inside = format!("{path}/");
    files.contains_key(path) || files.range(inside.clone()..).next().is_some_and(|(next, _)| next.starts_with(&inside))
}

/// The codes of an enum of the kernel: `Variant => "code"` inside `Name {`, or `Self::Variant => "code"` after
/// `pub enum Name`.
fn codes<'a>(source: &'a str, name: &str) -> Vec<&'a str> {
    let coded =
        source.split_once(&format!("\n    {name} {{")).map(|(_, rest)| rest.split("\n    }").next().unwrap_or(rest));
    let plain = source.split_once(&format!("pub enum {name} ")).map(|(_, rest)| rest);
    let body = coded.or(plain).unwrap_or("");
    body.lines().filter_map(|line| line.split_once("=> \"")?.1.split_once('"').map(|(code, _)| code)).collect()
}

/// Every public term of the kernel stands under its heading in the glossary.
fn terms(files: &Files) -> Vec<Finding> {
    let glossary = text(files, WORDS);
    let mut findings = Vec::new();
    for (name, heading) in TERMS {
        let section = glossary.split("\n## ").find(|section| section.starts_with(heading)).unwrap_or("");
        let sources = files.iter().filter(|(path, _)| path.starts_with("crates/kernel/src/"));
        let found: Vec<&str> = sources.flat_map(|(_, source)| codes(source, name)).collect();
        if found.is_empty() {
            findings.push(Finding::new(
                "crates/kernel/src",
                format!("no codes of `{name}` found; does xtask/src/documents.rs still read it?"),
            ));
        }
        for code in found.into_iter().filter(|code| !section.contains(&format!("`{code}`"))) {
            findings.push(Finding::new(WORDS, format!("`{code}` of {name} does not stand under \"{heading}\"")));
        }
    }
    findings
}

/// `CareManager` as clap writes it: `care-manager`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The subcommands that the binary declares: variants of the enum in `main.rs` that derives clap's `Subcommand`. What a
/// subcommand has below itself (`tsumugi witness serve`) stands in its own file.
fn declared(files: &Files) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, source) in files.iter().filter(|(path, _)| *path == "crates/cli/src/main.rs") {
        for part in source
            .split("#[derive(")
            .skip(1)
            .filter(|part| part.lines().next().is_some_and(|line| line.contains("Subcommand")))
        {
            let body = part.split_once('{').map_or("", |(_, rest)| rest.split("\n}").next().unwrap_or(rest));
            let variants = body
                .lines()
                .filter_map(|line| line.strip_prefix("    ").filter(|line| line.starts_with(char::is_uppercase)));
            found.extend(variants.filter_map(|line| line.split(|c: char| !c.is_alphanumeric()).next()).map(kebab));
        }
    }
    found
}

/// Every `tsumugi word` that the README shows is a subcommand, and every subcommand is shown there or in `docs/`.
fn subcommands(files: &Files) -> Vec<Finding> {
    let declared = declared(files);
    if declared.is_empty() {
        return vec![Finding::new(
            "crates/cli/src",
            "no subcommand found; does xtask/src/documents.rs still read them?",
        )];
    }
    let is_word = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    };
    let mut shown = BTreeSet::new();
    let mut findings = Vec::new();
    for (document, text) in files.iter().filter(|(path, _)| *path == "README.md" || path.starts_with("docs/")) {
        for (number, line) in text.lines().enumerate() {
            let command = |start: &(usize, &str)| {
                line.get(..start.0).is_some_and(|before| before.is_empty() || before.ends_with(['`', '/', ' ']))
            };
            let calls = line.match_indices("tsumugi ").filter(command);
            for word in calls
                .filter_map(|(start, name)| line.get(start + name.len()..)?.split([' ', '`', '\\']).next())
                .filter(is_word)
            {
                if !declared.contains(word) && word != "help" {
                    findings.push(Finding::new(
                        format!("{document}:{}", number + 1),
                        format!("shows `tsumugi {word}`, which is no subcommand"),
                    ));
                }
                shown.insert(word.to_owned());
            }
        }
    }
    findings.extend(
        declared
            .difference(&shown)
            .map(|word| Finding::new("README.md", format!("`tsumugi {word}` is shown neither here nor in docs/"))),
    );
    findings
}

/// Decisions are numbered from 0001 without gap and without two of one number.
fn decisions<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut next = 1;
    for name in paths.filter_map(|path| path.strip_prefix("decisions/")).filter(|name| *name != "README.md") {
        match name.split_once('-').and_then(|(number, _)| number.parse::<u32>().ok().filter(|_| number.len() == 4)) {
            Some(number) if number == next => next += 1,
            Some(_) => {
                findings.push(Finding::new(format!("decisions/{name}"), format!("{next:04} is the next number")))
            }
            None => findings.push(Finding::new(format!("decisions/{name}"), "is not named NNNN-title.md")),
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(pairs: &[(&str, &str)]) -> Files {
        pairs.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_crate_that_the_map_does_not_name_is_found() {
        let both =
            [("crates/kernel/src/lib.rs", ""), ("crates/fhir/src/lib.rs", ""), (MAP, "`crates/kernel` is small")];
        let found = crates_in_the_map(&files(&both));
        assert_eq!(found.len(), 1);
        assert!(found[0].text.contains("crates/fhir"));
    }

    #[test]
    fn a_path_that_is_not_there_is_found() {
        let text = "`crates/kernel/src/ids.rs` `kernel/ids.rs` `crates/kernel/` `bin/demo`\n`kernel/gone.rs` `docs/gone.md` \
                    `GONE.md` `/fhir/R4` `text/html` `a * b`\n```\n`docs/gone.md`\n```";
        let house = [(MAP, text), ("crates/kernel/src/ids.rs", ""), ("bin/demo", ""), ("docs/api.md", "")];
        let found = paths(&files(&house));
        assert_eq!(
            found.iter().map(|f| f.place.as_str()).collect::<Vec<_>>(),
            vec!["ARCHITECTURE.md:2"; 3],
            "{found:?}"
        );
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let text = "[a](docs/api.md#x) [b](docs/) [c](https://example.org/) [d](#here) <img src=\"docs/images/a.png\">\n[e](docs/gone.md)";
        let api = "[up](../README.md) [near](api.md) [gone](../gone.md)";
        let house = [("README.md", text), ("docs/api.md", api), ("docs/images/a.png", "")];
        let found = links(&files(&house));
        assert_eq!(found.iter().map(|f| f.place.as_str()).collect::<Vec<_>>(), ["README.md:2", "docs/api.md:1"]);
    }

    #[test]
    fn a_comment_that_names_a_missing_decision_is_found() {
        let house =
            [("crates/kernel/src/ids.rs", "//! See `decisions/0002-ids.md`."), ("decisions/0001-patient.md", "")];
        assert_eq!(paths(&files(&house)).len(), 1);
    }

    #[test]
    fn a_term_without_its_place_in_the_glossary_is_found() {
        let actor = "coded! {\n    Role {\n        /// x\n        Citizen => \"citizen\",\n        Crew => \"crew\",\n    }\n}\n\
                     coded! {\n    Purpose {\n        Treat => \"TREAT\",\n    }\n}\ncoded! {\n    OrganizationKind {\n        Clinic => \"clinic\",\n    }\n}";
        let category = "pub enum RecordCategory {\n    Care = 1,\n}\nmatch self {\n    Self::Care => \"care\",\n}";
        let good = "# G\n\n## Roles\n`citizen` `crew`\n\n## Purposes\n`TREAT`\n\n## Organisations\n`clinic`\n\n## Record categories\n`care`\n";
        let house = |glossary: &str| {
            files(&[
                ("crates/kernel/src/actor.rs", actor),
                ("crates/kernel/src/category.rs", category),
                (WORDS, glossary),
            ])
        };
        assert_eq!(terms(&house(good)), []);
        assert_eq!(terms(&house(&good.replace(" `crew`", ""))).len(), 1);
        assert_eq!(terms(&house(&good.replace("`care`", "`crew`"))).len(), 1);
        assert_eq!(terms(&files(&[(WORDS, good)])).len(), 4);
    }

    #[test]
    fn a_subcommand_that_is_not_there_is_found() {
        let cli = "#[derive(Debug, Subcommand)]\nenum Command {\n    /// Serves.\n    Serve(Serve),\n    MakeTown {\n        seed: u64,\n    },\n}\n";
        let house = |readme: &str| files(&[("crates/cli/src/main.rs", cli), ("README.md", readme)]);
        assert_eq!(subcommands(&house("`tsumugi serve` and\n    target/release/tsumugi make-town --seed 1")), []);
        let found = subcommands(&house("`tsumugi serve --dir x`, `tsumugi fly`"));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].text.contains("fly") && found[1].text.contains("make-town"));
        assert_eq!(subcommands(&files(&[("README.md", "")])).len(), 1);
    }

    #[test]
    fn a_gap_in_the_decisions_is_found() {
        assert_eq!(decisions(["decisions/0001-a.md", "decisions/0002-b.md", "docs/x.md"].into_iter()), []);
        assert_eq!(decisions(["decisions/0001-a.md", "decisions/0003-b.md"].into_iter()).len(), 1);
        assert_eq!(decisions(["decisions/0001-a.md", "decisions/0001-b.md"].into_iter()).len(), 1);
        assert_eq!(decisions(["decisions/first.md"].into_iter()).len(), 1);
    }
}
