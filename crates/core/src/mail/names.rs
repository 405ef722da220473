//! Customers' words in mails: a name such as "Prize at evil.example" would become a link in many a mail program.

use crate::validation::is_forbidden_in_names;

/// The words as they may stand in a mail; nothing if they look like an address of the web.
pub(super) fn defuse(words: &str) -> Option<String> {
    let plain: String = words.chars().map(plain).filter(|character| !is_invisible(*character)).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    (!looks_like_address(&plain)).then_some(plain)
}

fn plain(character: char) -> char {
    if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') { ' ' } else { character }
}

fn is_invisible(character: char) -> bool {
    is_forbidden_in_names(character)
        || matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

fn looks_like_address(words: &str) -> bool {
    let folded: String =
        words.to_lowercase().chars().map(|character| if is_dot(character) { '.' } else { character }).collect();
    folded.contains("://")
        || folded.contains("www.")
        || folded.split(|character: char| !is_of_domain(character)).any(|word| is_domain(word.trim_matches('.')))
}

/// What stands for a dot in a domain name (UTS #46 §4, RFC 3490 §3.1).
const fn is_dot(character: char) -> bool {
    matches!(character, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}')
}

fn is_of_domain(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '.' | '-' | '_')
}

/// `label.tld`, where the last label has two letters or more. Initials before a name in another script, as in "О.В.Петренко", are
/// no domain: no registry there sells labels of one letter.
fn is_domain(word: &str) -> bool {
    let Some((before, last)) = word.rsplit_once('.') else { return false };
    let label = before.rsplit('.').next().unwrap_or_default();
    let is_top = last.chars().count() >= 2 && (last.chars().all(char::is_alphabetic) || last.starts_with("xn--"));
    is_top && !label.is_empty() && (last.is_ascii() || label.chars().count() >= 2)
}

#[cfg(test)]
mod tests {
    use super::defuse;

    #[test]
    fn names_that_look_like_addresses_are_not_repeated() {
        for bad in [
            "evil.example",
            "Prize: https://1.2.3.4/x",
            "WWW.evil",
            "Your refund (t.co/abc)",
            "a evil\u{ff0e}example b",
            "evil\u{200b}.exam\u{202e}ple",
            "пошта.укр",
            "x.xn--p1ai",
            "owner@evil.example",
        ] {
            assert_eq!(defuse(bad), None, "{bad}");
        }
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for good in ["Acme Inc.", "J. R. Miller", "О.В.Петренко", "ТОВ «Ромашка»", "3.5 Ltd", "A & B <b>", "Кафе 24/7"]
        {
            assert_eq!(defuse(good).as_deref(), Some(good));
        }
    }

    #[test]
    fn what_breaks_lines_or_turns_the_direction_is_taken_out() {
        assert_eq!(defuse("Acme\r\nBcc: x\u{202e}").as_deref(), Some("Acme Bcc: x"));
    }
}
