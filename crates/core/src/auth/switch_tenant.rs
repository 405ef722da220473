//! Another current tenant for a session.

use erpmax_store::outbox::{Audience, News};
use erpmax_store::{memberships, sessions, tenants};
use erpmax_types::users::{SwitchTenant, Switched};
use erpmax_types::{ErrorCode, TenantId};
use serde_json::json;

use super::session;
use crate::access::Signed;
use crate::audit::{Action, record};
use crate::tenants::to_tenant;
use crate::validation::id;
use crate::{Core, Result, billing};

/// Makes `tenant` the session's current one: new tokens, and the session's sockets hear its events from now on. Where it requires
/// a second factor that the person lacks, they are closed instead.
pub async fn switch_tenant(core: &Core, signed: &Signed, request: &SwitchTenant) -> Result<Switched> {
    let tenant: TenantId = id(&request.tenant_id)?;
    let mut tx = core.store().begin().await?;
    // The end of a membership comes before this or after, so that its sockets are closed and not moved on.
    tenants::lock(&mut tx, tenant).await?;
    memberships::find(&mut tx, tenant, signed.user_id).await?.ok_or(ErrorCode::NotFound)?;
    let row = tenants::find(&mut tx, tenant).await?.ok_or(ErrorCode::NotFound)?;
    billing::trial::wake(core, &mut tx, signed.into(), tenant).await?;
    let session_ends =
        sessions::update_tenant(&mut tx, signed.session_id, tenant).await?.ok_or(ErrorCode::Unauthorized)?;
    let tokens = session::fresh_tokens(core, &mut tx, signed.user_id, signed.session_id, tenant, session_ends).await?;
    // Who lacks a factor that the tenant requires may go there, to set one up, and hears nothing of it before.
    let is_shut_out = !signed.has_second_factor() && tenants::requires_second_factor(&mut tx, tenant).await?;
    let news = if is_shut_out { News::Close } else { News::MoveTo(tenant) };
    core.tell(&mut tx, Audience::Session(signed.session_id), news);
    let target = Some(signed.session_id.to_string());
    record(
        core,
        &mut tx,
        signed.into(),
        Action { name: "auth.switch_tenant", tenant: Some(tenant), target, change: json!({}) },
    )
    .await?;
    tx.commit().await?;
    Ok(Switched { tokens, tenant: to_tenant(core, row)? })
}
