//! The file of clients, `clients.json` in the data folder: read again when it has changed, so that a client that was
//! taken out is refused from the next request on.

use std::{
    collections::HashMap,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};

use super::{Client, ClientFault};

/// The form that this program reads and writes.
const VERSION: u8 = 1;
/// Most clients of one deployment.
const MOST: usize = 10_000;
/// Longest file, in bytes.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Why the file cannot be used. Nobody is let in by a file that is wrong.
#[derive(Debug, thiserror::Error)]
pub enum RegistryFault {
    /// It cannot be read or written.
    #[error("{path}: {detail}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        detail: String,
    },
    /// A client in it is not one.
    #[error(transparent)]
    Client(#[from] ClientFault),
    /// There is one of that id already.
    #[error("there is a client {0} already; remove it first, or choose another id")]
    Taken(String),
    /// There is none of that id.
    #[error("there is no client {0}; `tsumugi client list` names all")]
    Unknown(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    v: u8,
    clients: Vec<Client>,
}

type Clients = Arc<HashMap<String, Arc<Client>>>;

/// The registry of a data folder.
#[derive(Debug)]
pub struct Registry {
    path: PathBuf,
    read: Mutex<Option<(Mark, Clients)>>,
}

/// What tells one state of the file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark(Option<(SystemTime, u64)>);

impl Registry {
    /// The registry that stands, or will stand, in a file.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, read: Mutex::new(None) }
    }

    /// The client of this id.
    ///
    /// # Errors
    /// [`RegistryFault`] when the file cannot be used.
    pub fn find(&self, id: &str) -> Result<Option<Arc<Client>>, RegistryFault> {
        Ok(self.clients()?.get(id).cloned())
    }

    /// Every client, by id.
    ///
    /// # Errors
    /// [`RegistryFault`] when the file cannot be used.
    pub fn all(&self) -> Result<Vec<Arc<Client>>, RegistryFault> {
        let mut all: Vec<Arc<Client>> = self.clients()?.values().cloned().collect();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(all)
    }

    /// Registers a client.
    ///
    /// # Errors
    /// [`RegistryFault`]; the file stays as it was.
    pub fn add(&self, client: Client) -> Result<(), RegistryFault> {
        client.check()?;
        let mut clients: Vec<Client> = self.all()?.iter().map(|client| (**client).clone()).collect();
        if clients.iter().any(|known| known.id == client.id) {
            return Err(RegistryFault::Taken(client.id.to_string()));
        }
        if clients.len() >= MOST {
            return Err(self.fault(format!("it holds {MOST} clients, which is the most")));
        }
        clients.push(client);
        self.write(clients)
    }

    /// Takes a client out.
    ///
    /// # Errors
    /// [`RegistryFault`]; the file stays as it was.
    pub fn remove(&self, id: &str) -> Result<(), RegistryFault> {
        let clients: Vec<Client> = self.all()?.iter().map(|client| (**client).clone()).collect();
        let left: Vec<Client> = clients.iter().filter(|client| client.id.as_str() != id).cloned().collect();
        if left.len() == clients.len() {
            return Err(RegistryFault::Unknown(id.to_owned()));
        }
        self.write(left)
    }

    fn clients(&self) -> Result<Clients, RegistryFault> {
        let mark = self.mark()?;
        // What is kept is replaced whole, so a poisoned lock still holds a whole one.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, clients)) = &*read
            && *of == mark
        {
            return Ok(Arc::clone(clients));
        }
        let clients = if mark.0.is_some() { self.load()? } else { Vec::new() };
        let mut by_id = HashMap::with_capacity(clients.len());
        for client in clients {
            client.check()?;
            let id = client.id.to_string();
            if by_id.insert(id.clone(), Arc::new(client)).is_some() {
                return Err(RegistryFault::Taken(id));
            }
        }
        let clients = Arc::new(by_id);
        *read = Some((mark, Arc::clone(&clients)));
        Ok(clients)
    }

    fn mark(&self) -> Result<Mark, RegistryFault> {
        match std::fs::metadata(&self.path) {
            Ok(about) => {
                if about.len() > MOST_BYTES {
                    return Err(self.fault("it is too large to be a file of clients"));
                }
                let changed = about.modified().map_err(|error| self.fault(error))?;
                Ok(Mark(Some((changed, about.len()))))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Mark(None)),
            Err(error) => Err(self.fault(error)),
        }
    }

    fn load(&self) -> Result<Vec<Client>, RegistryFault> {
        let bytes = std::fs::read(&self.path).map_err(|error| self.fault(error))?;
        let file: File = serde_json::from_slice(&bytes).map_err(|error| self.fault(error))?;
        if file.v == VERSION {
            Ok(file.clients)
        } else {
            Err(self.fault("it is of a newer form than this program reads"))
        }
    }

    /// Written beside and moved into place: a server that reads meanwhile finds the old file or the new one.
    fn write(&self, mut clients: Vec<Client>) -> Result<(), RegistryFault> {
        clients.sort_by(|one, other| one.id.cmp(&other.id));
        let json = serde_json::to_vec_pretty(&File { v: VERSION, clients }).map_err(|error| self.fault(error))?;
        let beside = self.path.with_extension("json.new");
        let written = std::fs::File::create(&beside).and_then(|mut file| {
            file.write_all(&json)?;
            file.sync_all()
        });
        written.and_then(|()| std::fs::rename(&beside, &self.path)).map_err(|error| self.fault(error))
    }

    fn fault(&self, detail: impl std::fmt::Display) -> RegistryFault {
        fault(&self.path, &detail)
    }
}

fn fault(path: &Path, detail: &dyn std::fmt::Display) -> RegistryFault {
    RegistryFault::File { path: path.display().to_string(), detail: detail.to_string() }
}
