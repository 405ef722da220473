//! What a person may type. Each function cleans a value or notes what is wrong with it; all fields are looked at before
//! anything is refused.

use std::collections::HashSet;
use std::sync::LazyLock;

use erpmax_types::ErrorCode;
use unicode_normalization::UnicodeNormalization;

use crate::error::invalid;
use crate::{FieldErrors, Problem, Result};

/// Collects what is wrong with the fields of one request.
#[derive(Default)]
pub(crate) struct Fields {
    errors: FieldErrors,
}

const NAME_LENGTH: usize = 140;
const EMAIL_LENGTH: usize = 254;
const PASSWORD_MIN: usize = 8;
const PASSWORD_MAX: usize = 128;

impl Fields {
    pub(crate) fn problem(&mut self, field: &'static str, message: &'static str) {
        self.errors.entry(field.into()).or_default().push(Problem { message, number: None });
    }

    fn bound(&mut self, field: &'static str, message: &'static str, number: usize) {
        self.errors.entry(field.into()).or_default().push(Problem { message, number: Some(number as u64) });
    }

    /// Refuses if anything was noted.
    pub(crate) fn check(self) -> Result<()> {
        if self.errors.is_empty() { Ok(()) } else { Err(invalid(self.errors)) }
    }

    /// A name of a person or company: NFC, 1–140 characters, nothing that breaks a line or turns the direction.
    pub(crate) fn name(&mut self, field: &'static str, text: &str) -> String {
        self.sentences(field, text, NAME_LENGTH)
    }

    /// Some sentences: NFC, 1–`longest` characters, nothing that breaks a line or turns the direction.
    pub(crate) fn sentences(&mut self, field: &'static str, text: &str, longest: usize) -> String {
        let text: String = text.trim().nfc().collect();
        if text.is_empty() {
            self.problem(field, "required");
        } else if text.chars().count() > longest {
            self.bound(field, "too_long", longest);
        } else if text.chars().any(is_forbidden_in_names) {
            self.problem(field, "name_characters");
        }
        text
    }

    /// An e-mail address, as it was written.
    pub(crate) fn email(&mut self, field: &'static str, text: &str) -> String {
        let email = text.trim();
        if email.is_empty() {
            self.problem(field, "required");
        } else if email.len() > EMAIL_LENGTH || !is_email(email) {
            self.problem(field, "email");
        }
        email.to_owned()
    }

    /// A new password; `personal` are texts that it must not be.
    pub(crate) fn new_password(&mut self, field: &'static str, password: &str, personal: &[&str]) {
        let length = password.chars().count();
        if length < PASSWORD_MIN {
            self.bound(field, "too_short", PASSWORD_MIN);
        } else if length > PASSWORD_MAX {
            self.bound(field, "too_long", PASSWORD_MAX);
        } else if is_common(password) {
            self.problem(field, "password_common");
        } else if is_personal(password, personal) {
            self.problem(field, "password_personal");
        }
    }
}

/// How addresses are compared.
pub(crate) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// An id out of a path, query or body; what is no id at all is not there either.
pub(crate) fn id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| ErrorCode::NotFound.into())
}

pub(crate) fn is_forbidden_in_names(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}')
        || ('\u{202a}'..='\u{202e}').contains(&character)
        || ('\u{2066}'..='\u{2069}').contains(&character)
}

fn is_email(email: &str) -> bool {
    let Some((local, domain)) = email.rsplit_once('@') else { return false };
    let plain = |text: &str| {
        !text.chars().any(|c| c.is_whitespace() || is_forbidden_in_names(c) || "<>()[],;:\\\"@".contains(c))
    };
    let labels_are_good = domain.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    });
    !local.is_empty() && local.len() <= 64 && plain(local) && !local.contains("..") && labels_are_good
}

/// The passwords that guessing starts with, of eight characters or more, out of breaches.
static COMMON_PASSWORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());
/// Words that everybody who uses this has in common.
const PRODUCT: [&str; 2] = ["erpmax", "erpnext"];

fn is_common(password: &str) -> bool {
    let folded = password.to_lowercase();
    let mut characters = folded.chars();
    let one_character = characters.next().is_none_or(|first| characters.all(|character| character == first));
    one_character || COMMON_PASSWORDS.contains(folded.as_str())
}

/// Whether a password is no more than one of the texts, what stands before an `@` in it, or the product's name, with numbers and
/// signs around it.
fn is_personal(password: &str, personal: &[&str]) -> bool {
    let folded = password.to_lowercase();
    let word = squeezed(folded.trim_matches(|character: char| !character.is_alphabetic()));
    let texts = personal.iter().chain(&PRODUCT).map(|text| text.to_lowercase());
    texts.filter(|text| !text.is_empty()).any(|text| {
        let local = text.split('@').next().unwrap_or_default();
        folded == text || folded == local || !word.is_empty() && (word == squeezed(&text) || word == squeezed(local))
    })
}

/// The letters and digits alone.
fn squeezed(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for good in ["a@b.c", "owner@acme.example", "o'neil+x@sub.acme.example", "юзер@пошта.укр", "root@localhost"]
        {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@b.c", "a@", "a b@c.d", "a@b..c", "a@-b.c", "a@b.c>", "a..b@c.d", "a@b@c.d"] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn a_password_is_neither_common_nor_the_persons_own_address() {
        assert!(!is_common("SecurePass123"));
        assert!(is_common("Password123"));
        assert!(is_common("aaaaaaaaaa"));
        for personal in ["Owner@Acme.example", "owner2026!", "ACME trading", "!AcmeTrading1", "ErpMax2026", "erpnext#1"]
        {
            assert!(is_personal(personal, &["owner@acme.example", "Acme Trading"]), "{personal}");
        }
        for good in ["SecurePass123", "12345678", "my Acme is a coyote", "acme.owner.7"] {
            assert!(!is_personal(good, &["owner@acme.example", "Acme Trading", ""]), "{good}");
        }
        assert!(COMMON_PASSWORDS.len() > 3_000 && COMMON_PASSWORDS.iter().all(|common| common.chars().count() >= 8));
    }

    #[test]
    fn names_hold_no_line_breaks_and_no_overrides() {
        let mut fields = Fields::default();
        assert_eq!(fields.name("name", "  Кафе\u{301} "), "Кафе\u{301}".nfc().collect::<String>());
        assert!(fields.errors.is_empty());
        for bad in ["", "a\nb", "a\u{202e}b", &"x".repeat(141)] {
            let mut fields = Fields::default();
            fields.name("name", bad);
            assert!(!fields.errors.is_empty(), "{bad:?}");
        }
    }
}
