//! The data folder: what stands in it, how it is made, how it is opened.
//!
//! `tsumugi.json` says that the folder is ours, its format, and whether it is for development; `secret` holds the one
//! secret of the deployment (32 bytes as hexadecimal, readable by its owner only); `store/` is the store's own;
//! `clients.json` names the apps and systems that may ask for tokens.
//! See `docs/operations.md`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use tsumugi_access::PolicyProfile;
use tsumugi_fhir_definitions::Definitions;
use tsumugi_kernel::{Entropy, MasterSecret};
use tsumugi_ledger::Signer;
use tsumugi_store::{SqliteOptions, SqliteStore, Store, StoreError};

/// The format of `tsumugi.json` that this program writes and reads.
const FORMAT: u32 = 1;
const MARK: &str = "tsumugi.json";
const SECRET: &str = "secret";
const STORE: &str = "store";
/// The apps and systems that may ask for tokens.
pub const CLIENTS: &str = "clients.json";
/// Under which address a folder is served where none is said.
const ISSUER: &str = "http://localhost";
/// What bodies are packed with in a new store: made by `crates/store/examples/dictionary.rs` from the synthetic town.
const DICTIONARY: &[u8] = include_bytes!("../assets/dictionary.zstd");

/// Why a folder could not be made or opened. Each says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is nothing there.
    #[error("{0} is not there. Make it with `tsumugi serve --dev --dir {0}`, or name the right folder")]
    Missing(String),
    /// There is something there that is not ours, or was made before.
    #[error(
        "{0} is not empty and is not a data folder that can be used so; nothing in it was touched. Name another folder (a demo keeps its data in {0}/data)"
    )]
    Foreign(String),
    /// It was made by a newer program.
    #[error("{path} has format {found}, this program reads {known}; use the program that wrote it, or a newer one")]
    Format {
        /// The folder.
        path: String,
        /// What it says.
        found: u32,
        /// What this program reads.
        known: u32,
    },
    /// A development folder was opened without `--dev`, or the other way round.
    #[error("{path} was made {}; open it {}", if *.dev { "for development" } else { "for real use" }, if *.dev { "with --dev" } else { "without --dev" })]
    Dev {
        /// The folder.
        path: String,
        /// Whether it is a development folder.
        dev: bool,
    },
    /// A file in it cannot be read or written.
    #[error("{path}: {detail}")]
    File {
        /// The file.
        path: String,
        /// What went wrong.
        detail: String,
    },
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Serialize, Deserialize)]
struct Mark {
    tsumugi: u32,
    dev: bool,
    origin: String,
    policies: String,
}

/// An open data folder.
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is for development: signing in is choosing a person, and tokens may be printed.
    pub dev: bool,
    /// The deployment's secret.
    pub secret: Arc<MasterSecret>,
    /// Which rules apply.
    pub policies: PolicyProfile,
    /// The store.
    pub store: Arc<dyn Store>,
    /// The key that checkpoints are checked with, as `name+hash+key`.
    pub vkey: String,
    /// Under which address everybody reaches this server: `https://record.example`, without a slash at its end. It stands
    /// in every token; those of another address are not believed. Whoever opens the folder says it.
    pub issuer: String,
    /// What resources are checked and searched by: R4, and what the caller of [`Folder::open`] loads besides.
    pub definitions: Definitions,
}

impl Folder {
    /// Opens `path`; with `dev`, makes it first if it is absent or empty.
    ///
    /// # Errors
    /// [`FolderError`]; nothing is changed in a folder that is not ours.
    pub fn open(path: &Path, dev: bool, entropy: &dyn Entropy) -> Result<Self, FolderError> {
        let name = path.display().to_string();
        let has_mark = path.join(MARK).is_file();
        let is_empty = std::fs::read_dir(path).map_or(true, |mut entries| entries.next().is_none());
        match (has_mark, is_empty, dev) {
            (true, ..) => {}
            (false, true, true) => make(path, true, "tsumugi.example/dev", entropy)?,
            (false, true, false) => return Err(FolderError::Missing(name)),
            (false, false, _) => return Err(FolderError::Foreign(name)),
        }
        let mark: Mark =
            serde_json::from_slice(&read(&path.join(MARK))?).map_err(|_| FolderError::Foreign(name.clone()))?;
        if mark.tsumugi != FORMAT {
            return Err(FolderError::Format { path: name, found: mark.tsumugi, known: FORMAT });
        }
        if mark.dev != dev {
            return Err(FolderError::Dev { path: name, dev: mark.dev });
        }
        let secret = Arc::new(read_secret(path)?);
        let policies = PolicyProfile::from_code(&mark.policies).ok_or_else(|| FolderError::File {
            path: path.join(MARK).display().to_string(),
            detail: "\"policies\" names no profile; use special-law or jp-2026".into(),
        })?;
        let signer = signer(&secret, &mark.origin)?;
        let vkey = signer.vkey();
        let options = SqliteOptions { dictionary: Some(DICTIONARY.to_vec()), ..SqliteOptions::new(signer) };
        let folder = path.join(STORE);
        let store =
            if folder.exists() { SqliteStore::open(&folder, options)? } else { SqliteStore::create(&folder, options)? };
        let definitions = Definitions::r4().clone();
        let issuer = ISSUER.to_owned();
        Ok(Self { path: path.to_owned(), dev, secret, policies, store, vkey, issuer, definitions })
    }

    /// Makes an empty folder ready for real use. `origin` names the log in every checkpoint for as long as the log stands, such
    /// as `record.example/log`; some digits are added, so that no two logs have one name.
    ///
    /// # Errors
    /// [`FolderError`]; nothing is changed in a folder that is not empty.
    pub fn make(path: &Path, origin: &str, entropy: &dyn Entropy) -> Result<(), FolderError> {
        if std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(FolderError::Foreign(path.display().to_string()));
        }
        // A name that no checkpoint can carry is found before anything is written.
        drop(signer(&MasterSecret::new([0; 32]), &format!("{origin}/00000000"))?);
        make(path, false, origin, entropy)
    }

    /// Whether a folder was made for development.
    ///
    /// # Errors
    /// [`FolderError`] if it is missing or foreign.
    pub fn is_dev(path: &Path) -> Result<bool, FolderError> {
        let name = path.display().to_string();
        if !path.join(MARK).is_file() {
            return Err(if path.exists() { FolderError::Foreign(name) } else { FolderError::Missing(name) });
        }
        let mark: Mark = serde_json::from_slice(&read(&path.join(MARK))?).map_err(|_| FolderError::Foreign(name))?;
        Ok(mark.dev)
    }

    /// The secret of a development folder, without opening its store: for printing tokens while a server runs.
    ///
    /// # Errors
    /// [`FolderError`] if the folder is missing, foreign, or not for development.
    pub fn dev_secret(path: &Path) -> Result<MasterSecret, FolderError> {
        if !Self::is_dev(path)? {
            return Err(FolderError::File {
                path: path.display().to_string(),
                detail: "tokens are printed for development folders only; ask the deployment's sign-in for one".into(),
            });
        }
        read_secret(path)
    }

    /// Chooses the policies of a folder. They apply from the next start.
    ///
    /// # Errors
    /// [`FolderError::File`] if the mark cannot be written.
    pub fn choose_policies(path: &Path, profile: PolicyProfile) -> Result<(), FolderError> {
        let file = path.join(MARK);
        let mut mark: Mark =
            serde_json::from_slice(&read(&file)?).map_err(|_| FolderError::Foreign(path.display().to_string()))?;
        profile.code().clone_into(&mut mark.policies);
        write(&file, &serde_json::to_vec_pretty(&mark).unwrap_or_default())
    }
}

/// Whether a path is a data folder of this program.
#[must_use]
pub fn is_folder(path: &Path) -> bool {
    path.join(MARK).is_file()
}

/// The signer of checkpoints, from the deployment's secret.
fn signer(secret: &MasterSecret, origin: &str) -> Result<Signer, FolderError> {
    let seed = secret.derive("tsumugi/checkpoint/1");
    Signer::new(origin, *seed).map_err(|error| FolderError::File { path: MARK.into(), detail: error.to_string() })
}

fn make(path: &Path, dev: bool, origin: &str, entropy: &dyn Entropy) -> Result<(), FolderError> {
    std::fs::create_dir_all(path).map_err(|error| fault(path, &error))?;
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    write_private(&path.join(SECRET), text.as_bytes())?;
    let mut tail = [0; 4];
    entropy.fill(&mut tail);
    let tail: String = tail.iter().map(|byte| format!("{byte:02x}")).collect();
    let origin = format!("{origin}/{tail}");
    let mark = Mark { tsumugi: FORMAT, dev, origin, policies: PolicyProfile::SpecialLaw.code().into() };
    // The mark comes last: a folder without it was not finished and is not opened.
    write(&path.join(MARK), &serde_json::to_vec_pretty(&mark).unwrap_or_default())
}

fn read_secret(path: &Path) -> Result<MasterSecret, FolderError> {
    let file = path.join(SECRET);
    let text = read(&file)?;
    let hex = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = text.trim_ascii().chunks(2).map(hex).collect();
    let bytes: [u8; 32] = bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| FolderError::File {
        path: file.display().to_string(),
        detail: "it does not hold 64 hexadecimal digits; restore it from a copy".into(),
    })?;
    Ok(MasterSecret::new(bytes))
}

fn read(file: &Path) -> Result<Vec<u8>, FolderError> {
    std::fs::read(file).map_err(|error| fault(file, &error))
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    std::fs::write(file, bytes).map_err(|error| fault(file, &error))
}

fn write_private(file: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut options = std::fs::OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(file);
    opened.and_then(|mut handle| handle.write_all(bytes)).map_err(|error| fault(file, &error))
}

fn fault(file: &Path, error: &std::io::Error) -> FolderError {
    FolderError::File { path: file.display().to_string(), detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsumugi_kernel::edge::SystemEntropy;

    fn open(path: &Path, dev: bool) -> Result<Folder, FolderError> {
        Folder::open(path, dev, &SystemEntropy)
    }

    #[test]
    fn a_folder_is_made_only_for_development_and_only_where_nothing_stands() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        assert!(matches!(open(&path, false), Err(FolderError::Missing(_))));
        assert!(!path.exists(), "a refused opening makes nothing");
        drop(open(&path, true).unwrap());
        drop(open(&path, true).unwrap());
        assert!(matches!(open(&path, false), Err(FolderError::Dev { dev: true, .. })));
    }

    #[test]
    fn a_folder_for_real_use_is_made_once_with_a_name_that_a_checkpoint_can_carry() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        assert!(Folder::make(&path, "a name with spaces", &SystemEntropy).is_err() && !path.exists());
        Folder::make(&path, "record.example/log", &SystemEntropy).unwrap();
        assert!(matches!(open(&path, true), Err(FolderError::Dev { dev: false, .. })));
        assert!(open(&path, false).unwrap().vkey.starts_with("record.example/log/"));
        assert!(matches!(Folder::make(&path, "record.example/log", &SystemEntropy), Err(FolderError::Foreign(_))));
    }

    #[test]
    fn a_foreign_folder_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("notes.txt"), "mine").unwrap();
        assert!(matches!(open(place.path(), true), Err(FolderError::Foreign(_))));
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_secret_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        drop(open(&path, true).unwrap());
        let mode = std::fs::metadata(path.join(SECRET)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_newer_folder_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        drop(open(&path, true).unwrap());
        std::fs::write(path.join(MARK), r#"{"tsumugi":99,"dev":true,"origin":"x","policies":"special-law"}"#).unwrap();
        assert!(matches!(open(&path, true), Err(FolderError::Format { found: 99, .. })));
    }
}
