//! Neighbours of 山田 ハル, each with a small story of their own, and who else one may be: their homes, the people who sign
//! in there, a research institute.

use jiff::civil::date;
use tsumugi_kernel::{OrganizationId, OrganizationKind, PersonId, Purpose, Role};

use super::{cast::Cast, diabetic, doubles, infant, protected};
use crate::{
    names::{CITY, PREFECTURE},
    outgoing::{Directory, Form, Outgoing, SynthError, moment},
    people::{Address, Citizen, Institution, Name, Professional},
};

/// The researcher's sign-in.
pub const RESEARCHER: &str = "nishida-makiko";

/// A household of the stories: id, name, the rest of its address in 港町, who signs in.
pub(super) fn household(id: &str, name: &str, line: &str, members: &[(&str, [&str; 4], Role)]) -> Institution {
    let member = |(id, name, role): &(&str, [&str; 4], Role)| Professional {
        id: (*id).into(),
        name: Name::new(name[0], name[1], name[2], name[3]),
        qualification: None,
        role: *role,
    };
    Institution {
        id: id.into(),
        name: name.into(),
        kind: OrganizationKind::Household,
        address: Address {
            postal: "000-0011".into(),
            state: PREFECTURE.into(),
            city: CITY.into(),
            line: format!("港町{line}"),
        },
        phone: String::new(),
        staff: members.iter().map(member).collect(),
    }
}

fn institute() -> Institution {
    let researcher = Professional {
        id: RESEARCHER.into(),
        name: Name::new("西田", "真紀子", "ニシダ", "マキコ"),
        qualification: None,
        role: Role::Researcher,
    };
    Institution {
        id: "institute-tsumugi".into(),
        name: "紬健康科学研究所".into(),
        kind: OrganizationKind::ResearchInstitute,
        staff: vec![researcher],
        ..household("institute-tsumugi", "", "8-1", &[])
    }
}

/// Their places, with who signs in there.
pub(super) fn places() -> [Institution; 4] {
    [infant::home(), diabetic::home(), protected::home(), institute()]
}

/// Whose record it is about, by the id of a place; none where it is about nobody.
pub(super) fn citizen_of(place: &str) -> Option<Citizen> {
    [
        (infant::home(), infant::hinata()),
        (diabetic::home(), diabetic::kenichi()),
        (protected::home(), protected::sakura()),
    ]
    .into_iter()
    .find_map(|(home, citizen)| (home.id == place).then_some(citizen))
}

/// Everything sent, the directory first; not yet in order.
pub(super) fn all(cast: &Cast) -> Result<Vec<Outgoing>, SynthError> {
    let mut directory = Directory::default();
    for place in places() {
        directory.add(&place)?;
    }
    let mut all = Vec::new();
    if let Some(clerk) = cast.city.staff.first() {
        all.push(Outgoing {
            sender: OrganizationId::new(&cast.city.id)?,
            person: PersonId::new(&clerk.id)?,
            role: clerk.role,
            purpose: Purpose::RecordManagement,
            form: Form::Directory(directory),
            time: moment(date(2023, 12, 1), 9, 0)?,
            name: "neighbours-directory".into(),
        });
    }
    all.extend(diabetic::letters(cast)?);
    all.extend(infant::letters(cast)?);
    all.extend(protected::letters(cast)?);
    all.extend(doubles::letters(cast)?);
    Ok(all)
}
