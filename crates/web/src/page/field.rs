//! Fields of forms, and what is wrong with them.

use std::collections::BTreeMap;

use erpmax_client::Error;

use super::Page;
use crate::words::{Key, key};

/// A field of a form.
#[derive(Default)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    /// The kind of input.
    pub(crate) kind: &'static str,
    pub(crate) autocomplete: &'static str,
    /// What is in it: what was typed, but for passwords.
    pub(crate) value: String,
    pub(crate) hint: Option<String>,
    pub(crate) problems: Vec<String>,
    /// Names the script that helps with it; everything works without.
    pub(crate) help: Option<&'static str>,
}

/// Why a form was not carried out.
#[derive(Default)]
pub(crate) struct Problems {
    /// A sentence for the whole form.
    pub(crate) message: Option<String>,
    fields: BTreeMap<String, Vec<String>>,
}

impl Page {
    /// A field with this label.
    pub(crate) fn field(
        &self,
        name: &'static str,
        label: Key,
        kind: &'static str,
        autocomplete: &'static str,
    ) -> Field {
        Field { name, label: self.words.say(label), kind, autocomplete, ..Field::default() }
    }

    /// What a person can put right; other errors are handed back.
    pub(crate) fn problems(&self, error: Error) -> Result<Problems, Error> {
        match error {
            Error::Validation { details, .. } => {
                Ok(Problems { message: Some(self.words.say(key::PROBLEM_FIELDS)), fields: details })
            }
            Error::RateLimited { retry_after, .. } => {
                let time = self.words.span(retry_after.unwrap_or(std::time::Duration::from_secs(60)));
                Ok(Problems {
                    message: Some(self.words.say1(key::PROBLEM_TOO_FAST, "time", time)),
                    ..Problems::default()
                })
            }
            Error::Unauthorized(refusal)
            | Error::Forbidden(refusal)
            | Error::Conflict(refusal)
            | Error::Refused(refusal) => Ok(Problems { message: Some(refusal.message), ..Problems::default() }),
            other => Err(other),
        }
    }
}

impl Field {
    /// With what was typed.
    pub(crate) fn with(self, value: &str) -> Self {
        Self { value: value.to_owned(), ..self }
    }

    pub(crate) fn hinted(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    pub(crate) fn helped(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }

    /// With what is wrong with it.
    pub(crate) fn marked(self, problems: &Problems) -> Self {
        let own = problems.fields.get(self.name).cloned().unwrap_or_default();
        Self { problems: own, ..self }
    }
}
