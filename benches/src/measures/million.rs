//! `GET /tenants` with a million users, beside with a hundred. All of them have a tenant, a site and a session; those who ask
//! are spread over all.

use std::path::Path;

use anyhow::Result;
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};
use tempfile::TempDir;

use super::logins::hash;
use crate::Plan;
use crate::http::Request;
use crate::load::closed;
use crate::printer::note;
use crate::report::{Figure, Target, digits};
use crate::server::{Server, database, folder};
use crate::statistics::Series;

const MANY: usize = 1_000_000;
const FEW: usize = 100;
/// Users who ask.
const ASKING: usize = 100;
const CLIENTS: usize = 4;

/// A server with its users.
struct Side {
    server: Server,
    requests: Vec<Request>,
    milliseconds: Series,
    _folder: TempDir,
}

pub(crate) async fn run(plan: Plan) -> Result<Vec<Figure>> {
    let mut few = Side::with_users(FEW).await?;
    let mut many = Side::with_users(MANY).await?;
    for _ in 0..plan.rounds {
        many.measure(plan).await?;
        few.measure(plan).await?;
    }
    let (slow, fast) = (&many.milliseconds, &few.milliseconds);
    let detail = format!("{} ms and {} ms with {CLIENTS} clients", digits(slow.median()), digits(fast.median()));
    Ok(vec![Figure {
        name: "tenants-with-a-million-users",
        what: "`GET /tenants` with 1,000,000 users ÷ with 100",
        unit: "",
        series: slow.divided_by(fast),
        target: Target::AtMost(1.3),
        suffers: true,
        detail,
    }])
}

impl Side {
    async fn with_users(count: usize) -> Result<Self> {
        let folder = folder()?;
        Server::start(folder.path()).await?.process.stop().await?;
        note(&format!("filling a database with {count} users"));
        fill(&database(folder.path()), count).await?;
        let server = Server::start(folder.path()).await?;
        let mut requests = Vec::new();
        for number in 0..ASKING {
            let email = format!("user-{}@example.com", number * (count / ASKING) + 1);
            requests.push(Request::get("/api/v1/tenants", &server.login(&email).await?.token));
        }
        Ok(Self { server, requests, milliseconds: Series::default(), _folder: folder })
    }

    async fn measure(&mut self, plan: Plan) -> Result<()> {
        let rate = closed(self.server.address, &self.requests, CLIENTS, plan.duration()).await?;
        self.milliseconds.push(1000.0 * f64::from(u32::try_from(CLIENTS)?) / rate);
        Ok(())
    }
}

/// Writes users with numbers from 1 in one transaction.
async fn fill(database: &Path, count: usize) -> Result<()> {
    let mut connection = SqliteConnection::connect(&format!("sqlite:{}", database.display())).await?;
    let mut transaction = connection.begin().await?;
    for statement in statements(count, &hash("SecurePass123")?) {
        transaction.execute(AssertSqlSafe(statement)).await?;
    }
    transaction.commit().await?;
    connection.close().await?;
    Ok(())
}

fn statements(count: usize, hash: &str) -> [String; 5] {
    let numbers = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
    let id = |kind: u8| format!("printf('01900000-0000-7000-800{kind}-%012x', i)");
    let (user, tenant, site, session) = (id(1), id(2), id(3), id(4));
    let time = 1_750_000_000_000_000_u64;
    let far = 4_000_000_000_000_000_u64;
    [
        format!(
            "{numbers} INSERT INTO users (id, email, email_key, full_name, password_hash, language, is_active,
                 is_superuser, email_proven_at, created_at, updated_at)
             SELECT {user}, printf('user-%d@example.com', i), printf('user-%d@example.com', i), printf('User %d', i),
                 '{hash}', 'en', TRUE, FALSE, {time}, {time}, {time} FROM n"
        ),
        format!(
            "{numbers} INSERT INTO tenants (id, name, slug, status, settings, is_legacy, created_at, updated_at)
             SELECT {tenant}, printf('Company %d', i), printf('company-%d', i), 'active', '{{}}', FALSE, {time}, {time}
             FROM n"
        ),
        format!(
            "{numbers} INSERT INTO memberships (user_id, tenant_id, role, is_default, joined_at)
             SELECT {user}, {tenant}, 'owner', TRUE, {time} FROM n"
        ),
        format!(
            "{numbers} INSERT INTO sites (id, tenant_id, name, state, key_sealed, key_hash, created_at, ready_at)
             SELECT {site}, {tenant}, printf('company-%d', i), 'ready', 'none', printf('%d', i), {time}, {time} FROM n"
        ),
        format!(
            "{numbers} INSERT INTO sessions (id, user_id, tenant_id, address, user_agent, created_at, last_used_at,
                 expires_at)
             SELECT {session}, {user}, {tenant}, '127.0.0.1', 'bench', {time}, {time}, {far} FROM n"
        ),
    ]
}
