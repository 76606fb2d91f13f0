//! A members' file, taken in line by line.

use tsumugi_access::{ActionGroup, Caller, roles};
use tsumugi_kernel::{OrganizationKind, Purpose, Role};
use tsumugi_people::{
    Organization,
    bulk::{FileKey, FileResult, LineResult, Lines, Outcome, Rule},
};
use tsumugi_record::rest::Desk;

use crate::{MembersError, line::Sender};

/// A file that was taken in.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Under which name its result is kept: the lower-case hexadecimal SHA-256 of its bytes.
    pub sha256: String,
    /// The counts.
    pub result: FileResult,
    /// Each line, in the order of the file.
    pub lines: Vec<LineResult>,
    /// Whether the same file was taken in before, and nothing was done now.
    pub again: bool,
}

/// Takes a file in. Lines that are good go in although others are not; the result is kept unless a line could not be
/// written for want of the store, so that sending the file again then does what is left.
///
/// # Errors
/// [`MembersError`]: nothing of the file was taken in.
pub async fn take_in(desk: &Desk, caller: &Caller, bytes: &[u8]) -> Result<Taken, MembersError> {
    if !may_send(caller) {
        return Err(MembersError::NotAllowed);
    }
    let file = FileKey { sender: caller.organization.clone(), sha256: tsumugi_record::content_hash(bytes) };
    let sha256 = hex(&file.sha256);
    if let Some((result, lines)) = desk.directory.file_result(&file).await? {
        return Ok(Taken { sha256, result, lines, again: true });
    }
    let opened = Lines::open(bytes)?;
    let organization =
        Organization::new(caller.organization.clone(), caller.organization_name.clone(), caller.organization_kind);
    let sender = Sender { desk, caller, organization, file: sha256.clone() };
    let mut lines = Vec::new();
    for (line, read) in opened.each() {
        let (outcome, findings) = match read {
            Ok(row) => match sender.line(line, &row).await {
                Ok(outcome) => (outcome, Vec::new()),
                Err(finding) => (Outcome::Refused, vec![finding]),
            },
            Err(findings) => (Outcome::Refused, findings),
        };
        lines.push(LineResult { line, outcome, findings });
    }
    let now = desk.record.now();
    let unfinished = lines.iter().any(|line| line.findings.iter().any(|finding| finding.rule == Rule::Later));
    let result = if unfinished {
        FileResult::of(&lines, now)
    } else {
        desk.directory.keep_file_result(&file, &lines, now).await?
    };
    Ok(Taken { sha256, result, lines, again: false })
}

/// Insurers for coverage, municipalities for their records; nobody else.
pub(crate) fn may_send(caller: &Caller) -> bool {
    let payer = matches!(
        (caller.role, caller.organization_kind, caller.purpose),
        (Role::Insurer, OrganizationKind::Insurer, Purpose::Coverage)
            | (Role::Municipality, OrganizationKind::Municipality, Purpose::RecordManagement)
    );
    payer && roles::may_ask(caller.role, caller.purpose, ActionGroup::Write)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
