//! Founding a company.

use erpmax_store::tenants::{self, TenantRow};
use erpmax_store::users::UserRow;
use erpmax_store::{StoreError, Tx, memberships};
use erpmax_types::tenants::TenantStatus;
use erpmax_types::users::Role;
use serde_json::json;

use super::slug;
use crate::{Core, Error, Result, billing};

/// How often it is tried where another company takes the slug at the same moment.
pub(crate) const TRIES: u32 = 5;

/// Whether a company is used from its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// It has its trial, and its owner starts in it.
    Awake,
    /// Its trial begins when it is first used: by switching to it, signing in to it or inviting somebody.
    Dormant,
}

/// A company of the person's own. A taken slug fails, see [`is_taken_slug`].
pub(crate) async fn found(core: &Core, tx: &mut Tx, owner: &UserRow, company: &str, life: Life) -> Result<TenantRow> {
    let now = core.now();
    let tenant = TenantRow {
        id: core.id(),
        name: company.to_owned(),
        slug: slug::find_free(tx, company).await?,
        status: TenantStatus::Pending,
        settings: json!({"language": owner.language}).to_string(),
        site_name: None,
        is_dormant: life == Life::Dormant,
        created_at: now,
        updated_at: now,
    };
    tenants::insert(tx, &tenant).await?;
    memberships::insert(tx, tenant.id, owner.id, Role::Owner, life == Life::Awake, now).await?;
    if life == Life::Awake {
        billing::trial::begin(core, tx, tenant.id).await?;
    }
    Ok(tenant)
}

/// Whether it failed because another company took the slug at the same moment.
pub(crate) fn is_taken_slug(error: &Error) -> bool {
    let Error::Internal(cause) = error else { return false };
    cause.downcast_ref().is_some_and(|error: &StoreError| error.is_unique("tenants.slug"))
}
