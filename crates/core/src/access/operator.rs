//! Operators of the installation, as proof of access. It gives no right inside tenants.

use std::net::IpAddr;
use std::ops::Deref;
use std::time::Duration;

use erpmax_types::ErrorCode;

use super::{Signed, signed};
use crate::auth::keys::Claims;
use crate::{Core, Result};

/// How long after showing the password an operator may work.
const CONFIRMED_FOR: Duration = Duration::from_secs(15 * 60);

/// An operator with a second factor, who showed the password a short time ago and works from where operators may.
#[derive(Clone, Debug)]
pub struct Operator(Signed);

impl Deref for Operator {
    type Target = Signed;

    fn deref(&self) -> &Signed {
        &self.0
    }
}

/// Checks the session behind a verified token, in one statement, and everything that is asked of an operator; `ip` is the
/// address behind `address`, exactly. For everybody else what operators ask for does not exist.
pub async fn operator(core: &Core, claims: &Claims, address: &str, ip: Option<IpAddr>) -> Result<Operator> {
    let signed = signed(core, claims, address).await?;
    if !signed.is_superuser {
        return Err(ErrorCode::NotFound.into());
    }
    if !core.settings().lets_operators_in_from(ip) {
        return Err(ErrorCode::Forbidden.into());
    }
    signed.require_second_factor()?;
    signed.require_confirmation(core, CONFIRMED_FOR)?;
    Ok(Operator(signed))
}
