//! Rights of a `PostgreSQL` role that runs the installation without owning it: everything that the rules do, and of the audit trail
//! only reading and adding.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::engine::OpenError;
use crate::schema::connect_postgres;

/// A role cannot be given its rights; each is a sentence for whoever asked.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is no such role.
    #[error("there is no role {0}; make it first: CREATE ROLE {0} LOGIN PASSWORD '…'")]
    NoRole(String),
    /// What it may do cannot be narrowed.
    #[error(
        "the role {0} is a superuser, owns the tables or belongs to their owner, so it may do everything; choose another one"
    )]
    Owner(String),
    /// Whoever is connected does not own the tables.
    #[error("only the owner of the tables can give rights; let database.url sign in as that role for this command")]
    NotOwner,
    /// A statement failed.
    #[error("the rights cannot be given")]
    Failed(#[from] sqlx::Error),
}

impl GrantError {
    /// Whether another role or address would do.
    pub const fn is_wrong_use(&self) -> bool {
        !matches!(self, Self::Failed(_))
    }
}

/// Gives `role` what it needs, and takes what it must not have, in one transaction.
pub async fn grant(url: &str, role: &str) -> Result<(), GrantError> {
    let mut link = connect_postgres(url).await?;
    let mut tx = link.begin().await?;
    check(&mut tx, role).await?;
    let (schema, role): (String, String) =
        sqlx::query_as("SELECT QUOTE_IDENT(CURRENT_SCHEMA()), QUOTE_IDENT($1)").bind(role).fetch_one(&mut *tx).await?;
    for statement in statements(&schema, &role) {
        tx.execute(AssertSqlSafe(statement)).await?;
    }
    tx.commit().await?;
    Ok(link.close().await?)
}

fn statements(schema: &str, role: &str) -> [String; 7] {
    [
        format!("GRANT USAGE ON SCHEMA {schema} TO {role}"),
        format!("REVOKE CREATE ON SCHEMA {schema} FROM {role}"),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}"),
        format!("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"),
        format!("REVOKE ALL ON _sqlx_migrations, audit_events FROM {role}"),
        format!("GRANT SELECT ON _sqlx_migrations, audit_events TO {role}"),
        format!("GRANT INSERT ON audit_events TO {role}"),
    ]
}

/// Refuses a role that is not there, or to which narrow rights mean nothing; and whoever cannot give them.
async fn check(link: &mut PgConnection, role: &str) -> Result<(), GrantError> {
    let is_there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)")
        .bind(role)
        .fetch_one(&mut *link)
        .await?;
    if !is_there {
        return Err(GrantError::NoRole(role.to_owned()));
    }
    let (owns, we_own): (bool, bool) = sqlx::query_as(
        "SELECT PG_HAS_ROLE($1, tableowner, 'MEMBER'), PG_HAS_ROLE(tableowner, 'MEMBER')
         FROM pg_tables WHERE schemaname = CURRENT_SCHEMA() AND tablename = 'audit_events'",
    )
    .bind(role)
    .fetch_one(&mut *link)
    .await?;
    match (owns, we_own) {
        (true, _) => Err(GrantError::Owner(role.to_owned())),
        (_, false) => Err(GrantError::NotOwner),
        (false, true) => Ok(()),
    }
}
