//! Calendar months and years.

use erpmax_types::Timestamp;
use erpmax_types::billing::BillingPeriod;
use time::{Date, Month, OffsetDateTime, UtcDateTime};

/// The end of a period that begins at `start`: the same day of a later month or year, or that month's last day.
pub(crate) fn end_of(start: Timestamp, period: BillingPeriod) -> Timestamp {
    let Ok(start_time) = OffsetDateTime::from_unix_timestamp_nanos(i128::from(start.as_micros()) * 1_000) else {
        return start;
    };
    let date = match period {
        BillingPeriod::Monthly if start_time.month() == Month::December => with(start_time.date(), 1, Month::January),
        BillingPeriod::Monthly => with(start_time.date(), 0, start_time.month().next()),
        BillingPeriod::Yearly => with(start_time.date(), 1, start_time.month()),
    };
    let end = start_time.replace_date(date).unix_timestamp_nanos() / 1_000;
    Timestamp::from_micros(i64::try_from(end).unwrap_or(i64::MAX))
}

fn with(date: Date, years: i32, month: Month) -> Date {
    let year = date.year() + years;
    let day = date.day().min(month.length(year));
    Date::from_calendar_date(year, month, day).unwrap_or(date)
}

/// The day of a moment, for sentences: `2026-11-24`.
pub(crate) fn day_of(moment: Timestamp) -> String {
    let date_time = UtcDateTime::from_unix_timestamp(moment.as_seconds()).unwrap_or(UtcDateTime::UNIX_EPOCH);
    date_time.date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(start: &str, period: BillingPeriod) -> String {
        end_of(start.parse().expect("a time"), period).to_string()
    }

    #[test]
    fn periods_end_on_the_same_day_or_the_months_last() {
        assert_eq!(end("2026-01-31T10:00:00Z", BillingPeriod::Monthly), "2026-02-28T10:00:00.000000Z");
        assert_eq!(end("2026-12-15T10:00:00Z", BillingPeriod::Monthly), "2027-01-15T10:00:00.000000Z");
        assert_eq!(end("2028-02-29T10:00:00Z", BillingPeriod::Yearly), "2029-02-28T10:00:00.000000Z");
    }
}
