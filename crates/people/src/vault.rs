//! The sealed vault of individual numbers (マイナンバー): from the number to the citizen.
//!
//! Keys are keyed hashes (HMAC-SHA-256) and values are sealed (AES-256-GCM, bound to their key), each with a key of its
//! own derived from the folder's secret; so a copy of the store without the secret tells nothing, not even whether a
//! known number is in it. A row found under another key does not open.
//!
//! Who may ask is said by [`Duty`], from role, organisation and purpose; the caller must besides have gone through the
//! door for the citizen that is answered, so that she sees who asked. The number itself is given back only to
//! [`Duty::Hold`].
//!
//! What must hold: no row, event, error or log line holds a number or a part of one; a number leads to one citizen, and
//! giving it to another is refused, not overwritten.

use std::sync::Arc;

use aes_gcm::{
    Aes256Gcm,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tsumugi_kernel::{CitizenId, Entropy, MasterSecret, OrganizationKind, Purpose, Role};
use tsumugi_store::{Expectation, Row, Store, StoreError, Table};
use zeroize::Zeroizing;

use crate::MyNumber;

/// Most numbers kept of one citizen: it changes only when it leaked (番号利用法 第7条第2項).
const NUMBERS_MOST: usize = 8;
const VERSION: u8 = 1;
const NONCE: usize = 12;

/// What somebody may do with the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// Nothing.
    None,
    /// Ask to whom a number belongs.
    Ask,
    /// That, and hold the number itself.
    Hold,
}

impl Duty {
    /// The duty of a role for an organisation and purpose (番号利用法 第9条, 別表: municipalities and insurers). In a
    /// disaster the municipality's aid may ask (第9条第5項); the door opens that purpose by its own rules or not at all.
    #[must_use]
    pub const fn of(role: Role, kind: OrganizationKind, purpose: Purpose) -> Self {
        use OrganizationKind as Kind;
        match (role, kind, purpose) {
            (Role::Municipality, Kind::Municipality, Purpose::RecordManagement | Purpose::Coverage)
            | (Role::Insurer, Kind::Insurer, Purpose::Coverage) => Self::Hold,
            (Role::Municipality, Kind::Municipality, Purpose::Disaster) => Self::Ask,
            _ => Self::None,
        }
    }
}

/// Why the vault does not answer. Nothing of a number stands in it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Role, organisation and purpose have no such duty.
    #[error("the vault of individual numbers does not open for this role and purpose")]
    NoDuty,
    /// The number belongs to another citizen here.
    #[error("this individual number leads to another person; a person must look at it before it is changed")]
    Taken,
    /// A citizen has too many numbers.
    #[error("too many individual numbers of one person; a person must look at it")]
    Full,
    /// A row does not open: damaged, or of another secret.
    #[error("a row of the vault cannot be opened; the folder's secret may be another")]
    Sealed,
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the caller's commit must write and expect for a number to become a citizen's.
#[derive(Debug, Default)]
pub struct VaultWrite {
    /// Rows; none when nothing changes.
    pub rows: Vec<Row>,
    /// Expectations.
    pub expect: Vec<Expectation>,
}

/// The vault. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    store: Arc<dyn Store>,
    entropy: Arc<dyn Entropy>,
    index: Hmac<Sha256>,
    seal: Aes256Gcm,
}

impl Vault {
    /// The vault of a deployment.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, secret: &MasterSecret, entropy: Arc<dyn Entropy>) -> Self {
        let index = secret.derive("tsumugi/vault/index/1");
        // HMAC pads a key shorter than its block with zeros (RFC 2104 section 2), so this is the same key.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(index.as_slice());
        let seal = Aes256Gcm::new((&*secret.derive("tsumugi/vault/seal/1")).into());
        Self { store, entropy, index: Hmac::new((&*block).into()), seal }
    }

    /// The citizen whose number it is, or nobody. The caller must then go through the door for that citizen.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn find(&self, duty: Duty, number: &MyNumber) -> Result<Option<CitizenId>, VaultError> {
        if duty < Duty::Ask {
            return Err(VaultError::NoDuty);
        }
        let key = self.number_key(number);
        let Some(row) = self.store.row(Table::Vault, &key).await? else { return Ok(None) };
        Ok(Some(citizen(&self.open(&key, &row)?)?))
    }

    /// The newest number of a citizen, for whoever may hold it.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn number_of(&self, duty: Duty, citizen: CitizenId) -> Result<Option<MyNumber>, VaultError> {
        if duty < Duty::Hold {
            return Err(VaultError::NoDuty);
        }
        let key = self.citizen_key(citizen);
        let Some(row) = self.store.row(Table::Vault, &key).await? else { return Ok(None) };
        let plain = self.open(&key, &row)?;
        let digits = plain.first_chunk::<12>().ok_or(VaultError::Sealed)?;
        MyNumber::from_digits(Zeroizing::new(*digits)).map(Some).ok_or(VaultError::Sealed)
    }

    /// Makes a number a citizen's newest. Earlier numbers of hers lead to her as before.
    ///
    /// # Errors
    /// [`VaultError`]; [`VaultError::Taken`] when it is another's.
    pub async fn give(&self, duty: Duty, number: &MyNumber, to: CitizenId) -> Result<VaultWrite, VaultError> {
        if duty < Duty::Hold {
            return Err(VaultError::NoDuty);
        }
        let (by_number, by_citizen) = (self.number_key(number), self.citizen_key(to));
        let held = self.store.row(Table::Vault, &by_number).await?;
        if let Some(row) = &held
            && citizen(&self.open(&by_number, row)?)? != to
        {
            return Err(VaultError::Taken);
        }
        let known = self.store.row(Table::Vault, &by_citizen).await?;
        let mut numbers = match &known {
            Some(row) => self.open(&by_citizen, row)?,
            None => Zeroizing::new(Vec::new()),
        };
        if held.is_some() && numbers.starts_with(number.digits()) {
            return Ok(VaultWrite::default());
        }
        let others: Zeroizing<Vec<u8>> = Zeroizing::new(
            numbers.chunks(12).filter(|other| *other != number.digits()).flat_map(<[u8]>::iter).copied().collect(),
        );
        if others.len() >= NUMBERS_MOST * 12 {
            return Err(VaultError::Full);
        }
        numbers = Zeroizing::new([number.digits().as_slice(), others.as_slice()].concat());
        let row = |key: &[u8], value| Row { table: Table::Vault, key: key.to_vec(), value: Some(value) };
        let expect = |key: &[u8], before: Option<bytes::Bytes>| {
            Expectation::Row(Table::Vault, key.to_vec(), before.map(|row| row.to_vec()))
        };
        Ok(VaultWrite {
            rows: vec![
                row(&by_number, self.close(&by_number, &to.0.to_be_bytes())?),
                row(&by_citizen, self.close(&by_citizen, &numbers)?),
            ],
            expect: vec![expect(&by_number, held), expect(&by_citizen, known)],
        })
    }

    fn number_key(&self, number: &MyNumber) -> Vec<u8> {
        self.key(b'n', number.digits())
    }

    fn citizen_key(&self, citizen: CitizenId) -> Vec<u8> {
        self.key(b'c', &citizen.0.to_be_bytes())
    }

    fn key(&self, kind: u8, of: &[u8]) -> Vec<u8> {
        let mut mac = self.index.clone();
        mac.update(&[kind]);
        mac.update(of);
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        hash.to_vec()
    }

    fn close(&self, key: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let nonce = *self.entropy.bytes16().first_chunk::<NONCE>().ok_or(VaultError::Sealed)?;
        let payload = Payload { msg: plain, aad: key };
        let sealed =
            aes_gcm::aead::Aead::encrypt(&self.seal, &nonce.into(), payload).map_err(|_| VaultError::Sealed)?;
        Ok([&[VERSION], nonce.as_slice(), sealed.as_slice()].concat())
    }

    fn open(&self, key: &[u8], row: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let [VERSION, rest @ ..] = row else { return Err(VaultError::Sealed) };
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or(VaultError::Sealed)?;
        let plain = self.seal.decrypt(&(*nonce).into(), Payload { msg: sealed, aad: key });
        plain.map(Zeroizing::new).map_err(|_| VaultError::Sealed)
    }
}

fn citizen(plain: &[u8]) -> Result<CitizenId, VaultError> {
    plain.try_into().map(|id| CitizenId(u64::from_be_bytes(id))).map_err(|_| VaultError::Sealed)
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}
