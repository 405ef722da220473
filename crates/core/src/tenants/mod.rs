//! Customer companies: their data, members and invitations.

pub mod api_keys;
pub(crate) mod found;
pub mod invitations;
pub mod members;
mod second_factor;
pub(crate) mod slug;
pub mod support_access;
mod switches;
pub mod transfer;
mod update;

use erpmax_store::tenants::{self, TenantRow};
use erpmax_types::ErrorCode;
use erpmax_types::envelope::{Page, PageRequest};
use erpmax_types::tenants::Tenant;

use crate::access::{Member, Signed};
use crate::{Core, Result};

pub use update::update;

/// A page of the tenants that the person belongs to.
pub async fn list(core: &Core, signed: &Signed, page: PageRequest) -> Result<Page<Tenant>> {
    let mut conn = core.store().read().await?;
    let rows = tenants::list_of_user(&mut conn, signed.user_id, page.size, page.offset()).await?;
    let total = tenants::count_of_user(&mut conn, signed.user_id).await?;
    let items = rows.into_iter().map(|row| to_tenant(core, row)).collect::<Result<_>>()?;
    Ok(page.of(items, total))
}

/// The member's tenant.
pub async fn show(core: &Core, member: &Member) -> Result<Tenant> {
    let row = tenants::find(&mut core.store().read().await?, member.tenant_id).await?;
    to_tenant(core, row.ok_or(ErrorCode::NotFound)?)
}

/// A tenant as the wire shows it; the database keeps its site's label, the address is made here.
pub(crate) fn to_tenant(core: &Core, row: TenantRow) -> Result<Tenant> {
    Ok(Tenant {
        id: row.id,
        name: row.name,
        slug: row.slug,
        status: row.status,
        erpnext_site_url: row.site_name.map(|name| core.settings().sites.url(name.as_str())),
        settings: serde_json::from_str(&row.settings)?,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
