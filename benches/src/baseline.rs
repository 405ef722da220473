//! What `GET /auth/me` is compared with: one axum route that verifies the same token, runs the same one statement through
//! plain sqlx and answers the same JSON, without anything else that a product needs.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use erpmax_types::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use tokio::net::TcpListener;

use crate::printer::print;

/// The statement of `erpmax_store::access::find_with_tenants`.
const STATEMENT: &str =
    "SELECT s.tenant_id AS session_tenant_id, s.ended_at, s.expires_at AS session_expires_at, s.user_id,
                u.email, u.full_name, u.is_active, u.is_superuser, u.email_proven_at,
                u.created_at AS user_created_at, u.updated_at AS user_updated_at,
                m.role, m.is_default, t.id AS tenant_id, t.name, t.slug, t.status, t.settings, i.name AS site_name,
                t.created_at, t.updated_at
         FROM sessions s
         JOIN users u ON u.id = s.user_id
         LEFT JOIN memberships m ON m.user_id = s.user_id
         LEFT JOIN tenants t ON t.id = m.tenant_id
         LEFT JOIN sites i ON i.tenant_id = t.id AND i.ready_at IS NOT NULL
         WHERE s.id = $1 ORDER BY m.joined_at, m.tenant_id";
/// As many connections as the server has by default.
const CONNECTIONS: u32 = 8;

/// What an access token says.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    sub: String,
    sid: String,
    tid: String,
    iat: i64,
    exp: i64,
}

struct App {
    pool: SqlitePool,
    key: DecodingKey,
    validation: Validation,
}

#[derive(sqlx::FromRow)]
struct Row {
    session_tenant_id: String,
    ended_at: Option<i64>,
    session_expires_at: i64,
    user_id: String,
    email: String,
    full_name: String,
    is_active: bool,
    is_superuser: bool,
    email_proven_at: Option<i64>,
    user_created_at: i64,
    user_updated_at: i64,
    role: String,
    is_default: bool,
    tenant_id: String,
    name: String,
    slug: String,
    status: String,
    settings: String,
    site_name: Option<String>,
    created_at: i64,
    updated_at: i64,
}

#[derive(Serialize)]
struct Answer {
    status: &'static str,
    data: Me,
}

#[derive(Serialize)]
struct Me {
    user: User,
    #[serde(flatten)]
    flat: User,
    tenants: Vec<UserTenant>,
    current_tenant: Option<Tenant>,
    session_id: String,
}

#[derive(Clone, Serialize)]
struct User {
    id: String,
    email: String,
    full_name: String,
    is_active: bool,
    is_superuser: bool,
    email_verified: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Serialize)]
struct UserTenant {
    tenant_id: String,
    tenant_name: String,
    role: String,
    is_default: bool,
}

#[derive(Serialize)]
struct Tenant {
    id: String,
    name: String,
    slug: String,
    status: String,
    erpnext_site_url: Option<String>,
    settings: Box<RawValue>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Serves the route on a free port of loopback and says which.
pub(crate) async fn serve(database: &Path, secret: &str) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(database).journal_mode(SqliteJournalMode::Wal).read_only(true);
    let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await?;
    let app =
        App { pool, key: DecodingKey::from_secret(secret.as_bytes()), validation: Validation::new(Algorithm::HS256) };
    let router = Router::new().route("/api/v1/auth/me", get(me)).with_state(Arc::new(app));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    print(&format!("baseline {}", listener.local_addr()?));
    Ok(axum::serve(listener, router).await?)
}

async fn me(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Json<Answer>, StatusCode> {
    let claims = claims(&app, &headers).ok_or(StatusCode::UNAUTHORIZED)?;
    let rows: Vec<Row> = sqlx::query_as(STATEMENT)
        .bind(&claims.sid)
        .fetch_all(&app.pool)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let first = rows.first().filter(|row| may_pass(row, &claims)).ok_or(StatusCode::UNAUTHORIZED)?;
    let (user, session) = (user(first), first.session_tenant_id.clone());
    let data = Me {
        flat: user.clone(),
        user,
        tenants: rows.iter().map(user_tenant).collect(),
        current_tenant: rows.into_iter().find(|row| row.tenant_id == session).and_then(tenant),
        session_id: claims.sid,
    };
    Ok(Json(Answer { status: "success", data }))
}

fn claims(app: &App, headers: &HeaderMap) -> Option<Claims> {
    let token = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    Some(jsonwebtoken::decode(token, &app.key, &app.validation).ok()?.claims)
}

fn may_pass(row: &Row, claims: &Claims) -> bool {
    row.ended_at.is_none()
        && row.is_active
        && row.session_tenant_id == claims.tid
        && row.session_expires_at > claims.iat
}

fn user(row: &Row) -> User {
    User {
        id: row.user_id.clone(),
        email: row.email.clone(),
        full_name: row.full_name.clone(),
        is_active: row.is_active,
        is_superuser: row.is_superuser,
        email_verified: row.email_proven_at.is_some(),
        created_at: Timestamp::from_micros(row.user_created_at),
        updated_at: Timestamp::from_micros(row.user_updated_at),
    }
}

fn user_tenant(row: &Row) -> UserTenant {
    UserTenant {
        tenant_id: row.tenant_id.clone(),
        tenant_name: row.name.clone(),
        role: row.role.clone(),
        is_default: row.is_default,
    }
}

fn tenant(row: Row) -> Option<Tenant> {
    Some(Tenant {
        id: row.tenant_id,
        name: row.name,
        erpnext_site_url: row.site_name.map(|name| format!("http://{name}.localhost")),
        slug: row.slug,
        status: row.status,
        settings: RawValue::from_string(row.settings).ok()?,
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
    })
}
