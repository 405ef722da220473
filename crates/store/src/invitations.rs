//! Invitations to tenants. One *waits* while it can be accepted; it is *open* until it is accepted or taken back, also when it ran
//! out.

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
    /// Who invited, or sent it again.
    pub invited_by: UserId,
    /// How often it was sent again.
    pub renewals: i64,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// An open invitation with what a list shows beside it.
#[derive(Clone, Debug, FromRow)]
pub struct OpenInvitationRow {
    /// The invitation.
    #[sqlx(flatten)]
    pub invitation: InvitationRow,
    /// The name of who invited.
    pub inviter_name: String,
    /// Whether it can be accepted.
    pub waits: bool,
}

/// The columns of [`InvitationRow`].
macro_rules! columns {
    () => {
        "invitations.id, invitations.tenant_id, invitations.email, invitations.role, invitations.invited_by,
         invitations.renewals, invitations.created_at, invitations.expires_at"
    };
}

macro_rules! open {
    () => {
        "invitations.accepted_at IS NULL AND invitations.revoked_at IS NULL"
    };
}

/// What an open invitation needs to wait at the moment `$2`: time, and somebody who may still invite that far.
macro_rules! can_be_accepted {
    () => {
        "invitations.expires_at > $2 AND EXISTS (
             SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
             WHERE m.tenant_id = invitations.tenant_id AND m.user_id = invitations.invited_by AND u.is_active
               AND (m.role = 'owner' OR (m.role = 'admin' AND invitations.role = 'user')))"
    };
}

/// Invitations that wait at the moment `$2`, and `$rest`.
macro_rules! select_waiting {
    ($what:expr, $rest:literal) => {
        concat!("SELECT ", $what, " FROM invitations WHERE ", open!(), " AND ", can_be_accepted!(), " AND ", $rest)
    };
}

/// Adds an invitation.
pub async fn insert(conn: &mut Conn, invitation: &InvitationRow, email_key: &str) -> Result<(), StoreError> {
    query(
        "INSERT INTO invitations (id, tenant_id, email, email_key, role, invited_by, renewals, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(invitation.id)
    .bind(invitation.tenant_id)
    .bind(&invitation.email)
    .bind(email_key)
    .bind(invitation.role)
    .bind(invitation.invited_by)
    .bind(invitation.renewals)
    .bind(invitation.created_at)
    .bind(invitation.expires_at)
    .execute(conn)
    .await
    .map(drop)
}

/// The invitations that wait for an address, in the order in which their tenants are to be locked.
pub async fn list_waiting(conn: &mut Conn, email_key: &str, now: Timestamp) -> Result<Vec<InvitationRow>, StoreError> {
    query(select_waiting!(columns!(), "invitations.email_key = $1 ORDER BY invitations.tenant_id, invitations.id"))
        .bind(email_key)
        .bind(now)
        .all(conn)
        .await
}

/// An invitation that waits.
pub async fn find_waiting(
    conn: &mut Conn,
    id: InvitationId,
    now: Timestamp,
) -> Result<Option<InvitationRow>, StoreError> {
    query(select_waiting!(columns!(), "invitations.id = $1")).bind(id).bind(now).optional(conn).await
}

/// An open invitation of a tenant.
pub async fn find_open(
    conn: &mut Conn,
    tenant: TenantId,
    id: InvitationId,
) -> Result<Option<InvitationRow>, StoreError> {
    query(concat!("SELECT ", columns!(), " FROM invitations WHERE tenant_id = $1 AND id = $2 AND ", open!()))
        .bind(tenant)
        .bind(id)
        .optional(conn)
        .await
}

/// A page of a tenant's open invitations, the newest first.
pub async fn list_open(
    conn: &mut Conn,
    tenant: TenantId,
    now: Timestamp,
    size: u32,
    offset: i64,
) -> Result<Vec<OpenInvitationRow>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        ", inviter.full_name AS inviter_name, ",
        can_be_accepted!(),
        " AS waits FROM invitations JOIN users inviter ON inviter.id = invitations.invited_by
         WHERE invitations.tenant_id = $1 AND ",
        open!(),
        " ORDER BY invitations.created_at DESC, invitations.id DESC LIMIT $3 OFFSET $4"
    ))
    .bind(tenant)
    .bind(now)
    .bind(i64::from(size))
    .bind(offset)
    .all(conn)
    .await
}

/// How many open invitations a tenant has.
pub async fn count_open(conn: &mut Conn, tenant: TenantId) -> Result<u64, StoreError> {
    query(concat!("SELECT COUNT(*) FROM invitations WHERE tenant_id = $1 AND ", open!())).bind(tenant).count(conn).await
}

/// Takes back what still waits of all that this person wrote.
pub async fn revoke_waiting_of_inviter(conn: &mut Conn, inviter: UserId, now: Timestamp) -> Result<u64, StoreError> {
    query(concat!("UPDATE invitations SET revoked_at = $2 WHERE invited_by = $1 AND ", open!()))
        .bind(inviter)
        .bind(now)
        .execute(conn)
        .await
}

/// How many invitations of a tenant wait.
pub async fn count_waiting_of_tenant(conn: &mut Conn, tenant: TenantId, now: Timestamp) -> Result<u64, StoreError> {
    query(select_waiting!("COUNT(*)", "invitations.tenant_id = $1")).bind(tenant).bind(now).count(conn).await
}

/// Marks an invitation as accepted; false if it does not wait.
pub async fn accept(conn: &mut Conn, id: InvitationId, now: Timestamp) -> Result<bool, StoreError> {
    query(concat!("UPDATE invitations SET accepted_at = $2 WHERE id = $1 AND ", open!(), " AND ", can_be_accepted!()))
        .bind(id)
        .bind(now)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Takes an open invitation back.
pub async fn revoke(conn: &mut Conn, id: InvitationId, now: Timestamp) -> Result<(), StoreError> {
    query(concat!("UPDATE invitations SET revoked_at = $2 WHERE id = $1 AND ", open!()))
        .bind(id)
        .bind(now)
        .execute(conn)
        .await
        .map(drop)
}

/// Takes back what is open for this address in this tenant: a new invitation replaces the old one.
pub async fn revoke_open(conn: &mut Conn, tenant: TenantId, email_key: &str, now: Timestamp) -> Result<(), StoreError> {
    query(concat!("UPDATE invitations SET revoked_at = $3 WHERE tenant_id = $1 AND email_key = $2 AND ", open!()))
        .bind(tenant)
        .bind(email_key)
        .bind(now)
        .execute(conn)
        .await
        .map(drop)
}

/// Writes who sent an invitation again, how often that was done, and until when it is good.
pub async fn renew(conn: &mut Conn, invitation: &InvitationRow) -> Result<(), StoreError> {
    query("UPDATE invitations SET invited_by = $2, renewals = $3, expires_at = $4 WHERE id = $1")
        .bind(invitation.id)
        .bind(invitation.invited_by)
        .bind(invitation.renewals)
        .bind(invitation.expires_at)
        .execute(conn)
        .await
        .map(drop)
}

/// Forgets up to `limit` invitations that expired before `before`, whatever became of them.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query("DELETE FROM invitations WHERE id IN (SELECT id FROM invitations WHERE expires_at < $1 LIMIT $2)")
        .bind(before)
        .bind(limit)
        .execute(conn)
        .await
}
