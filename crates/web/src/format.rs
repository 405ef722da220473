//! Numbers, money and times as a language writes them.

use std::time::Duration;

use erpmax_client::types::Timestamp;
use erpmax_client::types::billing::{Amount, minor_digits};
use fixed_decimal::{Decimal, FloatPrecision};
use fluent_templates::fluent_bundle::FluentValue;
use icu_decimal::DecimalFormatter;
use icu_decimal::options::DecimalFormatterOptions;
use icu_locale_core::Locale;
use time::OffsetDateTime;

use crate::words::{Words, key};

/// A moment as a page shows it: for people, and for the script that moves it into their time zone.
pub(crate) struct Moment {
    /// RFC 3339.
    pub(crate) machine: String,
    /// A date, or a date with the time in UTC.
    pub(crate) text: String,
    pub(crate) has_time: bool,
}

impl Words {
    /// An amount with its currency, such as `1 249,00 ₴`.
    pub(crate) fn money(&self, amount: Amount, currency: &str) -> String {
        let digits = minor_digits(currency);
        let number = Decimal::try_from_f64(amount.as_major(), FloatPrecision::RoundTrip).unwrap_or_default();
        let text = self.decimal(&with_decimals(number, digits));
        self.say_with(key::MONEY, [("amount", text.into()), ("currency", currency.to_owned().into())])
    }

    fn decimal(&self, number: &Decimal) -> String {
        let locale = Locale::try_from_str(&self.tag()).unwrap_or(Locale::UNKNOWN);
        match DecimalFormatter::try_new(locale.into(), DecimalFormatterOptions::default()) {
            Ok(formatter) => formatter.format(number).to_string(),
            Err(_) => number.to_string(),
        }
    }

    /// A day, such as `25 листопада 2026 р.`
    pub(crate) fn date(&self, at: Timestamp) -> Moment {
        Moment { machine: at.to_string(), text: self.day(at), has_time: false }
    }

    /// A day with its time in UTC.
    pub(crate) fn date_time(&self, at: Timestamp) -> Moment {
        let utc = utc(at);
        let clock = format!("{:02}:{:02}", utc.hour(), utc.minute());
        let text = self.say_with(key::DATE_TIME, [("date", self.day(at).into()), ("time", clock.into())]);
        Moment { machine: at.to_string(), text, has_time: true }
    }

    fn day(&self, at: Timestamp) -> String {
        let utc = utc(at);
        // As texts, since numbers may be grouped.
        let [day, year] = [i64::from(utc.day()), utc.year().into()].map(|number| FluentValue::from(number.to_string()));
        self.say_with(key::DATE, [("day", day), ("month", u8::from(utc.month()).into()), ("year", year)])
    }

    /// A time span in its largest unit, such as `3 хвилини`.
    pub(crate) fn span(&self, span: Duration) -> String {
        let seconds = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        match seconds {
            ..60 => self.say1(key::SECONDS, "seconds", seconds),
            60..3_600 => self.say1(key::MINUTES, "minutes", seconds / 60),
            3_600..86_400 => self.say1(key::HOURS, "hours", seconds / 3_600),
            _ => self.say1(key::DAYS, "days", seconds / 86_400),
        }
    }
}

fn with_decimals(mut number: Decimal, digits: i32) -> Decimal {
    let last = i16::try_from(-digits).unwrap_or(0);
    number.round(last);
    number.pad_end(last);
    number
}

fn utc(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.as_seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(tag: &str) -> Words {
        Words::find(tag).expect("a language")
    }

    #[test]
    fn money_is_written_as_the_language_writes_it() {
        let amount = |minor, currency| Amount::from_minor(minor, currency);
        assert_eq!(words("en").money(amount(124_900, "EUR"), "EUR"), "€1,249.00");
        assert_eq!(words("uk").money(amount(12_499_950, "UAH"), "UAH"), "124\u{a0}999,50\u{a0}₴");
        assert_eq!(words("en").money(amount(1_500, "JPY"), "JPY"), "¥1,500");
        assert_eq!(words("en").money(amount(1_500, "KWD"), "KWD"), "KWD\u{a0}1.500");
    }

    #[test]
    fn days_are_written_as_the_language_writes_them() {
        let at = Timestamp::from_micros(1_795_600_000_000_000);
        assert_eq!(words("en").date(at).text, "25 November 2026");
        assert_eq!(words("uk").date(at).text, "25 листопада 2026 р.");
        assert_eq!(words("en").date_time(at).text, "25 November 2026, 09:46 UTC");
    }
}
