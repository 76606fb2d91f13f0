//! The folder in which the operator says whom to believe: `hpki.json` with the roles that need a certificate and the policies
//! that are accepted, `anchors/` with the authorities, `between/` with those between them and people, `crls/` with the lists.
//!
//! Read anew when a file changes. What cannot be read stops a start; in a server that runs, what was read before goes on to
//! count, and the operator is told: lists age, so that cannot go on for long unseen. Without `hpki.json` nothing is demanded.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tsumugi_kernel::{Instant, Role};
use x509_cert::der::asn1::ObjectIdentifier;

use super::{
    Certificate, Fault, Qualification, Table,
    crl::{LIST_MOST, List},
    path,
};

/// The name of the file with the rules.
const RULES: &str = "hpki.json";
const ANCHORS: &str = "anchors";
const BETWEEN: &str = "between";
const LISTS: &str = "crls";
/// Most files in one folder.
const FILES_MOST: usize = 64;
/// Longest file of certificates or rules.
const FILE_MOST: u64 = 256 * 1024;

/// What the operator demands.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The roles in which nobody acts without a certificate.
    pub roles: Vec<Role>,
    /// The policies of certificates that are accepted, by OID; none named, all are.
    #[serde(default)]
    pub policies: Vec<String>,
}

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be used: {detail}")]
pub struct FolderFault {
    path: String,
    detail: String,
}

fn fault(path: &Path, detail: impl std::fmt::Display) -> FolderFault {
    FolderFault { path: path.display().to_string(), detail: detail.to_string() }
}

/// Whom to believe, at one reading of the folder.
pub struct Trust {
    roles: Vec<Role>,
    pub(super) policies: Vec<ObjectIdentifier>,
    pub(super) anchors: Vec<Certificate>,
    pub(super) between: Vec<Certificate>,
    lists: Vec<List>,
    /// Which list is signed by which authority: a list may be long, and is asked at each request.
    signed: Mutex<HashMap<(usize, [u8; 32]), bool>>,
}

impl Trust {
    /// Whether a role needs a certificate.
    #[must_use]
    pub fn demands(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Checks a certificate at a moment: the first of `chain`; the others may be those between it and an anchor.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn check(&self, chain: &[Certificate], now: Instant) -> Result<Vec<&'static Qualification>, Fault> {
        path::check(self, chain, now)?;
        let stated = chain.first().map(|own| Table::own().of(own)).unwrap_or_default();
        if stated.is_empty() { Err(Fault::Unqualified) } else { Ok(stated) }
    }

    /// What the newest list of an authority says of a certificate.
    pub(super) fn revocation(&self, one: &Certificate, issuer: &Certificate, now: Instant) -> Result<(), Fault> {
        let about = self.lists.iter().enumerate().filter(|(_, list)| list.is_about(one, issuer) && list.from <= now);
        let mut by_age: Vec<(usize, &List)> = about.collect();
        by_age.sort_by_key(|(_, list)| std::cmp::Reverse(list.from));
        let newest = by_age.into_iter().find(|(index, list)| self.is_signed(*index, list, issuer));
        let (_, list) = newest.ok_or(Fault::NoList)?;
        // Whoever was revoked stays so, however old the list that says it.
        list.says(one)?;
        if list.is_new(now) { Ok(()) } else { Err(Fault::ListOld) }
    }

    fn is_signed(&self, index: usize, list: &List, issuer: &Certificate) -> bool {
        let name = (index, Sha256::digest(issuer.der()).into());
        // What is kept is a plain map, whole also after a panic.
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if signed.len() > FILES_MOST * FILES_MOST {
            signed.clear();
        }
        *signed.entry(name).or_insert_with(|| list.is_by(issuer))
    }
}

/// When which files changed, and how long they are.
type Mark = Vec<(PathBuf, SystemTime, u64)>;

/// The folder, read anew when it changes. Cheap to clone.
#[derive(Clone)]
pub struct Licences(Arc<Inner>);

struct Inner {
    path: PathBuf,
    read: Mutex<(Mark, Option<Arc<Trust>>)>,
}

impl Licences {
    /// Reads a folder, which need not be there.
    ///
    /// # Errors
    /// [`FolderFault`].
    pub fn open(path: PathBuf) -> Result<Self, FolderFault> {
        let mark = mark(&path)?;
        let trust = read(&mark)?.map(Arc::new);
        Ok(Self(Arc::new(Inner { path, read: Mutex::new((mark, trust)) })))
    }

    /// Whom to believe now; `None` where nothing is demanded.
    #[must_use]
    pub fn trust(&self) -> Option<Arc<Trust>> {
        let mut known = self.0.read.lock().unwrap_or_else(PoisonError::into_inner);
        let done = match mark(&self.0.path) {
            Ok(found) if found == known.0 => Ok(()),
            Ok(found) => {
                let done = read(&found).map(|trust| known.1 = trust.map(Arc::new));
                // Also of what cannot be read: so it is told of once, and not at each request.
                known.0 = found;
                done
            }
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            tracing::error!(%error, "certificates of professionals go by what was read before");
        }
        known.1.clone()
    }
}

fn mark(folder: &Path) -> Result<Mark, FolderFault> {
    let mut all = Mark::new();
    let rules = folder.join(RULES);
    match std::fs::metadata(&rules) {
        Ok(about) => all.push(entry(rules, &about)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(all),
        Err(error) => return Err(fault(&rules, error)),
    }
    for name in [ANCHORS, BETWEEN, LISTS] {
        let place = folder.join(name);
        let files = match std::fs::read_dir(&place) {
            Ok(files) => files,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(fault(&place, error)),
        };
        let before = all.len();
        for file in files {
            let file = file.map_err(|error| fault(&place, error))?;
            let path = file.path();
            // What an editor or a download leaves half-written begins with a dot.
            if file.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if all.len() - before == FILES_MOST {
                return Err(fault(&place, format!("it holds more than {FILES_MOST} files")));
            }
            let about = std::fs::metadata(&path).map_err(|error| fault(&path, error))?;
            all.push(entry(path, &about)?);
        }
    }
    all.sort();
    Ok(all)
}

fn entry(path: PathBuf, about: &std::fs::Metadata) -> Result<(PathBuf, SystemTime, u64), FolderFault> {
    let changed = about.modified().map_err(|error| fault(&path, error))?;
    Ok((path, changed, about.len()))
}

fn read(mark: &Mark) -> Result<Option<Trust>, FolderFault> {
    let mut parts = Trust {
        roles: Vec::new(),
        policies: Vec::new(),
        anchors: Vec::new(),
        between: Vec::new(),
        lists: Vec::new(),
        signed: Mutex::new(HashMap::new()),
    };
    for (path, _, length) in mark {
        let place = path.parent().and_then(Path::file_name).unwrap_or_default();
        let most = if place == LISTS { LIST_MOST } else { FILE_MOST };
        if *length > most {
            return Err(fault(path, format!("it is longer than {most} bytes")));
        }
        let bytes = std::fs::read(path).map_err(|error| fault(path, error))?;
        if path.file_name().is_some_and(|name| name == RULES) {
            rules(&mut parts, &bytes).map_err(|detail| fault(path, detail))?;
            continue;
        }
        let failed = |error: Fault| fault(path, error);
        if place == LISTS {
            parts.lists.extend(List::of_file(&bytes).map_err(failed)?);
        } else if place == BETWEEN {
            parts.between.extend(Certificate::of_file(&bytes).map_err(failed)?);
        } else {
            parts.anchors.extend(Certificate::of_file(&bytes).map_err(failed)?);
        }
    }
    Ok((!mark.is_empty()).then_some(parts))
}

fn rules(trust: &mut Trust, bytes: &[u8]) -> Result<(), String> {
    let said: Rules = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if let Some(role) = said.roles.iter().find(|role| !Table::own().knows(**role)) {
        return Err(format!("no qualification is known that the role {role} could need"));
    }
    for policy in &said.policies {
        let policy = ObjectIdentifier::new(policy).map_err(|_| format!("{policy} is no OID"))?;
        trust.policies.push(policy);
    }
    trust.roles = said.roles;
    Ok(())
}

impl std::fmt::Debug for Licences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Licences(…)")
    }
}
