//! One message on one line: who sends, as whom, why, when; then the body, byte for byte.
//!
//! ```json
//! {"name":"p0000001-labs-2026-03-02","form":"submit","sender":"4911000017","person":"s4911000017-1","role":"physician",
//!  "purpose":"TREAT","time":1772438400000,"citizen":1,"household":1,"body":{"resourceType":"Bundle",…}}
//! ```
//!
//! What must hold: `body` is the last member, and nothing before it can contain `"body":`, because names and ids have no
//! quotation marks; so the body is cut out without being parsed, and comes out as it went in.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{Instant, OrganizationId, PersonId, Purpose, Role};

use crate::outgoing::{Form, Outgoing, SynthError};

/// What stands on the outside of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Unique name; stories refer to it.
    pub name: String,
    /// `submit`, `create`, `transaction` or `look`.
    pub form: String,
    /// The organisation that sends.
    pub sender: OrganizationId,
    /// The person responsible.
    pub person: PersonId,
    /// The person's role.
    pub role: Role,
    /// The purpose.
    pub purpose: Purpose,
    /// When it was sent: milliseconds since 1970-01-01T00:00:00Z.
    pub time: Instant,
    /// The citizen of the town whom it is about, by number; none in a story.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizen: Option<u64>,
    /// The household of that citizen: messages about one household keep their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<u64>,
}

/// A message, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The outside.
    pub envelope: Envelope,
    /// The JSON of a bundle or resource, or of a [`crate::outgoing::Look`].
    pub body: Vec<u8>,
}

const BODY: &[u8] = br#","body":"#;

impl Message {
    /// What leaves a sender as a message; `None` for a directory, which is no message. `citizen` and `household` say of
    /// whom in the town it is.
    #[must_use]
    pub fn of(outgoing: &Outgoing, citizen: Option<u64>, household: Option<u64>) -> Option<Self> {
        let body = match &outgoing.form {
            Form::Directory(_) => return None,
            // Codes and an identifier always serialise.
            Form::Look(look) => serde_json::to_vec(look).unwrap_or_default(),
            form => form.bytes()?.to_vec(),
        };
        let envelope = Envelope {
            name: outgoing.name.clone(),
            form: outgoing.form.code().to_owned(),
            sender: outgoing.sender.clone(),
            person: outgoing.person.clone(),
            role: outgoing.role,
            purpose: outgoing.purpose,
            time: outgoing.time,
            citizen,
            household,
        };
        Some(Self { envelope, body })
    }

    /// The message as a line, with its end.
    ///
    /// # Errors
    /// [`SynthError::Line`] if the body has a line break between its tokens: a line could not hold it as it is.
    pub fn write(&self, line: &mut Vec<u8>) -> Result<(), SynthError> {
        if self.body.contains(&b'\n') {
            return Err(SynthError::Line(self.envelope.name.clone()));
        }
        serde_json::to_writer(&mut *line, &self.envelope)?;
        line.pop();
        line.extend_from_slice(BODY);
        line.extend_from_slice(&self.body);
        line.extend_from_slice(b"}\n");
        Ok(())
    }

    /// The message of a line, without its end; `None` if it does not have its form.
    #[must_use]
    pub fn read(line: &[u8]) -> Option<Self> {
        let at = line.windows(BODY.len()).position(|window| window == BODY)?;
        let body = line.get(at + BODY.len()..)?.strip_suffix(b"}")?.to_vec();
        let mut head = line.get(..at)?.to_vec();
        head.push(b'}');
        Some(Self { envelope: serde_json::from_slice(&head).ok()?, body })
    }

    /// Resources in the body: the entries of a bundle, or one.
    #[must_use]
    pub fn resources(&self) -> u64 {
        if self.envelope.form == "look" {
            return 0;
        }
        if self.envelope.form == "create" {
            return 1;
        }
        // A quotation mark inside a text is written with a backslash before it, so this is found as a member only.
        let text = std::str::from_utf8(&self.body).unwrap_or_default();
        text.matches(r#""resource":{"#).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Message {
        let envelope = Envelope {
            name: "p0000001-labs".into(),
            form: "submit".into(),
            sender: OrganizationId::new("4911000017").unwrap(),
            person: PersonId::new("s-1").unwrap(),
            role: Role::Physician,
            purpose: Purpose::Treat,
            time: Instant(1_772_438_400_000),
            citizen: Some(1),
            household: None,
        };
        Message { envelope, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_body_comes_out_as_it_went_in() {
        for body in [
            r#"{"a":7.10}"#,
            r#"{ "b" : [ ] }"#,
            r#"{"body":{"body":"x"},"text":"\"body\":"}"#,
            r#"{"name":"髙橋﨑","resource":{"x":1},"t":"\"resource\":{"}"#,
        ] {
            let mut line = Vec::new();
            message(body).write(&mut line).unwrap();
            assert_eq!(line.pop(), Some(b'\n'));
            let read = Message::read(&line).unwrap();
            assert_eq!(read, message(body));
        }
        assert_eq!(message(r#"{"resource":{"x":1},"t":"\"resource\":{"}"#).resources(), 1);
    }

    #[test]
    fn what_a_line_cannot_hold_is_refused_and_half_a_line_is_none() {
        assert!(
            matches!(message("{\n}").write(&mut Vec::new()), Err(SynthError::Line(name)) if name == "p0000001-labs")
        );
        let mut line = Vec::new();
        message("{}").write(&mut line).unwrap();
        assert!(Message::read(&line[..line.len() - 3]).is_none());
        assert!(Message::read(b"{}").is_none());
    }
}
