//! Where a browser may be sent after signing in to a site: a path of that site. Control plane and site each ask for themselves.

/// Where a sign-in leads when no path was asked for, or a bad one.
pub const START: &str = "/app";
/// Longest path, in bytes.
const LENGTH: usize = 2_000;

/// The path if it leads nowhere else, else [`START`].
pub fn safe_redirect(path: &str) -> &str {
    let is_safe = path.len() <= LENGTH && is_path(path) && percent_decode(path).is_some_and(|path| is_path(&path));
    if is_safe { path } else { START }
}

/// Begins with one `/`, not with `//` or `/\`, and holds no control character.
fn is_path(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next() == Some('/')
        && !matches!(characters.next(), Some('/' | '\\'))
        && !text.chars().any(char::is_control)
}

/// One percent-decoding (RFC 3986 §2.1), in which what is no escape stays; none if the result is no text.
fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%').then(|| tail.get(..2)).flatten().and_then(hexadecimal_byte);
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).ok()
}

fn hexadecimal_byte(digits: &[u8]) -> Option<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16);
    let &[high, low] = digits else { return None };
    u8::try_from(value(high)? * 16 + value(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_site_are_followed() {
        for path in ["/", "/app", "/app/item?x=1&y=%2F#top", "/a//b", "/app/%zz", "/app/%", "/app/%+f", "/app/два три"]
        {
            assert_eq!(safe_redirect(path), path);
        }
        let longest = format!("/{}", "a".repeat(LENGTH - 1));
        assert_eq!(safe_redirect(&longest), longest);
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_not() {
        let tricks = [
            "",
            "app",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "%2Fapp",
            "/%2Fevil.example",
            "/%2fevil.example",
            "/%5Cevil.example",
            "/%5cevil.example",
            "/a\nb",
            "/a\r\nSet-Cookie: x",
            "/a%0d%0aSet-Cookie:%20x",
            "/a%00",
            "/\u{85}",
            "/%ff",
        ];
        for trick in tricks {
            assert_eq!(safe_redirect(trick), START, "{trick:?}");
        }
        assert_eq!(safe_redirect(&format!("/{}", "a".repeat(LENGTH))), START);
    }
}
