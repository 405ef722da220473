//! Sentences for people, in their language. A further language is a folder in `locales/` and needs no code but its tag.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use erpmax_types::ErrorBody;
use erpmax_types::language::wishes;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, static_loader};

use crate::{Challenge, PlanLimit, Refusal};

static_loader! {
    static CATALOGUE = {
        locales: "./locales",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// A language that there is a catalogue for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language(LanguageIdentifier);

/// What stands in a message's places.
pub type Arguments<'a> = [(&'static str, FluentValue<'a>)];

impl Language {
    /// The catalogue's language for a tag such as `uk-UA`, English if there is none.
    pub fn from_tag(tag: &str) -> Self {
        Self::find(tag).unwrap_or_else(Self::english)
    }

    /// English.
    pub fn english() -> Self {
        Self(CATALOGUE.fallback().clone())
    }

    /// The best language for an `Accept-Language` header (RFC 9110 §12.5.4).
    pub fn negotiate(header: &str) -> Self {
        wishes(header).into_iter().find_map(Self::find).unwrap_or_else(Self::english)
    }

    fn find(tag: &str) -> Option<Self> {
        let wanted: LanguageIdentifier = tag.trim().parse().ok()?;
        CATALOGUE.locales().find(|locale| locale.language == wanted.language).cloned().map(Self)
    }

    /// The tag, as it is kept with an account.
    pub fn tag(&self) -> String {
        self.0.to_string()
    }

    /// The message `name` with `arguments` in its places.
    pub fn say(&self, name: &str, arguments: &Arguments<'_>) -> String {
        let arguments: HashMap<Cow<'static, str>, FluentValue<'_>> =
            arguments.iter().map(|(key, value)| (Cow::Borrowed(*key), value.clone())).collect();
        CATALOGUE.try_lookup_with_args(&self.0, name, &arguments).unwrap_or_else(|| name.to_owned())
    }

    /// The message `name`, if the catalogue has it.
    pub fn find_message(&self, name: &str) -> Option<String> {
        CATALOGUE.try_lookup(&self.0, name)
    }

    /// A refusal as the envelope shows it.
    pub fn error(&self, refusal: &Refusal) -> ErrorBody {
        let mut details: BTreeMap<String, Vec<String>> = refusal
            .details
            .iter()
            .map(|(field, problems)| {
                (field.clone().into_owned(), problems.iter().map(|problem| self.problem(problem)).collect())
            })
            .collect();
        let mut message = format!("error-{}", refusal.code);
        if let Some(Challenge(challenge)) = &refusal.challenge {
            details.insert("challenge".to_owned(), vec![challenge.clone()]);
            message.push_str("_now");
        }
        if let Some(limit) = &refusal.plan_limit {
            details.extend(limit_details(limit));
        }
        ErrorBody {
            message: self.say(&message, &[]),
            code: refusal.code,
            details: (!details.is_empty()).then_some(details),
        }
    }

    fn problem(&self, problem: &crate::Problem) -> String {
        let number = problem.number.map_or(FluentValue::None, FluentValue::from);
        self.say(&format!("field-{}", problem.message), &[("number", number)])
    }
}

/// Which limit is reached, and the plan that lifts it, for programs.
fn limit_details(limit: &PlanLimit) -> BTreeMap<String, Vec<String>> {
    let mut details = BTreeMap::from([
        ("limit".to_owned(), vec![limit.limit.to_owned()]),
        ("used".to_owned(), vec![limit.used.to_string()]),
        ("allowed".to_owned(), vec![limit.allowed.to_string()]),
    ]);
    if let Some(plan) = &limit.lifting_plan {
        details.insert("plan".to_owned(), vec![plan.clone()]);
    }
    details
}

#[cfg(test)]
mod tests {
    use erpmax_types::ErrorCode;

    use super::Language;

    #[test]
    fn the_heaviest_known_language_wins() {
        assert_eq!(Language::negotiate("fr, uk;q=0.9, en;q=0.8").tag(), "uk");
        assert_eq!(Language::negotiate("uk-UA,uk;q=0.9").tag(), "uk");
        assert_eq!(Language::negotiate("en; q=0.5, uk; q=0.9").tag(), "uk");
        assert_eq!(Language::negotiate("uk;q=0, fr").tag(), "en");
        assert_eq!(Language::negotiate("").tag(), "en");
    }

    #[test]
    fn every_code_has_a_sentence_in_every_language() {
        for tag in ["en", "uk"] {
            for code in ErrorCode::ALL {
                let name = format!("error-{code}");
                assert!(Language::from_tag(tag).find_message(&name).is_some(), "{tag} lacks {name}");
            }
        }
    }
}
