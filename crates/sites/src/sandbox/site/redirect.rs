//! Where a browser may be sent after signing in: a path of the same site.

use std::fmt::Write as _;

const ELSE: &str = "/app";

/// The path if it leads nowhere else, else `/app`; in ASCII, as a header wants it.
pub(super) fn safe(path: &str) -> String {
    if is_local(path.as_bytes()) && is_local(&decoded(path)) { ascii(path) } else { ELSE.to_owned() }
}

/// Begins with one `/`, not with `//` or `/\`, and holds no control character.
fn is_local(path: &[u8]) -> bool {
    let controlled = String::from_utf8_lossy(path).contains(char::is_control);
    path.first() == Some(&b'/') && !matches!(path.get(1), Some(b'/' | b'\\')) && !controlled
}

/// Percent-decodes once; what is no escape stays.
fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten().and_then(hexadecimal_byte);
        decoded.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    decoded
}

fn hexadecimal_byte(digits: &[u8]) -> Option<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16);
    let &[high, low] = digits else { return None };
    u8::try_from(value(high)? * 16 + value(low)?).ok()
}

fn ascii(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut text, byte| {
        if byte.is_ascii_graphic() {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn paths_of_the_site_are_followed() {
        for path in ["/", "/app", "/app/item?x=1&y=%2F#top", "/a//b", "/app/%zz"] {
            assert_eq!(safe(path), path);
        }
        assert_eq!(safe("/app/два три"), "/app/%D0%B4%D0%B2%D0%B0%20%D1%82%D1%80%D0%B8");
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_not() {
        let tricks = [
            "",
            "app",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "%2Fapp",
            "/%2Fevil.example",
            "/%5Cevil.example",
            "/%5cevil.example",
            "/a\r\nSet-Cookie: x",
            "/a%0d%0aSet-Cookie:%20x",
            "/a%00",
            "/\u{85}",
            "javascript:alert(1)",
        ];
        for trick in tricks {
            assert_eq!(safe(trick), "/app", "{trick:?}");
        }
    }
}
