//! Whether a company lets in only members with a second factor. Owners switch it, by a key among the settings; what it means is
//! kept beside them, because settings are never read for rights.

use erpmax_store::outbox::{Audience, News};
use erpmax_store::{Tx, memberships, tenants};
use erpmax_types::ErrorCode;
use erpmax_types::users::Role;
use serde_json::{Map, Value, json};

use super::members::role_now;
use crate::access::Admin;
use crate::{Core, Result};

/// The key among the settings.
pub(super) const KEY: &str = "require_second_factor";

/// Switches it if the settings say so; the settings as they are to be kept. A client that does not know the key changes nothing.
pub(super) async fn switch(
    core: &Core,
    tx: &mut Tx,
    admin: &Admin,
    mut settings: Map<String, Value>,
) -> Result<Map<String, Value>> {
    let present = tenants::requires_second_factor(tx, admin.tenant_id).await?;
    let wanted = settings.get(KEY).and_then(Value::as_bool).unwrap_or(present);
    if wanted != present {
        refuse_unless_may_switch(tx, admin, wanted).await?;
        tenants::update_requires_second_factor(tx, admin.tenant_id, wanted).await?;
        close_sockets(core, tx, admin).await?;
    }
    if wanted {
        settings.insert(KEY.to_owned(), json!(true));
    }
    Ok(settings)
}

/// An owner may, who would not be locked out by it.
async fn refuse_unless_may_switch(tx: &mut Tx, admin: &Admin, wanted: bool) -> Result<()> {
    if role_now(tx, admin).await? != Role::Owner {
        return Err(ErrorCode::Forbidden.into());
    }
    if wanted { admin.require_second_factor() } else { Ok(()) }
}

/// Whoever is not let in any more hears nothing any more.
async fn close_sockets(core: &Core, tx: &mut Tx, admin: &Admin) -> Result<()> {
    for user in memberships::list_without_second_factor(tx, admin.tenant_id).await? {
        core.tell(tx, Audience::Member(admin.tenant_id, user), News::Close);
    }
    Ok(())
}
