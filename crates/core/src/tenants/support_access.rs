//! Support access as the company sees it: who was in its site and why, ending it, and whether support is let in at all.

use erpmax_store::{Tx, support_accesses, tenants};
use erpmax_types::envelope::{Page, PageRequest};
use erpmax_types::operator::SupportAccess;
use serde_json::json;

use crate::access::{Admin, Owner};
use crate::audit::{Action, record};
use crate::operators::support::{end_one, to_access};
use crate::validation::id;
use crate::{Core, Result};

/// A page of the accesses to the company's site, newest first.
pub async fn list(core: &Core, admin: &Admin, page: PageRequest) -> Result<Page<SupportAccess>> {
    let mut conn = core.store().read().await?;
    let rows = support_accesses::list(&mut conn, admin.tenant_id, page.size, page.offset()).await?;
    let total = support_accesses::count(&mut conn, admin.tenant_id).await?;
    Ok(page.of(rows.into_iter().map(to_access).collect(), total))
}

/// Ends an access at once; one that is over stays as it is.
pub async fn end(core: &Core, owner: &Owner, access: &str) -> Result<SupportAccess> {
    let place = (owner.tenant_id, id(access)?);
    let mut tx = core.store().begin().await?;
    let action = ("tenants.end_support_access", (&****owner).into());
    let ended = end_one(core, &mut tx, place, owner.user_id, action).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Lets operators sign in to the site from now on, or no longer.
pub(super) async fn allow(core: &Core, tx: &mut Tx, owner: &Admin, allowed: bool) -> Result<()> {
    tenants::update_allows_support_access(tx, owner.tenant_id, allowed).await?;
    if allowed { Ok(()) } else { end_all(core, tx, owner).await }
}

/// Whoever is in has to go.
async fn end_all(core: &Core, tx: &mut Tx, admin: &Admin) -> Result<()> {
    for access in support_accesses::end_of_tenant(tx, admin.tenant_id, admin.user_id, core.now()).await? {
        let (tenant, target) = (Some(admin.tenant_id), Some(access.to_string()));
        let action = Action { name: "tenants.end_support_access", tenant, target, change: json!({}) };
        record(core, tx, (&***admin).into(), action).await?;
    }
    Ok(())
}
