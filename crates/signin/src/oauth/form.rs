//! What a client posts: a form, in which nothing may stand twice, and two headers.

use super::OauthError;

/// Most parameters.
const MOST: usize = 48;
/// Longest form, in bytes.
const MOST_BYTES: usize = 32 * 1024;

/// Parameters, each at most once (RFC 6749 section 3.1).
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// `invalid_request` when a parameter stands twice or the text is no form.
    pub fn read(text: &str) -> Result<Self, OauthError> {
        if text.len() > MOST_BYTES {
            return Err(OauthError::request("the parameters are too long (32 KiB at most)"));
        }
        let mut pairs: Vec<(String, String)> = Vec::new();
        for part in text.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            if value.is_empty() {
                continue;
            }
            if pairs.iter().any(|(own, _)| *own == name) {
                return Err(OauthError::request("a parameter stands twice; send each once"));
            }
            if pairs.len() == MOST {
                return Err(OauthError::request("there are too many parameters"));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// Reads the body of a POST, where it is a form at all.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn posted(text: Option<&str>) -> Result<Self, OauthError> {
        let text =
            text.ok_or_else(|| OauthError::request("send a form: Content-Type: application/x-www-form-urlencoded"))?;
        Self::read(text)
    }

    /// A parameter; an empty one counts as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn need(&self, name: &'static str) -> Result<&str, OauthError> {
        self.get(name).ok_or_else(|| OauthError::request(format!("the parameter {name} is missing")))
    }
}

fn decoded(text: &str) -> Result<String, OauthError> {
    let spaced = text.replace('+', " ");
    let text = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    text.map(std::borrow::Cow::into_owned).map_err(|_| OauthError::request("a parameter is no UTF-8"))
}

/// A form as posted, with the headers that matter.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    /// The form.
    pub form: Form,
    /// `DPoP`: a proof of possession.
    pub proof: Option<String>,
    /// Whether there is an `Authorization` header, as secrets are sent; none is taken here.
    pub authorization: bool,
}

/// An address with parameters added to its query.
pub(crate) fn with_query(address: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = address.to_owned();
    for (name, value) in pairs {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(name);
        text.push('=');
        text.extend(percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stands_twice_and_nothing_is_added_to_an_address_but_parameters() {
        let form = Form::read("a=1+2&b=%E9%AB%99&c=&d").unwrap();
        assert_eq!((form.get("a"), form.get("b"), form.get("c"), form.get("d")), (Some("1 2"), Some("髙"), None, None));
        assert!(Form::read("a=1&a=1").is_err());
        assert!(Form::read("a=%ff").is_err());
        assert!(form.need("c").unwrap_err().description.contains('c'));
        assert_eq!(with_query("https://a/b?x=1", &[("state", "a&b#c\r\n")]), "https://a/b?x=1&state=a%26b%23c%0D%0A");
    }
}
