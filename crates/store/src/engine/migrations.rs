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
    (9, "api_keys", include_str!("../../migrations/0009_api_keys.sql")),
    (10, "operator", include_str!("../../migrations/0010_operator.sql")),
    (11, "life", include_str!("../../migrations/0011_life.sql")),
    (12, "looked_up", include_str!("../../migrations/0012_looked_up.sql")),
    (13, "web_sessions", include_str!("../../migrations/0013_web_sessions.sql")),
    (14, "backups", include_str!("../../migrations/0014_backups.sql")),
];

/// What stands in a migration for what only one of the two understands: a line that begins with the other's word is a comment.
struct Words {
    serial: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// The migrations in the words of `SQLite`.
pub(crate) fn sqlite_migrator() -> Migrator {
    migrator(&Words { serial: "INTEGER PRIMARY KEY AUTOINCREMENT", sqlite: "", postgres: "--" })
}

/// The migrations in the words of `PostgreSQL`.
pub(crate) fn postgres_migrator() -> Migrator {
    migrator(&Words { serial: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", sqlite: "--", postgres: "" })
}

fn migrator(words: &Words) -> Migrator {
    let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
        let sql = sql.replace("{serial}", words.serial);
        let sql = sql.replace("{sqlite}", words.sqlite).replace("{postgres}", words.postgres);
        let sql = AssertSqlSafe(sql).into_sql_str();
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
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) if is_forbidden(&cause) => {
            OpenError::NotOwner
        }
        other => OpenError::Migration(other),
    }
}

/// Whether `PostgreSQL` says that the role lacks a right.
fn is_forbidden(cause: &sqlx::Error) -> bool {
    const INSUFFICIENT_PRIVILEGE: &str = "42501";
    cause
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == INSUFFICIENT_PRIVILEGE)
}
