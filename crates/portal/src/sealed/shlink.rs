//! The text of a link: `shlink:/` and a payload (SMART Health Links, <https://docs.smarthealthit.org/smart-health-links/spec>).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};
use tsumugi_kernel::Instant;

const SCHEME: &str = "shlink:/";
/// Longest text that is read.
const MOST: usize = 4_096;

/// What the link says.
#[derive(Serialize, Deserialize)]
struct Payload {
    url: String,
    key: String,
    #[serde(default)]
    exp: i64,
    #[serde(default)]
    flag: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    v: u8,
}

/// The link to a sealed file. `label` says nothing of a person.
pub(crate) fn write(host: &str, address: &[u8; 32], key: &[u8; 32], until: Instant, label: &str) -> String {
    let payload = Payload {
        url: format!("{host}/link/{}", BASE64.encode(address)),
        key: BASE64.encode(key),
        exp: until.0.div_euclid(1000),
        flag: "P".to_owned(),
        label: label.to_owned(),
        v: 1,
    };
    // Texts and numbers always serialise.
    format!("{SCHEME}{}", BASE64.encode(serde_json::to_vec(&payload).unwrap_or_default()))
}

/// Address and key of a link as scanned or pasted, with or without the viewer's address before it.
pub(crate) fn read(text: &str) -> Option<([u8; 32], [u8; 32])> {
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).take(MOST).collect();
    let payload = BASE64.decode(text.split_once(SCHEME)?.1).ok()?;
    let payload: Payload = serde_json::from_slice(&payload).ok()?;
    let key = BASE64.decode(payload.key).ok()?.try_into().ok()?;
    Some((address(payload.url.rsplit_once("/link/")?.1)?, key))
}

/// The address in the path of a sealed file.
pub(crate) fn address(text: &str) -> Option<[u8; 32]> {
    BASE64.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_also_behind_a_viewer_and_with_line_breaks() {
        let link = write("https://tsumugi.example", &[1; 32], &[2; 32], Instant(1_795_316_400_000), "Summary");
        let payload = BASE64.decode(link.strip_prefix("shlink:/").unwrap()).unwrap();
        let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!((payload["flag"].as_str(), payload["exp"].as_i64()), (Some("P"), Some(1_795_316_400)));
        assert_eq!(payload["key"].as_str().unwrap().len(), 43);
        assert_eq!(read(&link), Some(([1; 32], [2; 32])));
        let (first, last) = link.split_at(50);
        assert_eq!(read(&format!(" https://viewer.example/#{first}\n{last} ")), Some(([1; 32], [2; 32])));
        for bad in ["", "shlink:/", "shlink:/!!", "shlink:/e30", &link[..60]] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
