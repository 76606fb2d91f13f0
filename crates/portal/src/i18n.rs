//! Texts: Japanese, easy Japanese and English from `locales/`, and the plain words for every purpose and role.
//!
//! What must hold: every text of a citizen's pages has an easy Japanese one, other texts fall back to Japanese key by key; a purpose or a role without a Japanese, an easy Japanese (やさしい日本語) and an English text does
//! not build; the two languages know the same keys; an unknown key shows as `⟦key⟧`, which no test lets pass.

use std::borrow::Cow;
use std::sync::OnceLock;

pub use fluent_bundle::FluentValue;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use tsumugi_kernel::{Kind, OrganizationKind, Purpose, RecordCategory, Role};
use unic_langid::LanguageIdentifier;

const JA: &str = include_str!("../locales/ja.ftl");
const EN: &str = include_str!("../locales/en.ftl");
/// やさしい日本語 for the citizen's pages; for keys that it has not, Japanese stands.
const EASY: [&str; 7] = [
    include_str!("../locales/ja-easy/disaster.ftl"),
    include_str!("../locales/ja-easy/frame.ftl"),
    include_str!("../locales/ja-easy/looks.ftl"),
    include_str!("../locales/ja-easy/record.ftl"),
    include_str!("../locales/ja-easy/sharing.ftl"),
    include_str!("../locales/ja-easy/signin.ftl"),
    include_str!("../locales/ja-easy/take.ftl"),
];
const CODES_JA: &str = include_str!("../locales/codes/ja.ftl");
const CODES_EASY: &str = include_str!("../locales/codes/ja-easy.ftl");
const CODES_EN: &str = include_str!("../locales/codes/en.ftl");

/// A page's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Lang {
    /// Japanese (日本語).
    #[default]
    Ja,
    /// Easy Japanese (やさしい日本語), for whoever is learning Japanese.
    Easy,
    /// English.
    En,
}

impl Lang {
    /// Every language of the pages.
    pub const ALL: &'static [Self] = &[Self::Ja, Self::Easy, Self::En];

    /// The BCP 47 tag, as in `<html lang>`: easy Japanese is Japanese.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ja | Self::Easy => "ja",
            Self::En => "en",
        }
    }

    /// How the language is chosen, as in the language cookie.
    #[must_use]
    pub const fn choice(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::Easy => "ja-easy",
            Self::En => "en",
        }
    }

    /// The language that is chosen so.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|lang| lang.choice() == code)
    }

    /// The text `id` in this language.
    #[must_use]
    pub fn t(self, id: &str) -> Cow<'static, str> {
        Texts::of(self).text(id, None)
    }

    /// The text `id` with arguments, for example `lang.with("looks-total", &[("n", 42.into())])`.
    #[must_use]
    pub fn with(self, id: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            values.set(*name, value.clone());
        }
        Texts::of(self).text(id, Some(&values)).into_owned()
    }

    /// A purpose in plain words.
    #[must_use]
    pub fn purpose(self, purpose: Purpose) -> Cow<'static, str> {
        self.t(&format!("purpose-{purpose}"))
    }

    /// A role in plain words.
    #[must_use]
    pub fn role(self, role: Role) -> Cow<'static, str> {
        self.t(&format!("role-{role}"))
    }

    /// A record category in plain words.
    #[must_use]
    pub fn category(self, category: RecordCategory) -> Cow<'static, str> {
        self.t(&format!("category-{}", category.code()))
    }

    /// A kind of organisation in plain words.
    #[must_use]
    pub fn organization(self, kind: OrganizationKind) -> Cow<'static, str> {
        self.t(&format!("organization-{kind}"))
    }

    /// What resources of this kind are called on a citizen's page; kinds without a word of their own are
    /// "other records".
    #[must_use]
    pub fn kind(self, kind: Kind) -> Cow<'static, str> {
        let id = format!("kind-{kind}");
        if Texts::of(self).bundle.has_message(&id) { self.t(&id) } else { self.t("kind-other") }
    }
}

/// A purpose in やさしい日本語, for readers who are learning Japanese.
#[must_use]
pub fn easy_purpose(purpose: Purpose) -> Cow<'static, str> {
    easy().text(&format!("purpose-{purpose}"), None)
}

/// A role in やさしい日本語.
#[must_use]
pub fn easy_role(role: Role) -> Cow<'static, str> {
    easy().text(&format!("role-{role}"), None)
}

struct Texts {
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    fn of(lang: Lang) -> &'static Self {
        static JAPANESE: OnceLock<Texts> = OnceLock::new();
        static EASIER: OnceLock<Texts> = OnceLock::new();
        static ENGLISH: OnceLock<Texts> = OnceLock::new();
        match lang {
            Lang::Easy => EASIER.get_or_init(|| {
                // What comes later stands over what came before: key by key.
                let easy = EASY.into_iter().chain([CODES_EASY]);
                Self::read("ja", &[JA, CODES_JA].into_iter().chain(easy).collect::<Vec<_>>())
            }),
            Lang::Ja => JAPANESE.get_or_init(|| Self::read("ja", &[JA, CODES_JA])),
            Lang::En => ENGLISH.get_or_init(|| Self::read("en", &[EN, CODES_EN])),
        }
    }

    /// The files are part of the program and tested to be free of faults; a faulty message would show as `⟦key⟧`.
    fn read(language: &str, files: &[&'static str]) -> Self {
        let language: LanguageIdentifier = language.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        bundle.set_use_isolating(false);
        for file in files {
            let resource = match FluentResource::try_new((*file).to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            bundle.add_resource_overriding(resource);
        }
        Self { bundle }
    }

    fn text(&'static self, id: &str, args: Option<&FluentArgs<'_>>) -> Cow<'static, str> {
        let mut faults = Vec::new();
        let pattern = self.bundle.get_message(id).and_then(|message| message.value());
        let text = pattern.map(|pattern| self.bundle.format_pattern(pattern, args, &mut faults));
        match text {
            Some(Cow::Borrowed(text)) if faults.is_empty() => Cow::Borrowed(text),
            Some(text) if faults.is_empty() => Cow::Owned(text.into_owned()),
            _ => Cow::Owned(format!("⟦{id}⟧")),
        }
    }
}

fn easy() -> &'static Texts {
    static EASY: OnceLock<Texts> = OnceLock::new();
    EASY.get_or_init(|| Texts::read("ja", &[CODES_EASY]))
}

/// Checked while compiling: each file of codes has a line `purpose-CODE = …` and `role-code = …` for every code.
const _: () = {
    let files = [CODES_JA, CODES_EASY, CODES_EN];
    let mut file = 0;
    while file < files.len() {
        let mut index = 0;
        while index < Purpose::ALL.len() {
            assert!(has_text(files[file], "\npurpose-", Purpose::ALL[index].code()), "a purpose has no text");
            index += 1;
        }
        index = 0;
        while index < Role::ALL.len() {
            assert!(has_text(files[file], "\nrole-", Role::ALL[index].code()), "a role has no text");
            index += 1;
        }
        file += 1;
    }
};

/// Whether `file` has a line made of `prefix`, `code`, ` = ` and at least one more character.
const fn has_text(file: &str, prefix: &str, code: &str) -> bool {
    let (file, prefix, code) = (file.as_bytes(), prefix.as_bytes(), code.as_bytes());
    let mut start = 0;
    while start < file.len() {
        if file[start] == b'\n' {
            let after = start + prefix.len() + code.len();
            if stands_at(file, start, prefix)
                && stands_at(file, start + prefix.len(), code)
                && stands_at(file, after, b" = ")
                && after + 3 < file.len()
                && file[after + 3] != b'\n'
            {
                return true;
            }
        }
        start += 1;
    }
    false
}

/// Whether `part` stands in `whole` at `start`.
const fn stands_at(whole: &[u8], start: usize, part: &[u8]) -> bool {
    if start + part.len() > whole.len() {
        return false;
    }
    let mut index = 0;
    while index < part.len() {
        if whole[start + index] != part[index] {
            return false;
        }
        index += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn keys(file: &str) -> BTreeSet<String> {
        let lines = file.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        lines.filter_map(|line| line.split_once(" =")).map(|(key, _)| key.to_owned()).collect()
    }

    fn sources() -> Vec<String> {
        fn walk(folder: &Path, into: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).expect("the source folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    walk(&path, into);
                } else {
                    into.push(std::fs::read_to_string(&path).expect("a source file"));
                }
            }
        }
        let mut found = Vec::new();
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        found
    }

    #[test]
    fn files_parse_without_faults_and_name_no_key_twice() {
        for file in [JA, EN, CODES_JA, CODES_EASY, CODES_EN] {
            let parsed = FluentResource::try_new(file.to_owned());
            assert!(parsed.is_ok(), "{:?}", parsed.err().map(|(_, faults)| faults));
            let lines = file.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())).count();
            assert_eq!(keys(file).len(), lines, "a key stands twice");
        }
    }

    #[test]
    fn languages_know_the_same_keys() {
        let difference: Vec<_> = keys(JA).symmetric_difference(&keys(EN)).cloned().collect();
        assert!(difference.is_empty(), "only in one language: {difference:?}");
        assert_eq!(keys(CODES_JA), keys(CODES_EN));
        assert_eq!(keys(CODES_JA), keys(CODES_EASY));
    }

    #[test]
    fn each_key_that_a_page_asks_for_exists_and_each_key_is_asked_for() {
        let all = sources();
        let known = keys(JA);
        for source in &all {
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            for call in [".t(\"", ".with(\""] {
                for rest in code.split(call).skip(1) {
                    let key = rest.split('"').next().unwrap_or_default();
                    assert!(known.contains(key), "no text for {key}");
                }
            }
        }
        let activities: BTreeSet<String> = crate::view::ACTIVITIES
            .iter()
            .flat_map(|one| {
                one.points.iter().map(|p| format!("barthel-{}-{p}", one.code)).chain([format!("barthel-{}", one.code)])
            })
            .collect();
        for key in known.iter().filter(|key| !key.starts_with("kind-")) {
            let literal = format!("\"{key}\"");
            assert!(
                activities.contains(key) || all.iter().any(|source| source.contains(&literal)),
                "{key} is a text that nobody asks for"
            );
        }
    }

    /// Every key of the easy files.
    fn easy_keys() -> BTreeSet<String> {
        EASY.iter().flat_map(|file| keys(file)).collect()
    }

    #[test]
    fn every_text_of_a_citizens_pages_has_an_easy_one() {
        // How the keys of her pages begin: her record, who looked, sharing, mandates, notices, taking along, links.
        const HERS: [&str; 32] = [
            "letters-",
            "entry-",
            "papers-act-",
            "papers-on-",
            "papers-own-",
            "papers-state-",
            "papers-what-",
            "could-",
            "disaster-",
            "home-",
            "looks-",
            "look-",
            "notices-",
            "notice-",
            "proof-",
            "timeline-",
            "topic-",
            "life-",
            "document-",
            "activities-",
            "laboratory-",
            "level-",
            "table-",
            "medicines-",
            "sharing-",
            "restrict-",
            "mandates-",
            "take-",
            "taken-",
            "link-",
            "kind-",
            "ways-",
        ];
        // Without words to make easier.
        const SAME: [&str; 3] = ["home-of", "sharing-from-before", "restrict-seen-before"];
        let easy = easy_keys();
        let missing: Vec<_> = keys(JA)
            .into_iter()
            .filter(|key| HERS.iter().any(|begin| key.starts_with(begin)) && !SAME.contains(&key.as_str()))
            .filter(|key| !easy.contains(key))
            .collect();
        assert!(missing.is_empty(), "no easy text for {missing:?}");
        let sections = crate::frame::Section::of(Role::Citizen).len();
        assert!(easy.iter().filter(|key| key.starts_with("section-")).count() >= sections, "every section has a name");
    }

    #[test]
    fn easy_texts_are_of_known_keys_with_the_same_arguments_and_part_their_phrases() {
        let japanese = keys(JA);
        let arguments = |file: &str, key: &str| {
            let from = format!("\n{key} =");
            let text = format!("\n{file}").split(&from).nth(1).map(|rest| rest.split('\n').next().unwrap().to_owned());
            let mut names: Vec<String> =
                text.unwrap().split("{ $").skip(1).map(|rest| rest.split(' ').next().unwrap().to_owned()).collect();
            names.sort();
            names
        };
        let mut seen = BTreeSet::new();
        for file in EASY {
            assert!(FluentResource::try_new(file.to_owned()).is_ok());
            for key in keys(file) {
                assert!(japanese.contains(&key), "{key} is no text");
                assert_eq!(arguments(file, &key), arguments(JA, &key), "{key}");
                assert!(seen.insert(key.clone()), "{key} stands twice");
            }
            for line in file.lines().filter(|line| !line.starts_with('#')) {
                let hard = ["ください、", "ございます", "いただ", "なさ", "おり ", "でしょう"]
                    .iter()
                    .any(|word| line.contains(word));
                assert!(!hard, "no honorific verbs: {line}");
                for sentence in line.split('。') {
                    let letters = sentence.chars().filter(|letter| *letter != ' ').count();
                    assert!(letters <= 75 || sentence.contains("{ "), "a sentence is long: {sentence}");
                }
            }
        }
        assert_eq!(Lang::Easy.t("section-looks"), "だれが 見たか");
        assert_eq!(Lang::Easy.t("match-title"), Lang::Ja.t("match-title"), "other pages stay Japanese");
        assert_eq!(Lang::Easy.purpose(Purpose::CareManagement), "介護の 予定を 決める ため");
    }

    #[test]
    fn categories_and_kinds_of_organisations_have_three_texts() {
        for &category in RecordCategory::ALL {
            let easy = easy().text(&format!("category-{}", category.code()), None);
            for text in [Lang::Ja.category(category), Lang::En.category(category), easy] {
                assert!(!text.contains('⟦') && !text.is_empty(), "{category:?}: {text}");
            }
        }
        for &kind in OrganizationKind::ALL {
            let easy = easy().text(&format!("organization-{kind}"), None);
            for text in [Lang::Ja.organization(kind), Lang::En.organization(kind), easy] {
                assert!(!text.contains('⟦') && !text.is_empty(), "{kind}: {text}");
            }
        }
    }

    #[test]
    fn purposes_and_roles_have_three_texts() {
        for &purpose in Purpose::ALL {
            for text in [Lang::Ja.purpose(purpose), Lang::En.purpose(purpose), easy_purpose(purpose)] {
                assert!(!text.contains('⟦') && !text.is_empty(), "{purpose}: {text}");
            }
        }
        for &role in Role::ALL {
            for text in [Lang::Ja.role(role), Lang::En.role(role), easy_role(role)] {
                assert!(!text.contains('⟦') && !text.is_empty(), "{role}: {text}");
            }
        }
        assert_eq!(Lang::Ja.purpose(Purpose::Treat), "治療のため");
        assert_eq!(easy_purpose(Purpose::CareManagement), "介護の 予定を 決める ため");
    }

    #[test]
    fn a_kind_without_a_word_is_an_other_record() {
        let named = Kind::from_name("Flag").expect("a kind");
        let unnamed = Kind::from_name("TestScript").expect("a kind");
        assert_ne!(Lang::Ja.kind(named), Lang::Ja.kind(unnamed));
        assert_eq!(Lang::En.kind(unnamed), Lang::En.t("kind-other"));
        for key in keys(JA).iter().filter(|key| key.starts_with("kind-") && *key != "kind-other") {
            assert!(Kind::from_name(&key["kind-".len()..]).is_some(), "{key} names no kind");
        }
    }

    #[test]
    fn an_unknown_key_is_loud() {
        assert_eq!(Lang::Ja.t("no-such-text"), "⟦no-such-text⟧");
    }

    #[test]
    fn english_has_no_japanese_left_over() {
        let japanese = |c: char| ('\u{3040}'..='\u{30ff}').contains(&c) || ('\u{4e00}'..='\u{9fff}').contains(&c);
        for line in EN.lines().chain(CODES_EN.lines()) {
            assert!(!line.contains(japanese) || line.starts_with("frame-other-language"), "{line}");
        }
    }

    #[test]
    fn the_search_for_codes_is_exact() {
        assert!(has_text("\npurpose-TREAT = x", "\npurpose-", "TREAT"));
        assert!(!has_text("\npurpose-ETREAT = x", "\npurpose-", "TREAT"));
        assert!(!has_text("\npurpose-TREAT = \n", "\npurpose-", "TREAT"));
        assert!(!has_text("\npurpose-TREAT = ", "\npurpose-", "TREAT"));
    }
}
