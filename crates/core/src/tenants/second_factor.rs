//! Whether a company lets in only members with a second factor.

use erpmax_store::outbox::{Audience, News};
use erpmax_store::{Tx, memberships, tenants};

use crate::access::Admin;
use crate::{Core, Result};

/// From now on members need a second factor, or no longer. Nobody locks themselves out by it.
pub(super) async fn require(core: &Core, tx: &mut Tx, owner: &Admin, required: bool) -> Result<()> {
    if required {
        owner.require_second_factor()?;
    }
    tenants::update_requires_second_factor(tx, owner.tenant_id, required).await?;
    close_sockets(core, tx, owner).await
}

/// Whoever is not let in any more hears nothing any more.
async fn close_sockets(core: &Core, tx: &mut Tx, owner: &Admin) -> Result<()> {
    for user in memberships::list_without_second_factor(tx, owner.tenant_id).await? {
        core.tell(tx, Audience::Member(owner.tenant_id, user), News::Close);
    }
    Ok(())
}
