//! Invitations to tenants.

use erpmax_types::users::Role;
use erpmax_types::{InvitationId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// An invitation as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct InvitationRow {
    /// The invitation's id.
    pub id: InvitationId,
    /// Into which tenant.
    pub tenant_id: TenantId,
    /// The address as it was written.
    pub email: String,
    /// The role that joining gives.
    pub role: Role,
    /// Who invited.
    pub invited_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Adds an invitation.
pub async fn insert(conn: &mut Conn, invitation: &InvitationRow, email_key: &str) -> Result<(), StoreError> {
    query(
        "INSERT INTO invitations (id, tenant_id, email, email_key, role, invited_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(invitation.id)
    .bind(invitation.tenant_id)
    .bind(&invitation.email)
    .bind(email_key)
    .bind(invitation.role)
    .bind(invitation.invited_by)
    .bind(invitation.created_at)
    .bind(invitation.expires_at)
    .execute(conn)
    .await
    .map(drop)
}

/// The invitations that wait for an address to be proven, oldest first.
pub async fn list_waiting(conn: &mut Conn, email_key: &str, now: Timestamp) -> Result<Vec<InvitationRow>, StoreError> {
    query(
        "SELECT id, tenant_id, email, role, invited_by, created_at, expires_at FROM invitations
         WHERE email_key = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2 ORDER BY created_at, id",
    )
    .bind(email_key)
    .bind(now)
    .all(conn)
    .await
}

/// Marks an invitation as accepted.
pub async fn accept(conn: &mut Conn, id: InvitationId, now: Timestamp) -> Result<(), StoreError> {
    query("UPDATE invitations SET accepted_at = $2 WHERE id = $1").bind(id).bind(now).execute(conn).await.map(drop)
}

/// Takes back what still waits for this address in this tenant: a new invitation replaces the old one.
pub async fn revoke_waiting(
    conn: &mut Conn,
    tenant: TenantId,
    email_key: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    query(
        "UPDATE invitations SET revoked_at = $3
         WHERE tenant_id = $1 AND email_key = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
    )
    .bind(tenant)
    .bind(email_key)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}

/// Takes back what still waits of all that this person wrote.
pub async fn revoke_waiting_of_inviter(conn: &mut Conn, inviter: UserId, now: Timestamp) -> Result<u64, StoreError> {
    query(
        "UPDATE invitations SET revoked_at = $2
         WHERE invited_by = $1 AND accepted_at IS NULL AND revoked_at IS NULL",
    )
    .bind(inviter)
    .bind(now)
    .execute(conn)
    .await
}

/// How many invitations of a tenant wait.
pub async fn count_waiting_of_tenant(conn: &mut Conn, tenant: TenantId, now: Timestamp) -> Result<u64, StoreError> {
    query(
        "SELECT COUNT(*) FROM invitations
         WHERE tenant_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2",
    )
    .bind(tenant)
    .bind(now)
    .count(conn)
    .await
}

/// Forgets up to `limit` invitations that expired before `before`, whatever became of them.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query("DELETE FROM invitations WHERE id IN (SELECT id FROM invitations WHERE expires_at < $1 LIMIT $2)")
        .bind(before)
        .bind(limit)
        .execute(conn)
        .await
}
