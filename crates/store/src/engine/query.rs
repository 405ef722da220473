//! One statement: a text with `$1` placeholders, its arguments, and how its rows are read.

use std::borrow::Cow;

use erpmax_types::Timestamp;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, SqlSafeStr, SqlStr};

use super::StoreError;
use super::conn::{Conn, Raw};

/// An argument; nulls keep their type, because `PostgreSQL` asks for it.
pub(crate) enum Arg<'q> {
    Text(Option<Cow<'q, str>>),
    Int(Option<i64>),
    Bool(bool),
}

/// A row that either driver can decode; derived by `sqlx::FromRow`.
pub(crate) trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

pub(crate) struct Query<'q> {
    sql: SqlStr,
    args: Vec<Arg<'q>>,
}

/// Begins a statement. `SQLite` understands `$1` as well as `PostgreSQL` does.
pub(crate) const fn query<'q>(sql: &'static str) -> Query<'q> {
    Query { sql: SqlStr::from_static(sql), args: Vec::new() }
}

/// Begins an `INSERT` of as many `rows` at once; `columns` are each row's, and the arguments follow row by row.
pub(crate) fn insert_rows<'q>(table: &'static str, columns: &'static str, rows: usize) -> Query<'q> {
    let width = columns.split(',').count();
    let row = |row: usize| {
        let places: Vec<String> = (1..=width).map(|place| format!("${}", row * width + place)).collect();
        format!("({})", places.join(", "))
    };
    let values: Vec<String> = (0..rows).map(row).collect();
    let sql = format!("INSERT INTO {table} ({columns}) VALUES {}", values.join(", "));
    Query { sql: AssertSqlSafe(sql).into_sql_str(), args: Vec::with_capacity(rows * width) }
}

macro_rules! run {
    ($query:expr, $conn:expr, $method:ident) => {
        match $conn.raw()? {
            Raw::Sqlite(link) => sqlx::query_as_with($query.sql, sqlite_arguments($query.args)?).$method(link).await,
            Raw::Postgres(link) => {
                sqlx::query_as_with($query.sql, postgres_arguments($query.args)?).$method(link).await
            }
        }
    };
}

impl<'q> Query<'q> {
    pub(crate) fn bind(mut self, arg: impl Into<Arg<'q>>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// The first row, if there is one.
    pub(crate) async fn optional<T: Row>(self, conn: &mut Conn) -> Result<Option<T>, StoreError> {
        Ok(run!(self, conn, fetch_optional)?)
    }

    /// The one row that is always there, such as a count.
    pub(crate) async fn one<T: Row>(self, conn: &mut Conn) -> Result<T, StoreError> {
        Ok(run!(self, conn, fetch_one)?)
    }

    /// All rows.
    pub(crate) async fn all<T: Row>(self, conn: &mut Conn) -> Result<Vec<T>, StoreError> {
        Ok(run!(self, conn, fetch_all)?)
    }

    /// The one column of all rows.
    pub(crate) async fn column<T>(self, conn: &mut Conn) -> Result<Vec<T>, StoreError>
    where
        (T,): Row,
    {
        Ok(self.all::<(T,)>(conn).await?.into_iter().map(|(value,)| value).collect())
    }

    /// A count, never negative.
    pub(crate) async fn count(self, conn: &mut Conn) -> Result<u64, StoreError> {
        let (count,): (i64,) = self.one(conn).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Carries the statement out; how many rows it touched.
    pub(crate) async fn execute(self, conn: &mut Conn) -> Result<u64, StoreError> {
        Ok(match conn.raw()? {
            Raw::Sqlite(link) => {
                sqlx::query_with(self.sql, sqlite_arguments(self.args)?).execute(link).await?.rows_affected()
            }
            Raw::Postgres(link) => {
                sqlx::query_with(self.sql, postgres_arguments(self.args)?).execute(link).await?.rows_affected()
            }
        })
    }
}

fn sqlite_arguments(args: Vec<Arg<'_>>) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    for arg in args {
        match arg {
            Arg::Text(value) => sqlx::Arguments::add(&mut arguments, value.map(Cow::into_owned)),
            Arg::Int(value) => sqlx::Arguments::add(&mut arguments, value),
            Arg::Bool(value) => sqlx::Arguments::add(&mut arguments, value),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn postgres_arguments(args: Vec<Arg<'_>>) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for arg in args {
        match arg {
            Arg::Text(value) => sqlx::Arguments::add(&mut arguments, value),
            Arg::Int(value) => sqlx::Arguments::add(&mut arguments, value),
            Arg::Bool(value) => sqlx::Arguments::add(&mut arguments, value),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

impl<'q> From<&'q str> for Arg<'q> {
    fn from(text: &'q str) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'q> From<&'q String> for Arg<'q> {
    fn from(text: &'q String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<bool> for Arg<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Timestamp> for Arg<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Int(Some(time.as_micros()))
    }
}

impl From<Option<Timestamp>> for Arg<'_> {
    fn from(time: Option<Timestamp>) -> Self {
        Self::Int(time.map(Timestamp::as_micros))
    }
}

impl<'q> From<Option<&'q str>> for Arg<'q> {
    fn from(text: Option<&'q str>) -> Self {
        Self::Text(text.map(Cow::Borrowed))
    }
}

impl From<Option<String>> for Arg<'_> {
    fn from(text: Option<String>) -> Self {
        Self::Text(text.map(Cow::Owned))
    }
}

impl<'q> From<&'q Option<String>> for Arg<'q> {
    fn from(text: &'q Option<String>) -> Self {
        text.as_deref().into()
    }
}

impl From<&erpmax_types::site_name::SiteName> for Arg<'_> {
    fn from(name: &erpmax_types::site_name::SiteName) -> Self {
        name.to_string().into()
    }
}

macro_rules! text_args {
    ($($kind:ty),* $(,)?) => {$(
        impl From<$kind> for Arg<'_> {
            fn from(value: $kind) -> Self {
                Self::Text(Some(value.to_string().into()))
            }
        }

        impl From<Option<$kind>> for Arg<'_> {
            fn from(value: Option<$kind>) -> Self {
                Self::Text(value.map(|value| value.to_string().into()))
            }
        }
    )*};
}

text_args!(
    erpmax_types::ApiKeyId,
    erpmax_types::AuditId,
    erpmax_types::BackupId,
    erpmax_types::CheckoutId,
    erpmax_types::EventId,
    erpmax_types::InvitationId,
    erpmax_types::JobId,
    erpmax_types::LeaseId,
    erpmax_types::MailId,
    erpmax_types::NotificationId,
    erpmax_types::PaymentEventId,
    erpmax_types::PlanId,
    erpmax_types::SessionId,
    erpmax_types::SiteId,
    erpmax_types::SubscriptionId,
    erpmax_types::SupportAccessId,
    erpmax_types::TenantId,
    erpmax_types::UserId,
    erpmax_types::WorkId,
    erpmax_types::billing::BillingPeriod,
    erpmax_types::billing::PaymentEventType,
    erpmax_types::billing::SubscriptionStatus,
    erpmax_types::mail::MailPurpose,
    erpmax_types::mail::MailStatus,
    erpmax_types::notifications::NotificationType,
    erpmax_types::provisioning::JobStatus,
    erpmax_types::provisioning::JobType,
    erpmax_types::runner::Direction,
    erpmax_types::tenants::TenantStatus,
    erpmax_types::users::Role,
);
