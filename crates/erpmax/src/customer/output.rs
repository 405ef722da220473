//! How values are written for people.

use std::fmt::Display;

use erpmax_client::types::Timestamp;
use erpmax_client::types::billing::{Amount, minor_digits};
use serde::Serialize;
use serde_json::Value;

use super::style::Style;
use super::table;
use crate::failure::Failure;

/// Names and values of one thing.
#[derive(Default)]
pub(super) struct Fields(Vec<(&'static str, String)>);

impl Fields {
    pub(super) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.0.push((name, format!("{value}")));
        self
    }

    /// Left out where there is nothing to say.
    pub(super) fn with_some(self, name: &'static str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn render(&self, width: Option<usize>, style: Style) -> String {
        table::fields(&self.0, width, style)
    }
}

/// A document as the API has it.
pub(super) fn document(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(Failure::unexpected)
}

/// To the minute.
pub(super) fn when(at: Timestamp) -> String {
    format!("{} UTC", minute(at))
}

/// The same for tables, under a heading that says that it is UTC.
pub(super) fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {}", time.get(..5).unwrap_or_default())
}

pub(super) fn money(amount: Amount, currency: &str) -> String {
    let digits = usize::try_from(minor_digits(currency)).unwrap_or(2);
    format!("{:.digits$} {currency}", amount.as_major())
}

/// So many bytes, in the unit that people read.
pub(super) fn size(bytes: i64) -> String {
    indicatif::HumanBytes(bytes.unsigned_abs()).to_string()
}

/// A word of the API as people read it: `past_due` is past due.
pub(super) fn word(word: &impl Display) -> String {
    word.to_string().replace('_', " ")
}
