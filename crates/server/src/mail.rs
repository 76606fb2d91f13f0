//! Sends the letters that wait (`decisions/0034-mail.md`): to a relay on this machine, or, in a development folder, into a folder of
//! files. The same words for everybody: who reads them learns of nobody's record.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use serde::Deserialize;
use tsumugi_access::{Door, Letter, Posted};
use tsumugi_kernel::Clock;

/// How often it is looked whether something is to be sent.
const EVERY: Duration = Duration::from_secs(1);
/// How long after a failure of the store or of the relay.
const AFTER_FAILURE: Duration = Duration::from_secs(10);
/// How long the relay may take for one letter.
const MOST_TIME: Duration = Duration::from_secs(20);
/// Letters taken up at once.
const AT_ONCE: usize = 64;
/// What the letters of a development folder are sent from.
const DEVELOPMENT: &str = "tsumugi@localhost.example";

/// `mail.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    /// The relay: an address and port of this machine.
    relay: SocketAddr,
    /// From whom letters are.
    from: String,
}

/// Where letters are handed in.
#[derive(Clone)]
pub struct Post {
    from: Mailbox,
    /// Where people sign in.
    site: String,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Relay(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl Post {
    /// The relay that `file` names. Without the file a development folder has its letters written into `folder`; elsewhere
    /// there are none.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn of_file(file: &Path, folder: Option<PathBuf>, site: &str) -> Result<Option<Self>, String> {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let Some(folder) = folder else { return Ok(None) };
                let from = mailbox(DEVELOPMENT)?;
                return Ok(Some(Self { from, site: site.to_owned(), way: Way::Folder(folder) }));
            }
            Err(error) => return Err(error.to_string()),
        };
        let named: Named = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        if !named.relay.ip().is_loopback() {
            return Err("the relay must be on this machine: its line is not sealed".to_owned());
        }
        let relay = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(named.relay.ip().to_string())
            .port(named.relay.port())
            .timeout(Some(MOST_TIME))
            .build();
        Ok(Some(Self { from: mailbox(&named.from)?, site: site.to_owned(), way: Way::Relay(relay) }))
    }

    /// Writes what is to be told and sends what is due, again and again, until the task is dropped.
    pub async fn keep_sending(&self, door: &Door, clock: &dyn Clock) {
        loop {
            let failed = self.once(door, clock).await;
            tokio::time::sleep(if failed { AFTER_FAILURE } else { EVERY }).await;
        }
    }

    /// Whether something failed that is to be waited for.
    async fn once(&self, door: &Door, clock: &dyn Clock) -> bool {
        loop {
            match door.write_letters().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, "letters could not be written");
                    return true;
                }
            }
        }
        let letters = match door.letters(AT_ONCE).await {
            Ok(letters) => letters,
            Err(error) => {
                tracing::error!(%error, "letters could not be read");
                return true;
            }
        };
        for letter in letters {
            let posted = self.send(&letter, clock).await;
            metrics::counter!("letters", "outcome" => word(posted)).increment(1);
            if let Err(error) = door.posted(&letter, posted).await {
                tracing::error!(%error, "it could not be kept what became of a letter");
                return true;
            }
            if posted == Posted::Later {
                return true;
            }
        }
        false
    }

    async fn send(&self, letter: &Letter, clock: &dyn Clock) -> Posted {
        let Some(message) = self.message(letter, clock) else { return Posted::Never };
        match &self.way {
            Way::Relay(relay) => match relay.send(message).await {
                Ok(_) => Posted::Taken,
                // Nobody of this name there (RFC 5321 section 4.2.3). Whatever else a relay says may be its own trouble.
                Err(error)
                    if error
                        .status()
                        .is_some_and(|code| ["550", "551", "553"].contains(&code.to_string().as_str())) =>
                {
                    Posted::Never
                }
                Err(error) => {
                    // What a relay says may hold the address.
                    let code = error.status().map(|code| code.to_string());
                    tracing::warn!(code, "the mail relay took no letter");
                    Posted::Later
                }
            },
            Way::Folder(folder) => {
                let file = folder.join(format!("{}.eml", letter.id()));
                let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(file, message.formatted()));
                match written {
                    Ok(()) => Posted::Taken,
                    Err(error) => {
                        tracing::warn!(%error, "a letter cannot be written into the folder");
                        Posted::Later
                    }
                }
            }
        }
    }

    fn message(&self, letter: &Letter, clock: &dyn Clock) -> Option<Message> {
        let address: Address = letter.address.parse().ok()?;
        let (subject, text) = words(letter.code.as_deref(), &self.site);
        let since = Duration::from_millis(u64::try_from(clock.now().0).ok()?);
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(subject)
            .date(SystemTime::UNIX_EPOCH + since)
            .message_id(Some(format!("<{}@{}>", letter.id(), self.from.email.domain())))
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(text)
            .ok()
    }
}

/// Subject and text.
fn words(code: Option<&str>, site: &str) -> (&'static str, String) {
    match code {
        Some(code) => (
            "つむぎ:メールアドレスの確認 / Tsumugi: confirm your address",
            format!(
                "つむぎのお知らせを、このメールアドレスで受け取る申し込みがありました。\n確認番号: {code}\n\
                 30分以内に、申し込んだ画面に入力してください。\n心当たりがないときは、何もしないでください。このアドレスには、もう届きません。\n\n\
                 Somebody asked for Tsumugi's notices to come to this address.\nNumber: {code}\n\
                 Type it within 30 minutes on the page where you asked. If it was not you, do nothing.\n"
            ),
        ),
        None => (
            "つむぎ:新しいお知らせがあります / Tsumugi: there is a notice",
            format!(
                "つむぎに、新しいお知らせがあります。\nいつものようにつむぎを開いて、「お知らせ」を見てください。\n{site}\n\n\
                 このメールには、名前や健康のことは書いていません。つむぎが、メールや電話で番号をたずねることはありません。\n\n\
                 There is a new notice for you in Tsumugi. Open it as you always do and read your notices.\n\
                 No letter of Tsumugi's names anybody, and nobody asks you for a number by mail or telephone.\n"
            ),
        ),
    }
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|error: lettre::address::AddressError| format!("{text}: {error}"))
}

const fn word(posted: Posted) -> &'static str {
    match posted {
        Posted::Taken => "taken",
        Posted::Later => "later",
        Posted::Never => "never",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_elsewhere_and_a_file_of_another_form_are_refused() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("mail.json");
        let read = |text: &str| {
            std::fs::write(&file, text).unwrap();
            Post::of_file(&file, None, "https://record.example").map(|post| post.is_some())
        };
        assert_eq!(read(r#"{"relay": "127.0.0.1:25", "from": "no-reply@record.example"}"#), Ok(true));
        for wrong in [
            r#"{"relay": "192.0.2.1:25", "from": "no-reply@record.example"}"#,
            r#"{"relay": "127.0.0.1:25", "from": "nobody"}"#,
            r#"{"relay": "127.0.0.1:25"}"#,
            r#"{"relay": "127.0.0.1:25", "from": "a@b.example", "tls": true}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        std::fs::remove_file(&file).unwrap();
        assert!(Post::of_file(&file, None, "").is_ok_and(|post| post.is_none()), "without the file there are none");
    }

    #[test]
    fn a_letter_says_the_same_to_everybody() {
        let (subject, text) = words(None, "https://record.example");
        assert!(text.contains("https://record.example") && subject.contains("お知らせ"));
        assert!(!text.bytes().any(|byte| byte.is_ascii_digit()), "no number, no day: {text}");
    }
}
