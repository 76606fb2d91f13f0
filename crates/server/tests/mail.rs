//! Letters over a relay of this machine: what arrives there, and what becomes of an address that nobody has.

#![expect(clippy::unwrap_used, reason = "a test's own helpers may stop the test")]

use std::{path::Path, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::mpsc,
};
use tsumugi_access::{Action, Caller, Door, MailChange, MailState, Request, Shown};
use tsumugi_kernel::{
    CitizenId, Clock as _, OrganizationId, OrganizationKind, PersonId, Purpose, Role,
    edge::{SystemClock, SystemEntropy},
};
use tsumugi_people::Organization;
use tsumugi_server::{App, Folder};

const HER: CitizenId = CitizenId(7);

/// A relay that takes every letter but those to somebody whom it does not know; gives its port and what it took.
async fn relay() -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (taken, letters) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let taken = taken.clone();
            tokio::spawn(async move {
                let (read, mut write) = stream.into_split();
                let mut lines = BufReader::new(read).lines();
                write.write_all(b"220 relay\r\n").await.unwrap();
                while let Ok(Some(line)) = lines.next_line().await {
                    let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                        "RCPT" if line.contains("nobody@") => "550 no such user\r\n",
                        "DATA" => {
                            write.write_all(b"354 go on\r\n").await.unwrap();
                            let mut letter = String::new();
                            while let Ok(Some(line)) = lines.next_line().await {
                                if line == "." {
                                    break;
                                }
                                letter += &line;
                                letter.push('\n');
                            }
                            taken.send(letter).unwrap();
                            "250 taken\r\n"
                        }
                        "QUIT" => break,
                        _ => "250 fine\r\n",
                    };
                    write.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
    (port, letters)
}

fn app(dir: &Path, port: u16) -> App {
    let folder = Folder::open(dir, true, &SystemEntropy).unwrap();
    let named = format!(r#"{{"relay": "127.0.0.1:{port}", "from": "no-reply@record.example"}}"#);
    std::fs::write(dir.join("mail.json"), named).unwrap();
    App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap()
}

fn caller(id: &str, role: Role, purpose: Purpose, kind: OrganizationKind) -> Caller {
    let organization = Organization::new(OrganizationId::new(kind.code()).unwrap(), kind.code(), kind);
    let expires = SystemClock.now().plus_millis(3_600_000);
    let who = (PersonId::new(id).unwrap(), id.to_owned());
    let caller = Caller::new(who, &organization, role, purpose, expires);
    Caller { citizen: (role == Role::Citizen).then_some(HER), ..caller }
}

fn her() -> Caller {
    caller("haru", Role::Citizen, Purpose::PatientRequest, OrganizationKind::Household)
}

async fn change(door: &Door, change: MailChange) {
    let who = her();
    let permit = door.admit(Request { caller: &who, action: Action::AccessLog, citizen: HER }).await.unwrap();
    door.change_mail(permit, &change).await.unwrap();
}

async fn state(door: &Door) -> (String, MailState) {
    let who = her();
    let permit = door.admit(Request { caller: &who, action: Action::AccessLog, citizen: HER }).await.unwrap();
    let address = permit.mail().await.unwrap().pop().unwrap();
    permit.seal(Shown::none()).await.unwrap();
    (address.id, address.state)
}

async fn next(letters: &mut mpsc::UnboundedReceiver<String>) -> String {
    tokio::time::timeout(Duration::from_secs(30), letters.recv()).await.unwrap().unwrap()
}

/// The text of a letter: its parts in base64.
fn text(letter: &str) -> String {
    let (head, body) = letter.split_once("\n\n").unwrap();
    assert!(head.contains("Content-Transfer-Encoding: base64"), "{head}");
    let packed: String = body.split_whitespace().collect();
    let digit = |byte: u8| {
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|at| *at == byte)
    };
    let mut bytes = Vec::new();
    for four in packed.as_bytes().chunks(4) {
        let digits: Vec<usize> = four.iter().filter_map(|byte| digit(*byte)).collect();
        let all = digits.iter().fold(0, |sum, digit| sum << 6 | digit) << (6 * (4 - digits.len()));
        bytes.extend(&all.to_be_bytes()[5..5 + digits.len() - 1]);
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_takes_the_number_and_then_the_letter() {
    let place = tempfile::tempdir().unwrap();
    let (port, mut letters) = relay().await;
    let app = app(&place.path().join("data"), port);
    let door = app.desk.door.clone();
    let sending = tokio::spawn(app.keep_screening());
    change(&door, MailChange::Name("haru@example.jp".into())).await;
    let letter = next(&mut letters).await;
    for line in ["To: haru@example.jp", "From: no-reply@record.example", "Auto-Submitted: auto-generated"] {
        assert!(letter.contains(line), "{line}: {letter}");
    }
    let words = text(&letter);
    let code = words.split(": ").nth(1).unwrap()[..6].to_owned();
    let (id, _) = state(&door).await;
    change(&door, MailChange::Confirm(id, code)).await;
    let crew = caller("ken", Role::Crew, Purpose::EmergencyTreat, OrganizationKind::FireHeadquarters);
    let permit = door.admit(Request { caller: &crew, action: Action::Page, citizen: HER }).await.unwrap();
    let mut shown = Shown::none();
    shown.add(tsumugi_kernel::Kind::OBSERVATION, 11, tsumugi_kernel::Flags::default());
    permit.seal(shown).await.unwrap();
    let words = text(&next(&mut letters).await);
    assert!(words.contains("新しいお知らせ") && !words.contains("ken") && !words.contains("haru"), "{words}");

    // Nobody has this name there: she reads on her page that it did not arrive.
    change(&door, MailChange::Name("nobody@example.jp".into())).await;
    for _ in 0..100 {
        if state(&door).await.1 == MailState::Failed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(state(&door).await.1, MailState::Failed);
    sending.abort();
}
