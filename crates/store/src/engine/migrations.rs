//! The schema, from its first version to the present one.

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::OpenError;

/// Number, name and text of each migration. A released one is never changed: databases keep its checksum.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("../../migrations/0001_first.sql")),
    (2, "sockets", include_str!("../../migrations/0002_sockets.sql")),
    (3, "sweeping", include_str!("../../migrations/0003_sweeping.sql")),
    (4, "mail", include_str!("../../migrations/0004_mail.sql")),
    (5, "confirmation", include_str!("../../migrations/0005_confirmation.sql")),
    (6, "factors", include_str!("../../migrations/0006_factors.sql")),
    (7, "mail_tokens", include_str!("../../migrations/0007_mail_tokens.sql")),
    (8, "invitations", include_str!("../../migrations/0008_invitations.sql")),
];

/// The migrations in the words of `SQLite`.
pub(crate) fn sqlite_migrator() -> Migrator {
    migrator("INTEGER PRIMARY KEY AUTOINCREMENT")
}

/// The migrations in the words of `PostgreSQL`.
pub(crate) fn postgres_migrator() -> Migrator {
    migrator("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
}

fn migrator(serial: &str) -> Migrator {
    let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
        let sql = AssertSqlSafe(sql.replace("{serial}", serial)).into_sql_str();
        Migration::new(*version, (*name).into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// The number of the last migration that this program knows.
pub(crate) fn newest_migration() -> i64 {
    MIGRATIONS.iter().map(|(version, ..)| *version).max().unwrap_or(0)
}

pub(crate) fn explain(error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(version) => OpenError::Newer(version),
        other => OpenError::Migration(other),
    }
}
