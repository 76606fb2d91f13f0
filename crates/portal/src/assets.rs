//! Static assets: the one style sheet and the one script, named by their content so that they can be kept for ever.

use std::fmt::Write as _;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

/// The style sheet: the agency's tokens, then ours.
pub const CSS: &str = concat!(include_str!("../assets/tokens.css"), include_str!("../assets/tsumugi.css"));

/// The check of a proof in the browser.
pub const VERIFY_JS: &str = include_str!("../assets/verify.js");

/// Takes a link out of the address that a camera opened.
pub const LINK_JS: &str = include_str!("../assets/link.js");

/// Asks for a passkey.
pub const PASSKEY_JS: &str = include_str!("../assets/passkey.js");

/// The icon, small enough to stand in the page itself: the thread.
pub const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%230017c1'/%3E%3Cpath d='M8 2v12M5 5h6M5 11h6' stroke='%23fff' stroke-width='2' stroke-linecap='round'/%3E%3C/svg%3E";

/// The style sheet's address: `/assets/tsumugi.<16 hex digits>.css`.
#[must_use]
pub fn css_path() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| format!("/assets/tsumugi.{}.css", mark(CSS)))
}

/// The script's address: `/assets/verify.<16 hex digits>.js`.
#[must_use]
pub fn verify_js_path() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| format!("/assets/verify.{}.js", mark(VERIFY_JS)))
}

/// The script's address: `/assets/link.<16 hex digits>.js`.
#[must_use]
pub fn link_js_path() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| format!("/assets/link.{}.js", mark(LINK_JS)))
}

/// The script's address: `/assets/passkey.<16 hex digits>.js`.
#[must_use]
pub fn passkey_js_path() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| format!("/assets/passkey.{}.js", mark(PASSKEY_JS)))
}

/// The asset at an address, with its media type; `None` for any other address.
#[must_use]
pub fn find(path: &str) -> Option<(&'static str, &'static str)> {
    if path == css_path() {
        Some((CSS, "text/css; charset=utf-8"))
    } else if path == verify_js_path() {
        Some((VERIFY_JS, "text/javascript; charset=utf-8"))
    } else if path == link_js_path() {
        Some((LINK_JS, "text/javascript; charset=utf-8"))
    } else if path == passkey_js_path() {
        Some((PASSKEY_JS, "text/javascript; charset=utf-8"))
    } else {
        None
    }
}

/// The first eight bytes of the content's SHA-256, in hex.
fn mark(content: &str) -> String {
    let mut text = String::with_capacity(16);
    for byte in Sha256::digest(content.as_bytes()).iter().take(8) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_is_small() {
        assert!(CSS.len() <= 30_000, "{} bytes", CSS.len());
    }

    #[test]
    fn an_asset_is_found_by_its_content() {
        assert_eq!(find(css_path()), Some((CSS, "text/css; charset=utf-8")));
        assert_eq!(find(verify_js_path()).map(|(text, _)| text), Some(VERIFY_JS));
        assert_eq!(find("/assets/tsumugi.css"), None);
        assert_ne!(mark("a"), mark("b"));
        assert_eq!(mark(""), "e3b0c44298fc1c14");
    }
}
