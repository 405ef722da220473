//! `PostgreSQL`: a snapshot that `pg_dump` shares, so that what is counted is what is dumped.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{BackupError, Contents};
use crate::engine::OpenError;
use crate::schema::{Schema, connect_postgres, look_at_postgres};

/// The database at one moment, for as long as this lives.
pub struct PostgresSnapshot {
    /// What `pg_dump --snapshot` wants.
    pub id: String,
    /// What is in it.
    pub contents: Contents,
    /// The server's major version.
    pub server_major: u32,
    link: PgConnection,
}

impl PostgresSnapshot {
    /// Takes one of the database at `url`.
    pub async fn take(url: &str) -> Result<Self, BackupError> {
        let mut link = connect_postgres(url).await?;
        sqlx::raw_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").execute(&mut link).await?;
        let contents = contents(&mut link).await?;
        if contents.tables.is_empty() {
            return Err(OpenError::Empty.into());
        }
        let id = sqlx::query_scalar("SELECT pg_export_snapshot()").fetch_one(&mut link).await?;
        let version: String = sqlx::query_scalar("SHOW server_version_num").fetch_one(&mut link).await?;
        let server_major = version.parse::<u32>().unwrap_or(0) / 10_000;
        Ok(Self { id, contents, server_major, link })
    }

    /// Lets it go.
    pub async fn release(self) -> Result<(), BackupError> {
        Ok(self.link.close().await?)
    }
}

/// What is in the database at `url`.
pub async fn contents_of_postgres(url: &str) -> Result<Contents, BackupError> {
    let mut link = connect_postgres(url).await?;
    let contents = contents(&mut link).await?;
    link.close().await?;
    Ok(contents)
}

async fn contents(link: &mut PgConnection) -> Result<Contents, sqlx::Error> {
    let names = tables(link).await?;
    let mut tables = Vec::with_capacity(names.len());
    for name in names {
        let sql = AssertSqlSafe(format!(r#"SELECT COUNT(*) FROM "{name}""#));
        let rows: i64 = sqlx::query_scalar(sql).fetch_one(&mut *link).await?;
        tables.push((name, u64::try_from(rows).unwrap_or(0)));
    }
    Ok(Contents { schema: look_at_postgres(link).await?.version(), tables })
}

async fn tables(link: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        r#"SELECT tablename::text FROM pg_tables WHERE schemaname = CURRENT_SCHEMA() ORDER BY tablename COLLATE "C""#,
    )
    .fetch_all(link)
    .await
}

/// Refuses a database that has tables, or moves them into the new schema `aside`: then true. Refuses while a node uses it.
pub async fn make_room_in_postgres(url: &str, aside: Option<&str>) -> Result<bool, BackupError> {
    let mut link = connect_postgres(url).await?;
    let is_empty = look_at_postgres(&mut link).await? == Schema::Empty;
    if !is_empty {
        let aside = aside.ok_or(BackupError::NotEmpty)?;
        refuse_nodes(&mut link).await?;
        move_aside(&mut link, aside).await?;
    }
    link.close().await?;
    Ok(!is_empty)
}

/// Our functions in a schema, with their arguments; those of extensions stay where they are.
async fn functions(link: &mut PgConnection, schema: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = $1 AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')",
    )
    .bind(schema)
    .fetch_all(link)
    .await
}

async fn current_schema(link: &mut PgConnection) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT CURRENT_SCHEMA()::text").fetch_one(link).await
}

/// Drops all tables and functions, and brings those back that [`make_room_in_postgres`] moved into `aside`.
pub async fn move_back_in_postgres(url: &str, aside: Option<&str>) -> Result<(), BackupError> {
    let mut link = connect_postgres(url).await?;
    let mut tx = link.begin().await?;
    for name in tables(&mut tx).await? {
        run(&mut tx, format!(r#"DROP TABLE "{name}" CASCADE"#)).await?;
    }
    let here = current_schema(&mut tx).await?;
    for function in functions(&mut tx, &here).await? {
        run(&mut tx, format!("DROP FUNCTION {function}")).await?;
    }
    if let Some(aside) = aside {
        let moved: Vec<String> = sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = $1")
            .bind(aside)
            .fetch_all(&mut *tx)
            .await?;
        for name in moved {
            run(&mut tx, format!(r#"ALTER TABLE "{aside}"."{name}" SET SCHEMA "{here}""#)).await?;
        }
        for function in functions(&mut tx, aside).await? {
            run(&mut tx, format!(r#"ALTER FUNCTION {function} SET SCHEMA "{here}""#)).await?;
        }
        run(&mut tx, format!(r#"DROP SCHEMA "{aside}""#)).await?;
    }
    tx.commit().await?;
    Ok(link.close().await?)
}

async fn refuse_nodes(link: &mut PgConnection) -> Result<(), BackupError> {
    let nodes: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND application_name = 'erpmax'",
    )
    .fetch_one(link)
    .await?;
    if nodes > 0 { Err(BackupError::InUse) } else { Ok(()) }
}

async fn move_aside(link: &mut PgConnection, aside: &str) -> Result<(), sqlx::Error> {
    let mut tx = link.begin().await?;
    let names = tables(&mut tx).await?;
    let here = current_schema(&mut tx).await?;
    let functions = functions(&mut tx, &here).await?;
    run(&mut tx, format!(r#"CREATE SCHEMA "{aside}""#)).await?;
    for name in names {
        run(&mut tx, format!(r#"ALTER TABLE "{name}" SET SCHEMA "{aside}""#)).await?;
    }
    for function in functions {
        run(&mut tx, format!(r#"ALTER FUNCTION {function} SET SCHEMA "{aside}""#)).await?;
    }
    tx.commit().await
}

async fn run(link: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(link).await.map(drop)
}
