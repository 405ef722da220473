//! The `Location` after signing in. What the control plane answers is checked again: it is followed only within the site.

use std::fmt::Write as _;

use erpmax_types::redirect::safe_redirect;

/// The path if it leads nowhere else, else the site's start; in ASCII, as a header wants it.
pub(super) fn location(path: &str) -> String {
    safe_redirect(path).bytes().fold(String::with_capacity(path.len()), |mut text, byte| {
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
    use super::location;

    #[test]
    fn a_path_of_the_site_is_written_in_ascii() {
        for path in ["/app", "/app/item?x=1&y=%2F#top", "/app/%zz"] {
            assert_eq!(location(path), path);
        }
        assert_eq!(location("/app/два три"), "/app/%D0%B4%D0%B2%D0%B0%20%D1%82%D1%80%D0%B8");
    }

    #[test]
    fn any_other_leads_to_the_start() {
        for trick in ["", "//evil.example", "/\u{85}", "/%ff"] {
            assert_eq!(location(trick), "/app", "{trick:?}");
        }
    }
}
