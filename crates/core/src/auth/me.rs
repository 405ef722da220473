//! Who am I, and where do I belong: one statement that also authorises.

use erpmax_store::access::find_with_tenants;
use erpmax_types::ErrorCode;
use erpmax_types::users::Me;

use super::keys::Claims;
use crate::access::{check_living, check_tenant};
use crate::tenants::to_tenant;
use crate::{Core, Result};

/// The account of a verified token, with all its tenants.
pub async fn me(core: &Core, claims: &Claims) -> Result<Me> {
    let rows = find_with_tenants(&mut core.store().read().await?, claims.session).await?;
    let rows = rows.ok_or(ErrorCode::Unauthorized)?;
    check_living(core, rows.ended_at, rows.expires_at, rows.user.is_active)?;
    check_tenant(claims, rows.session_tenant_id)?;
    Ok(Me {
        flat: rows.user.clone(),
        user: rows.user,
        tenants: rows.tenants,
        current_tenant: rows.current_tenant.map(|tenant| to_tenant(core, tenant)).transpose()?,
        session_id: claims.session,
    })
}
