//! Who am I, and where do I belong: one statement that also authorises.

use erpmax_store::access::find_with_tenants;
use erpmax_types::ErrorCode;
use erpmax_types::users::Me;

use super::keys::Claims;
use crate::tenants::to_tenant;
use crate::{Core, Result};

/// The account of a verified token, with all its tenants.
pub async fn me(core: &Core, claims: &Claims) -> Result<Me> {
    let rows = find_with_tenants(&mut core.store().read().await?, claims.session).await?;
    let rows = rows.ok_or(ErrorCode::Unauthorized)?;
    if rows.ended_at.is_some() || rows.expires_at <= core.now() {
        return Err(ErrorCode::Unauthorized.into());
    }
    if !rows.user.is_active {
        return Err(ErrorCode::AccountDisabled.into());
    }
    if rows.session_tenant_id != claims.tenant {
        return Err(ErrorCode::TokenExpired.into());
    }
    Ok(Me {
        flat: rows.user.clone(),
        user: rows.user,
        tenants: rows.tenants,
        current_tenant: rows.current_tenant.map(|tenant| to_tenant(core, tenant)).transpose()?,
        session_id: claims.session,
    })
}
