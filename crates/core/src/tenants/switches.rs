//! Settings that decide something. Owners switch them by a key among the settings; what it means is kept beside them, because settings
//! are never read for rights.

use erpmax_store::{Tx, tenants};
use erpmax_types::ErrorCode;
use erpmax_types::users::Role;
use serde_json::{Map, Value};

use super::members::role_now;
use super::{second_factor, support_access};
use crate::access::Admin;
use crate::{Core, Result};

/// Something that an owner switches on and off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    /// Whether members need a second factor.
    RequireSecondFactor,
    /// Whether operators may enter the site for support.
    AllowSupportAccess,
}

impl Switch {
    pub(super) const ALL: [Self; 2] = [Self::RequireSecondFactor, Self::AllowSupportAccess];

    /// The key among the settings.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::RequireSecondFactor => "require_second_factor",
            Self::AllowSupportAccess => "allow_support_access",
        }
    }

    /// How it stands in a new company.
    const fn at_first(self) -> bool {
        match self {
            Self::RequireSecondFactor => false,
            Self::AllowSupportAccess => true,
        }
    }

    async fn is_on(self, tx: &mut Tx, admin: &Admin) -> Result<bool> {
        Ok(match self {
            Self::RequireSecondFactor => tenants::requires_second_factor(tx, admin.tenant_id).await?,
            Self::AllowSupportAccess => tenants::allows_support_access(tx, admin.tenant_id).await?,
        })
    }

    async fn turn(self, core: &Core, tx: &mut Tx, admin: &Admin, on: bool) -> Result<()> {
        if role_now(tx, admin).await? != Role::Owner {
            return Err(ErrorCode::Forbidden.into());
        }
        match self {
            Self::RequireSecondFactor => second_factor::require(core, tx, admin, on).await,
            Self::AllowSupportAccess => support_access::allow(core, tx, admin, on).await,
        }
    }
}

/// Turns what the settings want to be turned; the settings as they are to be kept. A client that does not know a key changes nothing by
/// leaving it out.
pub(super) async fn turn(
    core: &Core,
    tx: &mut Tx,
    admin: &Admin,
    mut settings: Map<String, Value>,
) -> Result<Map<String, Value>> {
    for switch in Switch::ALL {
        let is_on = switch.is_on(tx, admin).await?;
        let wanted = settings.get(switch.key()).and_then(Value::as_bool).unwrap_or(is_on);
        if wanted != is_on {
            switch.turn(core, tx, admin, wanted).await?;
        }
        if wanted != switch.at_first() {
            settings.insert(switch.key().to_owned(), Value::Bool(wanted));
        }
    }
    Ok(settings)
}
