//! The rows: a person's addresses (`a` and the shelf), letters that wait (`o`, when, and a number), how far the log was read (`c`).

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use tsumugi_kernel::{CitizenId, Instant, PersonId};
use tsumugi_store::{Row, Store, Table};

use super::{MailError, MailState};
use crate::Door;

const VERSION: u8 = 1;
const NONCE: usize = 12;

/// A person's addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    v: u8,
    /// As whom she reads her notices: what was read ends a silence.
    pub reader: Option<PersonId>,
    pub to: Vec<To>,
    /// When numbers were sent lately.
    #[serde(default)]
    pub codes: Vec<Instant>,
    /// When she was last told of something.
    #[serde(default)]
    pub told: Option<Instant>,
    /// When urgent letters were sent lately.
    #[serde(default)]
    pub urgent: Vec<Instant>,
}

/// One address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct To {
    pub id: String,
    /// The address, sealed.
    pub sealed: Vec<u8>,
    pub state: MailState,
    /// The number's mark, until when it is good, and how many wrong ones are still taken; while it waits.
    #[serde(default)]
    pub code: Option<(String, Instant, u8)>,
}

/// A letter that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waits {
    pub shelf: CitizenId,
    /// To which address; one that is not there any more gets nothing.
    pub to: String,
    /// The sealed number, of a letter that brings one.
    pub code: Option<Vec<u8>>,
    pub tries: u8,
}

impl Kept {
    pub(super) fn new() -> Self {
        Self { v: VERSION, ..Self::default() }
    }
}

/// The addresses of a shelf, and the row as read.
pub(super) async fn kept(store: &dyn Store, shelf: CitizenId) -> Result<(Kept, Option<Vec<u8>>), MailError> {
    let Some(bytes) = store.row(Table::Mail, &key(shelf)).await? else { return Ok((Kept::new(), None)) };
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|_| MailError::Row)?;
    if kept.v == VERSION { Ok((kept, Some(bytes.to_vec()))) } else { Err(MailError::Row) }
}

/// Strings, numbers and lists always serialise. Without an address no row is left.
pub(super) fn row(shelf: CitizenId, kept: &Kept) -> Row {
    let value = (!kept.to.is_empty()).then(|| serde_json::to_vec(kept).unwrap_or_default());
    Row { table: Table::Mail, key: key(shelf), value }
}

pub(super) fn waits(key: Vec<u8>, waits: &Waits) -> Row {
    Row { table: Table::Mail, key, value: Some(serde_json::to_vec(waits).unwrap_or_default()) }
}

pub(super) fn key(shelf: CitizenId) -> Vec<u8> {
    [b"a".as_slice(), &shelf.0.to_be_bytes()].concat()
}

pub(super) fn waits_key(due: Instant, number: &[u8]) -> Vec<u8> {
    [b"o".as_slice(), &u64::try_from(due.0).unwrap_or(0).to_be_bytes(), number].concat()
}

/// When a waiting letter is due, and its number.
pub(super) fn due(key: &[u8]) -> Option<(Instant, &[u8])> {
    let (due, number) = key.get(1..)?.split_first_chunk::<8>()?;
    Some((Instant(i64::try_from(u64::from_be_bytes(*due)).ok()?), number))
}

pub(super) fn cursor_key() -> Vec<u8> {
    b"c".to_vec()
}

impl Door {
    /// Seals a text of an address of a shelf: it opens nowhere else.
    pub(super) fn seal_mail(&self, shelf: CitizenId, id: &str, text: &str) -> Result<Vec<u8>, MailError> {
        let mut nonce = [0; NONCE];
        self.0.entropy.fill(&mut nonce);
        let aad = aad(shelf, id);
        let payload = Payload { msg: text.as_bytes(), aad: &aad };
        let sealed = self.mail_cipher().encrypt(&nonce.into(), payload).map_err(|_| MailError::Row)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub(super) fn open_mail(&self, shelf: CitizenId, id: &str, sealed: &[u8]) -> Result<String, MailError> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(MailError::Row)?;
        let aad = aad(shelf, id);
        let plain = self.mail_cipher().decrypt(nonce.into(), Payload { msg: sealed, aad: &aad });
        String::from_utf8(plain.map_err(|_| MailError::Row)?).map_err(|_| MailError::Row)
    }

    fn mail_cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.0.mail_key).into())
    }

    /// By what a number is known again.
    pub(super) fn code_mark(&self, shelf: CitizenId, id: &str, code: &str) -> String {
        // HMAC pads a key shorter than its block with zeros (RFC 2104 section 2), so this is the same key.
        let mut block = [0; 64];
        block[..32].copy_from_slice(self.0.mail_key.as_slice());
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(&aad(shelf, id));
        mac.update(b"code");
        mac.update(code.as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn is_code(&self, shelf: CitizenId, to: &To, code: &str) -> bool {
        let mark = to.code.as_ref().map_or("", |(mark, _, _)| mark.as_str());
        bool::from(mark.as_bytes().ct_eq(self.code_mark(shelf, &to.id, code).as_bytes()))
    }
}

fn aad(shelf: CitizenId, id: &str) -> Vec<u8> {
    [shelf.0.to_be_bytes().as_slice(), id.as_bytes(), &[0]].concat()
}
