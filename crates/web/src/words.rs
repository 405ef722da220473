//! Words for people, in their language. A further language is a folder in `locales/` and needs no code.

use std::borrow::Cow;
use std::collections::HashMap;

use erpmax_client::types::language::wishes;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, static_loader};

static_loader! {
    static CATALOGUE = {
        locales: "./locales",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The keys of all messages, made from the catalogues; see `build.rs`.
pub(crate) mod key {
    use super::Key;

    include!(concat!(env!("OUT_DIR"), "/key.rs"));
}

/// The name of a message that every catalogue has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(&'static str);

/// A language that there is a catalogue for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words(LanguageIdentifier);

impl Words {
    /// The language of a tag such as `uk-UA`, if there is a catalogue for it.
    pub(crate) fn find(tag: &str) -> Option<Self> {
        let wanted: LanguageIdentifier = tag.trim().parse().ok()?;
        CATALOGUE.locales().find(|locale| locale.language == wanted.language).cloned().map(Self)
    }

    /// The best language for an `Accept-Language` header (RFC 9110 §12.5.4), English if none fits.
    pub(crate) fn negotiate(header: &str) -> Self {
        wishes(header).into_iter().find_map(Self::find).unwrap_or_else(|| Self(CATALOGUE.fallback().clone()))
    }

    /// All languages, by their tags.
    pub(crate) fn all() -> Vec<Self> {
        let mut all: Vec<Self> = CATALOGUE.locales().cloned().map(Self).collect();
        all.sort_by_key(Self::tag);
        all
    }

    /// The tag, such as `uk`.
    pub(crate) fn tag(&self) -> String {
        self.0.to_string()
    }

    /// The message.
    pub(crate) fn say(&self, key: Key) -> String {
        self.say_with(key, [])
    }

    /// The message with one place filled.
    pub(crate) fn say1<'a>(&self, key: Key, name: &'static str, value: impl Into<FluentValue<'a>>) -> String {
        self.say_with(key, [(name, value.into())])
    }

    /// The message with its places filled.
    pub(crate) fn say_with<'a>(
        &self,
        key: Key,
        values: impl IntoIterator<Item = (&'static str, FluentValue<'a>)>,
    ) -> String {
        let values: HashMap<Cow<'static, str>, FluentValue<'a>> =
            values.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect();
        // `build.rs` has seen that every catalogue has every key.
        CATALOGUE.try_lookup_with_args(&self.0, key.0, &values).unwrap_or_else(|| key.0.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_wins() {
        for (header, tag) in [("fr, uk;q=0.9, en;q=0.8", "uk"), ("en; q=0.5, uk-UA; q=0.9", "uk"), ("uk;q=0, fr", "en")]
        {
            assert_eq!(Words::negotiate(header).tag(), tag, "{header}");
        }
    }

    #[test]
    fn plurals_follow_the_language() {
        let days = |tag, days: i64| Words::find(tag).expect("a language").say1(key::DAYS, "days", days);
        assert_eq!([days("en", 1), days("en", 5)], ["1 day", "5 days"]);
        assert_eq!([days("uk", 1), days("uk", 3), days("uk", 14)], ["1 день", "3 дні", "14 днів"]);
    }
}
