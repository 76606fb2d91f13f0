//! Codes on paper: how the first passkey comes to be, and the way back in for whoever lost every one.
//!
//! Twenty digits, since digits are typed easily: nineteen at random (63 bits) and one that tells a slip of the finger from a
//! guess. Kept under a keyed hash, good for some days, used once; a newer one ends it.
//!
//! What must hold: whoever hands a code out has seen who it is, and says by which document; nobody hands one out to
//! themself; a desk of the municipality opens what is the citizen's own, a desk of an organisation what its post gives,
//! and neither the other.

use serde::{Deserialize, Serialize};
use tsumugi_access::{Action, Caller, Permit, Shown, case::is_suspended_at_work};
use tsumugi_kernel::{Instant, OrganizationKind, PersonId, Purpose, Role};

use super::{By, Gate, GateError, Session, What, challenge::keyed, session};
use crate::{
    jose::encode,
    keep::{Change, Kept, Tag},
    oauth::limit::Counted,
};

/// How long a code is good: two weeks, so that a letter and a daughter's visit fit in.
const GOOD_MILLIS: i64 = 14 * 24 * 60 * 60 * 1000;
/// How long whoever comes late or twice is told so.
const TOLD_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Digits of a code.
const DIGITS: usize = 20;

/// By which document somebody showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// マイナンバーカード.
    MyNumberCard,
    /// 運転免許証・運転経歴証明書.
    DrivingLicence,
    /// パスポート.
    Passport,
    /// 在留カード・特別永住者証明書.
    ResidenceCard,
    /// 身体障害者手帳など.
    DisabilityCertificate,
    /// Two documents without a picture.
    TwoDocuments,
    /// 職員証, or known to whoever hands the code out.
    Staff,
}

impl Identity {
    /// Those that a municipality's desk takes.
    pub const OF_CITIZENS: [Self; 6] = [
        Self::MyNumberCard,
        Self::DrivingLicence,
        Self::Passport,
        Self::ResidenceCard,
        Self::DisabilityCertificate,
        Self::TwoDocuments,
    ];

    /// The code as written in forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MyNumberCard => "my-number-card",
            Self::DrivingLicence => "driving-licence",
            Self::Passport => "passport",
            Self::ResidenceCard => "residence-card",
            Self::DisabilityCertificate => "disability-certificate",
            Self::TwoDocuments => "two-documents",
            Self::Staff => "staff",
        }
    }

    /// How it stands in the log, for the person and whoever reviews.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::MyNumberCard => "マイナンバーカード",
            Self::DrivingLicence => "運転免許証",
            Self::Passport => "パスポート",
            Self::ResidenceCard => "在留カード",
            Self::DisabilityCertificate => "障害者手帳",
            Self::TwoDocuments => "書類2点",
            Self::Staff => "職員証",
        }
    }
}

/// Whether everything with which the person signed in before is to be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Something more is added.
    Nothing,
    /// A phone or key is lost: what was there counts no more.
    All,
}

/// Whose side a code, a passkey and a session are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The municipality's desk: the person's own record, and those for whom they act.
    Home,
    /// The organisation's desk, or the operator: posts on a roster.
    Work,
}

/// To whom a code is handed, and on what grounds.
#[derive(Clone, Copy, Debug)]
pub struct Handed<'a> {
    /// To whom.
    pub person: &'a PersonId,
    /// By which document.
    pub identity: Identity,
    /// Whether what was there before is to be stopped.
    pub lost: Lost,
}

/// A code, once: it is kept nowhere in this form.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    /// The digits.
    pub digits: String,
    /// How long it is good.
    pub until: Instant,
}

impl Code {
    /// The digits in groups of five.
    #[must_use]
    pub fn grouped(&self) -> String {
        let digits: Vec<char> = self.digits.chars().collect();
        digits.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

/// A code, as kept.
#[derive(Clone, Serialize, Deserialize)]
struct KeptCode {
    person: PersonId,
    until: Instant,
    used: bool,
    side: Side,
    identity: Identity,
    by: Option<PersonId>,
}

impl Gate {
    /// Hands a code out to a citizen, at the desk of a municipality. The permit is the clerk's, for [`Action::Standing`] of the
    /// citizen whom the person is; its leaf is in the same commit.
    ///
    /// # Errors
    /// [`GateError::Own`], [`GateError::NotOpen`], or what stopped the commit: then nothing may be handed out.
    pub async fn hand_to_citizen(&self, permit: Permit, to: &Handed<'_>) -> Result<Code, GateError> {
        let clerk = permit.caller().clone();
        let desk = (clerk.role, clerk.purpose, clerk.organization_kind)
            == (Role::Municipality, Purpose::RecordManagement, OrganizationKind::Municipality);
        let person = self.0.provider.directory().person(to.person).await?.ok_or(GateError::NotOpen)?;
        let theirs = person.citizen.is_some_and(|citizen| permit.opens(citizen));
        if !desk || clerk.automatic || permit.action() != Action::Standing || !theirs {
            return Err(GateError::NotOpen);
        }
        self.not_to_themself(&clerk, to.person).await?;
        let leaves = permit.into_leaves(&Shown::none()).await?;
        self.hand(Some(&clerk), to, Side::Home, leaves).await
    }

    /// Hands a code out to somebody on the organisation's roster, by its registrar.
    ///
    /// # Errors
    /// As [`Gate::hand_to_citizen`].
    pub async fn hand_to_staff(&self, clerk: &Caller, to: &Handed<'_>) -> Result<Code, GateError> {
        let (at, directory) = (self.moment().await?, self.0.provider.directory());
        let desk = (clerk.role, clerk.purpose) == (Role::Registrar, Purpose::RecordManagement) && !clerk.automatic;
        let posts = directory.posts(&clerk.organization, to.person).await?;
        if !desk || posts.held(at.now.civil().date()).is_empty() {
            return Err(GateError::NotOpen);
        }
        self.not_to_themself(clerk, to.person).await?;
        self.hand(Some(clerk), to, Side::Work, Vec::new()).await
    }

    /// Hands a code out to somebody who works somewhere, by the operator of the server: how an organisation's first people
    /// come in.
    ///
    /// # Errors
    /// What stopped the commit.
    pub async fn hand_by_operator(&self, to: &Handed<'_>) -> Result<Code, GateError> {
        self.hand(None, to, Side::Work, Vec::new()).await
    }

    pub(super) async fn not_to_themself(&self, clerk: &Caller, to: &PersonId) -> Result<(), GateError> {
        let directory = self.0.provider.directory();
        if clerk.person == *to {
            return Err(GateError::Own);
        }
        let citizen = async |id: &PersonId| Ok::<_, GateError>(directory.person(id).await?.and_then(|one| one.citizen));
        if let (Some(own), Some(theirs)) = (citizen(&clerk.person).await?, citizen(to).await?)
            && directory.are_one(own, theirs).await?
        {
            return Err(GateError::Own);
        }
        Ok(())
    }

    async fn hand(
        &self,
        clerk: Option<&Caller>,
        to: &Handed<'_>,
        side: Side,
        leaves: Vec<tsumugi_ledger::DraftLeaf>,
    ) -> Result<Code, GateError> {
        let at = self.moment().await?;
        let code = Code { digits: self.digits(), until: at.now.plus_millis(GOOD_MILLIS) };
        let name = self.name_of_code(&code.digits);
        let kept = KeptCode {
            person: to.person.clone(),
            until: code.until,
            used: false,
            side,
            identity: to.identity,
            by: clerk.map(|clerk| clerk.person.clone()),
        };
        let operator = || "サーバーの運用者".to_owned();
        let whose =
            clerk.map_or_else(operator, |clerk| format!("{}（{}）", clerk.person_name, clerk.organization_name));
        let all = to.lost == Lost::All;
        self.change_with(to.person, at, all, |account, change, sessions| {
            if all {
                // Whoever has lost a phone has lost what is on it, of whichever side: to stop is not to open.
                for key in &mut account.keys {
                    key.stopped = true;
                }
                // Its row stays as a mark of whose it was; without this it opens nothing.
                account.certificate = None;
                // The second factor is the organisation's to renew: a municipality's clerk makes nobody a professional.
                if side == Side::Work {
                    account.totp = None;
                    // So is the licence: it is shown anew, by whoever has the card.
                    account.licence = None;
                }
                for kept in sessions {
                    session::end(change, kept);
                }
            }
            account.code = Some(name.clone());
            let what = if all { What::AllStopped } else { What::CodeHanded };
            account.note(Self::event(at.now, what, Some(&whose)));
            change.put_new(Tag::DeskCode, &name, &kept, code.until.plus_millis(TOLD_MILLIS));
            change.leaves(leaves.clone());
            Ok(())
        })
        .await?;
        Ok(code)
    }

    /// Comes in with a code; gives the new session's cookie.
    ///
    /// # Errors
    /// [`GateError`].
    pub async fn redeem(&self, typed: &str) -> Result<String, GateError> {
        let at = self.moment().await?;
        let digits = read(typed).ok_or(GateError::Mistyped)?;
        let name = self.name_of_code(&digits);
        let kept: Option<Kept<KeptCode>> = self.0.provider.keep().get(Tag::DeskCode, &name).await?;
        let Some(kept) = kept else {
            if !self.0.limits.allows(Counted::DeskCode, "", at.now) {
                return Err(GateError::Often);
            }
            self.0.limits.count(Counted::DeskCode, "", at.now);
            return Err(GateError::Code);
        };
        let code = kept.value.clone();
        if code.used {
            return Err(GateError::CodeUsed);
        }
        if at.now >= code.until || self.is_of_suspended(code.by.as_ref(), at.now).await? {
            return Err(GateError::CodeEnded);
        }
        let used = |account: &mut super::account::Account, change: &mut Change| {
            // A newer code has been handed out, or another window was quicker.
            if account.code.as_ref() != Some(&name) {
                return Err(GateError::CodeEnded);
            }
            account.code = None;
            account.note(Self::event(at.now, What::CodeUsed, None));
            change.replace(Tag::DeskCode, &name, &kept, &KeptCode { used: true, ..code.clone() }, kept.expires);
            let mut session = Session::new(&code.person, By::Code, None, code.side, at);
            session.handed.clone_from(&code.by);
            Ok(self.begin(change, &session))
        };
        self.change(&code.person, at, used).await
    }

    /// Whether the clerk who handed a code out is suspended: then what they opened is closed.
    pub(super) async fn is_of_suspended(&self, clerk: Option<&PersonId>, now: Instant) -> Result<bool, GateError> {
        match clerk {
            Some(clerk) => Ok(is_suspended_at_work(self.0.provider.keep().store(), clerk, now).await?),
            None => Ok(false),
        }
    }

    fn digits(&self) -> String {
        let number = loop {
            let mut bytes = [0; 8];
            self.0.provider.entropy().fill(&mut bytes);
            let number = u64::from_be_bytes(bytes);
            // Every number of nineteen digits equally often.
            if number < 10_000_000_000_000_000_000 {
                break number;
            }
        };
        let digits = format!("{number:019}");
        let check = damm(digits.bytes());
        format!("{digits}{check}")
    }

    fn name_of_code(&self, digits: &str) -> String {
        use hmac::Mac as _;
        let mut mac = keyed(&self.0.code_key);
        mac.update(digits.as_bytes());
        encode(&mac.finalize().into_bytes())
    }
}

/// The digits of what somebody typed: in either width, with spaces and lines between. `None` where a digit is wrong.
fn read(typed: &str) -> Option<String> {
    let digit = |c: char| match c {
        '0'..='9' => Some(Some(c)),
        '０'..='９' => Some(char::from_digit(u32::from(c) - u32::from('０'), 10)),
        '-' | '－' | '‐' | 'ー' | '−' | '.' | '・' => Some(None),
        c if c.is_whitespace() => Some(None),
        _ => None,
    };
    let digits: Option<Vec<Option<char>>> = typed.chars().take(200).map(digit).collect();
    let digits: String = digits?.into_iter().flatten().collect();
    (digits.len() == DIGITS && damm(digits.bytes()) == 0).then_some(digits)
}

/// Damm's check digit: it notices every wrong digit and every two that changed places.
fn damm(digits: impl Iterator<Item = u8>) -> u8 {
    const TABLE: [[u8; 10]; 10] = [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
        [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
        [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
        [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
        [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
        [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
        [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
        [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
        [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
        [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ];
    digits.fold(0, |state, digit| TABLE[usize::from(state)][usize::from(digit - b'0') % 10])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_told_from_a_guess() {
        assert_eq!(damm("572".bytes()), 4);
        let good = format!("1234567890123456789{}", damm("1234567890123456789".bytes()));
        assert_eq!(read(&good).as_deref(), Some(good.as_str()));
        let wide: String = good.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
        assert_eq!(read(&format!(" {}－{}\n", &wide[..30], &wide[30..])).as_deref(), Some(good.as_str()));
        for place in 0..DIGITS {
            let mut digits = good.clone().into_bytes();
            digits[place] = b'0' + (digits[place] - b'0' + 1) % 10;
            assert_eq!(read(std::str::from_utf8(&digits).unwrap()), None, "digit {place}");
        }
        for place in 0..DIGITS - 1 {
            let mut digits = good.clone().into_bytes();
            digits.swap(place, place + 1);
            let swapped = String::from_utf8(digits).unwrap();
            assert!(swapped == good || read(&swapped).is_none(), "digits {place}");
        }
        for bad in ["", "1234", &good[1..], &format!("{good}0"), &good.replace('1', "l")] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
