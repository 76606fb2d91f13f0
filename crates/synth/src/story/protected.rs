//! 松本 さくら, 34, whose address is protected (住民基本台帳事務の支援措置): whoever sends about her sends no telephone
//! number and, where the profiles ask for an address, that it is not told, so that no page and no look can betray where she lives.

use jiff::civil::date;
use tsumugi_kernel::Role;

use super::{
    cast::Cast,
    letters::{From, Letters},
    neighbours::household,
};
use crate::{
    form::{
        bundle::collection,
        clinical::{Diagnosis, Disease, condition, lab_item, laboratory},
        party::Setting,
    },
    json::{Json, arr, obj},
    outgoing::{Outgoing, SynthError, moment},
    people::{Citizen, Institution, Name, Sex, insurer_number},
};

/// Her sign-in.
pub const SAKURA: &str = "matsumoto-sakura";

const ANAEMIA: Disease = Disease { text: "鉄欠乏性貧血", icd10: "D509" };

/// What stands where the profiles ask for an address: that it is not told.
const WITHHELD: &str = "不開示";

/// The message without a telephone number, and with [`WITHHELD`] in the place of every address.
fn withheld(message: Json) -> Json {
    match message {
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .filter(|(name, _)| *name != "telecom")
                .map(|(name, value)| match name {
                    "address" => (name, arr![obj! {"text" => WITHHELD, "city" => WITHHELD, "state" => WITHHELD}]),
                    _ => (name, withheld(value)),
                })
                .collect(),
        ),
        Json::List(items) => Json::list(items.into_iter().map(withheld)),
        other => other,
    }
}

/// Her household in the directory: it has no line of an address that is hers.
pub(super) fn home() -> Institution {
    household(
        "household-matsumoto",
        "松本さんの家",
        "",
        &[(SAKURA, ["松本", "さくら", "マツモト", "サクラ"], Role::Citizen)],
    )
}

/// The woman whose address is protected.
pub(super) fn sakura() -> Citizen {
    Citizen {
        name: Name::new("松本", "さくら", "マツモト", "サクラ"),
        sex: Sex::Female,
        birth: date(1992, 4, 2),
        address: home().address,
        phone: String::new(),
        member_id: format!("{}:5513:820:00", insurer_number("01", 1)),
        number: 420_820,
    }
}

/// Everything sent.
pub(super) fn letters(cast: &Cast) -> Result<Vec<Outgoing>, SynthError> {
    let person = sakura();
    let mut out = Letters::new(3);
    let day = date(2026, 10, 6);
    out.submit(From::physician(&cast.hospital, day, (16, 0)), "matsumoto-conditions-2026-10", |author, ids| {
        let sent = collection(author, &person, "Condition", "CONDITION-420820", ids, |subject| {
            let known = Diagnosis::active(ANAEMIA, "2026-10-06");
            vec![condition(author, subject, "1", &known, Setting::Ambulatory)]
        });
        withheld(sent)
    })?;
    let drawn = moment(day, 9, 40)?;
    out.submit(From::physician(&cast.hospital, day, (16, 10)), "matsumoto-labs-2026-10", |author, ids| {
        let sent = collection(author, &person, "Observation", "LAB-20261006-M", ids, |subject| {
            let items = [("Hb", "10.1"), ("PLT", "301")];
            let one = |(key, value)| {
                laboratory(author, subject, "LAB-20261006-M", lab_item(key), value, drawn, Setting::Ambulatory)
            };
            items.into_iter().map(one).collect()
        });
        withheld(sent)
    })?;
    Ok(out.finish())
}
