//! The label of a site's address.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The first label of a site's address: `^[a-z][a-z0-9-]{1,38}[a-z0-9]$`. It is safe in a path, a URL and an argument.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SiteName(String);

/// A text that cannot be a site's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSiteName;

impl fmt::Display for BadSiteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a site's name has 3 to 40 characters a-z, 0-9 and -, begins with a letter and does not end with -")
    }
}

impl std::error::Error for BadSiteName {}

impl SiteName {
    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SiteName {
    type Error = BadSiteName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = text.as_bytes();
        let allowed = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        let good = (3..=40).contains(&bytes.len())
            && bytes.iter().all(allowed)
            && bytes.first().is_some_and(u8::is_ascii_lowercase)
            && bytes.last() != Some(&b'-');
        if good { Ok(Self(text)) } else { Err(BadSiteName) }
    }
}

impl From<SiteName> for String {
    fn from(name: SiteName) -> Self {
        name.0
    }
}

impl std::str::FromStr for SiteName {
    type Err = BadSiteName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl fmt::Display for SiteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::macros::database_text!(SiteName);

#[cfg(test)]
mod tests {
    use super::SiteName;

    #[test]
    fn only_safe_labels_are_names() {
        for good in ["acme", "a-1", "abc"] {
            assert!(good.parse::<SiteName>().is_ok(), "{good}");
        }
        for bad in ["", "ab", "1ab", "-ab", "ab-", "a_b", "Acme", "a/../b", "акме", &"a".repeat(41)] {
            assert!(bad.parse::<SiteName>().is_err(), "{bad}");
        }
    }
}
