//! A person as the ward and the care office see her first: what to heed, how she lives, who supports her.

use jiff::civil::Date;
use tsumugi_access::Shown;
use tsumugi_kernel::Flags;

use super::{CARE, PRECAUTION, Piece, TESTS, Want, activities, laboratory, medicines, own, words};
use crate::view::{Origin, PersonView, Precaution, PrecautionTopic, Statement};
use crate::{Lang, calendar};

/// What the view needs.
pub const WANTS: &[Want] = &[
    Want::all("Flag"),
    Want::all("AllergyIntolerance"),
    CARE,
    TESTS,
    Want::all("Condition"),
    Want::all("Encounter"),
    Want::all("RelatedPerson"),
    Want::all("EpisodeOfCare"),
    Want::all("MedicationRequest"),
    Want::all("MedicationDispense"),
];

/// Newest statements of one topic, and newest notes.
const MOST: usize = 3;

/// The view.
#[must_use]
pub fn view(pieces: &[Piece], today: Date, lang: Lang, shown: &mut Shown) -> PersonView {
    let medicines: Vec<&Piece> = medicines::current(pieces, today).collect();
    let newest_laboratory = newest(pieces, &laboratory::day);
    let measured = newest(pieces, &|piece| activities::measurement(piece).map(|one| one.day));
    for piece in medicines.iter().copied().chain(newest_laboratory).chain(measured) {
        piece.tell(shown);
    }
    PersonView {
        stay: stay(pieces, today, lang, shown),
        precautions: precautions(pieces, today, lang, shown),
        allergies: allergies(pieces, lang, shown),
        activities: measured.and_then(activities::measurement),
        abilities: Vec::new(),
        conditions: conditions(pieces, lang, shown),
        support: support(pieces, today, lang, shown),
        notes: notes(pieces, lang, shown),
        medicines: u32::try_from(medicines.len()).unwrap_or(u32::MAX),
        newest_laboratory: newest_laboratory.and_then(laboratory::day),
        may_record: false,
        glass: None,
        receipt: None,
    }
}

/// The fact with the newest day; of several on one day the one received last.
fn newest<'a>(pieces: &'a [Piece], day: &dyn Fn(&Piece) -> Option<Date>) -> Option<&'a Piece> {
    pieces.iter().filter_map(|piece| Some((day(piece)?, piece))).max_by_key(|(day, _)| *day).map(|(_, piece)| piece)
}

/// Whether a period has not ended before today.
fn lasts(piece: &Piece, path: &str, today: Date) -> bool {
    piece.day(&[path]).is_none_or(|end| end >= today)
}

/// Statements newest first, each text once; what is kept is told.
pub(super) fn told(mut said: Vec<(&Piece, Statement)>, most: usize, shown: &mut Shown) -> Vec<Statement> {
    said.sort_by_key(|(_, statement)| std::cmp::Reverse(statement.origin.as_ref().map(|origin| origin.day)));
    let mut kept: Vec<Statement> = Vec::new();
    for (piece, statement) in said {
        if kept.len() < most && !kept.iter().any(|known| known.text == statement.text) {
            piece.tell(shown);
            kept.push(statement);
        }
    }
    kept
}

pub(super) fn precautions(pieces: &[Piece], today: Date, lang: Lang, shown: &mut Shown) -> Vec<Precaution> {
    let code = |topic| match topic {
        PrecautionTopic::Swallowing => "swallowing",
        PrecautionTopic::Moving => "moving",
        PrecautionTopic::Medicine => "medication",
    };
    let of = |topic: PrecautionTopic| {
        let about = |piece: &&Piece| {
            piece.is("Flag")
                && piece.text("status").is_some_and(|status| status == "active")
                && piece.has_code("category", PRECAUTION, code(topic))
                && lasts(piece, "period.end", today)
        };
        let statement = |piece: &Piece| {
            Some(Statement { text: words(piece.concept("code")?, lang), origin: piece.origin(&["period.start"]) })
        };
        pieces.iter().filter(about).filter_map(|piece| Some((piece, statement(piece)?))).collect::<Vec<_>>()
    };
    let topics =
        PrecautionTopic::ALL.iter().map(|&topic| Precaution { topic, statements: told(of(topic), MOST, shown) });
    topics.filter(|precaution| !precaution.statements.is_empty()).collect()
}

pub(super) fn allergies(pieces: &[Piece], lang: Lang, shown: &mut Shown) -> Vec<Statement> {
    let active = |piece: &&Piece| piece.is("AllergyIntolerance") && is_active(piece);
    let statement = |piece: &Piece| {
        let name = piece.concept("code")?;
        let text = match piece.concept("reaction.manifestation") {
            Some(reaction) => lang.with("person-reaction", &[("what", name.into()), ("reaction", reaction.into())]),
            None => name,
        };
        Some(Statement { text: words(text, lang), origin: piece.origin(&["recordedDate", "onsetDateTime"]) })
    };
    let said = pieces.iter().filter(active).filter_map(|piece| Some((piece, statement(piece)?))).collect();
    told(said, usize::MAX, shown)
}

/// Nobody has said that it is over.
fn is_active(piece: &Piece) -> bool {
    let ended = |code: &str| matches!(code, "inactive" | "resolved" | "remission");
    !piece.codings("clinicalStatus").any(|(_, code)| ended(&code))
}

pub(super) fn conditions(pieces: &[Piece], lang: Lang, shown: &mut Shown) -> Vec<Statement> {
    let active = |piece: &&Piece| piece.is("Condition") && is_active(piece);
    let statement = |piece: &Piece| {
        let name = piece.concept("code")?;
        // Whoever talks with the person must know what she has not been told.
        let untold = if piece.flags().has(Flags::UNINFORMED) { lang.t("person-untold") } else { "".into() };
        Some(Statement {
            text: words(format!("{name}{untold}"), lang),
            origin: piece.origin(&["onsetDateTime", "recordedDate"]),
        })
    };
    let said = pieces.iter().filter(active).filter_map(|piece| Some((piece, statement(piece)?))).collect();
    told(said, usize::MAX, shown)
}

fn notes(pieces: &[Piece], lang: Lang, shown: &mut Shown) -> Vec<Statement> {
    let mut all: Vec<&Piece> = pieces.iter().filter(|piece| activities::note(piece, lang).is_some()).collect();
    all.sort_by_key(|piece| std::cmp::Reverse(piece.text("effectiveDateTime")));
    let statement = |piece: &Piece| {
        let note = activities::note(piece, lang)?;
        Some(Statement { text: note.text, origin: Some(note.origin) })
    };
    told(all.into_iter().filter_map(|piece| Some((piece, statement(piece)?))).collect(), MOST, shown)
}

/// Those close to the person, then the offices in charge.
pub(super) fn support(pieces: &[Piece], today: Date, lang: Lang, shown: &mut Shown) -> Vec<Statement> {
    let mut support = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.is("RelatedPerson")) {
        let Some(name) = piece.text("name.text").or_else(|| piece.text("name.family")) else { continue };
        let parts = [piece.concept("relationship"), Some(name), piece.text("telecom.value")];
        piece.tell(shown);
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        support.push(Statement { text: words(text, lang), origin: None });
    }
    for piece in pieces.iter().filter(|piece| piece.is("EpisodeOfCare") && lasts(piece, "period.end", today)) {
        if !matches!(piece.text("status").as_deref(), Some("active" | "onhold")) {
            continue;
        }
        let parts =
            [piece.concept("type"), piece.text("managingOrganization.display"), piece.text("careManager.display")];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            piece.tell(shown);
            support.push(Statement { text: words(text, lang), origin: None });
        }
    }
    support
}

/// The present or last stay in a hospital.
fn stay(pieces: &[Piece], today: Date, lang: Lang, shown: &mut Shown) -> Option<Statement> {
    let is_stay = |piece: &Piece| {
        piece.is("Encounter") && matches!(piece.text("class.code").as_deref(), Some("IMP" | "ACUTE" | "NONAC"))
    };
    let piece = newest(pieces, &|piece| if is_stay(piece) { piece.day(&["period.start"]) } else { None })?;
    let from = piece.day(&["period.start"])?;
    piece.tell(shown);
    let when = match piece.day(&["period.end"]) {
        Some(to) => lang.with("looks-stay", &[("span", calendar::span(from, to, today, lang).into())]),
        None => lang.with("person-stay-since", &[("day", calendar::near_day(from, today, lang).into())]),
    };
    let reason = piece.concept("reasonCode").unwrap_or_default();
    let text = format!("{when} {reason}");
    let origin = Some(Origin { day: from, by: piece.from().cloned() });
    Some(Statement { text: if reason.is_empty() { own(when, lang) } else { words(text, lang) }, origin })
}

#[cfg(test)]
mod tests {
    use super::super::tests::piece;
    use super::*;

    fn flag(number: u64, code: &str, text: &str, start: &str, rest: &str) -> Piece {
        piece(
            number,
            &format!(
                r#"{{"resourceType":"Flag","status":"active","category":[{{"coding":[{{"system":"{PRECAUTION}","code":"{code}"}}]}}],
            "code":{{"text":"{text}"}},"period":{{"start":"{start}"{rest}}}}}"#
            ),
        )
    }

    const TODAY: Date = jiff::civil::date(2026, 11, 22);

    #[test]
    fn precautions_come_by_topic_newest_first_while_they_last() {
        let mut shown = Shown::none();
        let pieces = [
            flag(1, "moving", "杖で歩く", "2026-10-28", ""),
            flag(2, "moving", "そばで見守る", "2026-11-20", ""),
            flag(3, "swallowing", "とろみ", "2026-10-30", ""),
            flag(4, "medication", "済んだこと", "2026-10-30", r#","end":"2026-11-21""#),
        ];
        let view = view(&pieces, TODAY, Lang::Ja, &mut shown);
        let topics: Vec<PrecautionTopic> = view.precautions.iter().map(|one| one.topic).collect();
        assert_eq!(topics, [PrecautionTopic::Swallowing, PrecautionTopic::Moving]);
        assert_eq!(view.precautions[1].statements[0].text.text, "そばで見守る");
        assert_eq!(shown.count(), 3);
    }

    #[test]
    fn an_illness_stands_once_and_says_when_it_is_untold() {
        let condition = |number, text: &str, status: &str| {
            piece(
                number,
                &format!(
                    r#"{{"resourceType":"Condition","code":{{"text":"{text}"}},"clinicalStatus":{{"coding":[{{"code":"{status}"}}]}},"onsetDateTime":"2026-11-03"}}"#
                ),
            )
        };
        let mut untold = condition(4, "膵頭部癌", "active");
        untold.flags = Flags::UNINFORMED;
        let pieces = [
            condition(1, "脳梗塞", "active"),
            condition(2, "脳梗塞", "active"),
            condition(3, "白内障", "resolved"),
            untold,
        ];
        let mut shown = Shown::none();
        let view = view(&pieces, TODAY, Lang::Ja, &mut shown);
        let texts: Vec<&str> = view.conditions.iter().map(|said| said.text.text.as_str()).collect();
        assert_eq!(texts.len(), 2);
        assert!(texts.contains(&"脳梗塞") && texts.iter().any(|text| text.starts_with("膵頭部癌(")), "{texts:?}");
        assert_eq!(shown.count(), 2);
    }

    #[test]
    fn the_last_stay_and_those_who_support() {
        let pieces = [
            piece(
                1,
                r#"{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"period":{"start":"2026-11-21"}}"#,
            ),
            piece(
                2,
                r#"{"resourceType":"Encounter","status":"finished","class":{"code":"IMP"},"period":{"start":"2026-11-03","end":"2026-11-20"},"reasonCode":[{"text":"脳梗塞の治療のため"}]}"#,
            ),
            piece(
                3,
                r#"{"resourceType":"RelatedPerson","relationship":[{"text":"娘"}],"name":[{"text":"山田 恵"}],"telecom":[{"value":"000-0000-0308"}]}"#,
            ),
            piece(
                4,
                r#"{"resourceType":"EpisodeOfCare","status":"active","type":[{"text":"居宅介護支援"}],"managingOrganization":{"display":"ひだまり介護支援センター"},"careManager":{"display":"髙橋 久美"}}"#,
            ),
        ];
        let view = view(&pieces, TODAY, Lang::Ja, &mut Shown::none());
        assert_eq!(view.stay.unwrap().text.text, "11月3日(火)〜11月20日(金) 入院 脳梗塞の治療のため");
        let texts: Vec<&str> = view.support.iter().map(|said| said.text.text.as_str()).collect();
        assert_eq!(texts, ["娘 山田 恵 000-0000-0308", "居宅介護支援 ひだまり介護支援センター 髙橋 久美"]);
    }
}
