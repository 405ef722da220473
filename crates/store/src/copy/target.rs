//! The `PostgreSQL` side of a copy: one transaction, from the schema to the last comparison.

use std::str::FromStr as _;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgPool, Postgres, Transaction};
use tokio::time::timeout;

use super::CopyError;
use super::digest::{Digest, Summary};
use super::rows::{Batch, Value, from_postgres};
use super::schema::Table;
use crate::engine::{OpenError, explain, postgres_migrator};

const PATIENCE: Duration = Duration::from_secs(15);
const BY_BYTES: &str = r#" COLLATE "C""#;

pub(super) struct Target(Transaction<'static, Postgres>);

impl Target {
    /// Begins the transaction and makes the schema in it, unless that is there.
    pub(super) async fn open(url: &str) -> Result<Self, CopyError> {
        let mut target = Self(connect(url).await?.begin().await?);
        target.run("SET LOCAL lock_timeout = '10s'").await?;
        target.refuse_strangers().await?;
        let migrated = postgres_migrator().run_direct(None, &mut *target.0, false).await;
        migrated.map_err(|error| CopyError::Target(explain(error)))?;
        Ok(target)
    }

    /// A database with tables but without our list of migrations belongs to something else.
    async fn refuse_strangers(&mut self) -> Result<(), CopyError> {
        let (ours, tables): (bool, i64) = sqlx::query_as(
            "SELECT COALESCE(BOOL_OR(tablename = '_sqlx_migrations'), FALSE), COUNT(*) FROM pg_tables
             WHERE schemaname = CURRENT_SCHEMA()",
        )
        .fetch_one(&mut *self.0)
        .await?;
        if ours || tables == 0 {
            Ok(())
        } else {
            Err(CopyError::NotEmpty(format!("{tables} tables of something else")))
        }
    }

    /// Takes all tables for itself and makes sure that none has a row.
    pub(super) async fn refuse_rows(&mut self, tables: &[Table]) -> Result<(), CopyError> {
        for table in tables {
            self.run(&format!(r#"LOCK TABLE "{}" IN ACCESS EXCLUSIVE MODE"#, table.name)).await?;
            let sql = format!(r#"SELECT 1 FROM "{}" LIMIT 1"#, table.name);
            if sqlx::query(AssertSqlSafe(sql)).fetch_optional(&mut *self.0).await?.is_some() {
                return Err(CopyError::NotEmpty(format!("rows in the table {}", table.name)));
            }
        }
        Ok(())
    }

    /// Adds all rows, a batch at a time, and says what they were.
    pub(super) async fn fill(
        &mut self,
        table: &Table,
        mut rows: BoxStream<'_, Result<Vec<Value>, sqlx::Error>>,
    ) -> Result<Summary, CopyError> {
        let mut digest = Digest::default();
        let mut batch = Batch::new(table);
        while let Some(row) = rows.try_next().await? {
            digest.add(&row);
            batch.push(row);
            if batch.is_full() {
                self.send(table, std::mem::replace(&mut batch, Batch::new(table))).await?;
            }
        }
        self.send(table, batch).await?;
        Ok(digest.finish())
    }

    async fn send(&mut self, table: &Table, batch: Batch) -> Result<(), CopyError> {
        if batch.is_empty() {
            return Ok(());
        }
        sqlx::query_with(AssertSqlSafe(table.insert()), batch.into_arguments()?).execute(&mut *self.0).await?;
        Ok(())
    }

    /// What a table holds now.
    pub(super) async fn read_back(&mut self, table: &Table) -> Result<Summary, CopyError> {
        let mut digest = Digest::default();
        let mut rows = sqlx::query(AssertSqlSafe(table.select(BY_BYTES))).fetch(&mut *self.0);
        while let Some(row) = rows.try_next().await? {
            digest.add(&from_postgres(table, &row)?);
        }
        Ok(digest.finish())
    }

    /// Lets a table count on from `last`.
    pub(super) async fn set_counter(&mut self, table: &Table, last: Option<i64>) -> Result<(), CopyError> {
        let (Some(column), Some(last)) = (table.counted(), last.filter(|last| *last > 0)) else { return Ok(()) };
        sqlx::query("SELECT SETVAL(PG_GET_SERIAL_SEQUENCE($1, $2), $3)")
            .bind(format!(r#""{}""#, table.name))
            .bind(column)
            .bind(last)
            .execute(&mut *self.0)
            .await?;
        Ok(())
    }

    pub(super) async fn commit(self) -> Result<(), CopyError> {
        Ok(self.0.commit().await?)
    }

    async fn run(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *self.0).await.map(drop)
    }
}

async fn connect(url: &str) -> Result<PgPool, CopyError> {
    if !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
        return Err(CopyError::NotPostgres);
    }
    let options = PgConnectOptions::from_str(url).map_err(|error| CopyError::Target(OpenError::BadUrl(error)))?;
    let options = options.application_name("erpmax database copy").disable_statement_logging();
    // A pool would try again what is refused at once.
    let reached = timeout(PATIENCE, options.connect()).await.map_err(|_| CopyError::Silent(PATIENCE.as_secs()))?;
    reached.map_err(|error| CopyError::Target(OpenError::Unreachable(error)))?;
    Ok(PgPoolOptions::new().max_connections(1).connect_with(options).await?)
}
