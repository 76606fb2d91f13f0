//! Forms with a file in them (`multipart/form-data`, RFC 7578): small ones, taken whole.

use axum::http::{HeaderMap, header};

/// Most parts read.
const PARTS_MOST: usize = 16;

/// The parts in order, each with its name; `None` where it is no such form. Those of pages come as text as well.
pub(crate) fn parts<'a>(headers: &HeaderMap, body: &'a [u8]) -> Option<Vec<(String, &'a [u8])>> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (kind, rest) = kind.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = rest.split(';').find_map(|pair| pair.trim().strip_prefix("boundary="))?.trim_matches('"');
    if boundary.is_empty() || boundary.len() > 70 {
        return None;
    }
    let line = format!("--{boundary}");
    let between = format!("\r\n{line}");
    let mut rest = body.strip_prefix(line.as_bytes())?;
    let mut parts = Vec::new();
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        if parts.len() == PARTS_MOST {
            return None;
        }
        let end = find(part, between.as_bytes())?;
        let (own, after) = part.split_at(end);
        let head = find(own, b"\r\n\r\n")?;
        parts.push((name(&own[..head])?, &own[head + 4..]));
        rest = &after[between.len()..];
    }
    rest.starts_with(b"--").then_some(parts)
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}

/// The name in a part's `Content-Disposition`.
fn name(head: &[u8]) -> Option<String> {
    let head = std::str::from_utf8(head).ok()?;
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let named = line.split(';').find_map(|pair| pair.trim().strip_prefix("name=\""))?;
    named.split('"').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(kind: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_TYPE, kind.parse().unwrap())])
    }

    const BODY: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--x\r\nContent-Disposition: form-data; \
                          name=\"file\"; filename=\"a.p7m\"\r\nContent-Type: application/pkcs7-mime\r\n\r\n\x00\r\n--y\r\n\xff\r\n--x--\r\n";

    #[test]
    fn a_file_comes_out_as_it_went_in() {
        let read = parts(&headers("multipart/form-data; boundary=x"), BODY).unwrap();
        assert_eq!(read[0], ("csrf".to_owned(), b"abc".as_slice()));
        assert_eq!(read[1], ("file".to_owned(), b"\x00\r\n--y\r\n\xff".as_slice()));
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn what_is_cut_short_or_of_another_kind_is_none() {
        for kind in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "text/plain; boundary=x",
            "multipart/form-data; boundary=z",
        ] {
            assert!(parts(&headers(kind), BODY).is_none(), "{kind}");
        }
        for length in 0..BODY.len() - 4 {
            assert!(parts(&headers("multipart/form-data; boundary=x"), &BODY[..length]).is_none(), "{length}");
        }
        let many =
            [b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(20), b"--x--".to_vec()].concat();
        assert!(parts(&headers("multipart/form-data; boundary=x"), &many).is_none());
    }
}
