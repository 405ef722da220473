//! Who calls, and what they may do: a verified token or an API key, then one statement.

use std::collections::HashMap;
use std::net::IpAddr;

use axum::extract::{FromRequestParts, MatchedPath, Path};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use erpmax_core::Error;
use erpmax_core::access::{self, Admin, Member, Operator, Owner, Presented, Signed};
use erpmax_core::auth::keys::{self, Claims};
use erpmax_types::api_keys::Scope;
use erpmax_types::{ErrorCode, TenantId};

use super::ClientAddress;
use crate::App;
use crate::api::scopes;
use crate::error::{ApiError, ApiResult};

/// A verified access token; its session is not looked at yet. An API key is no person and is turned away.
pub(crate) struct Bearer(pub(crate) Claims);

/// Somebody with a living session: a person, never an API key.
pub(crate) struct SignedIn(pub(crate) Signed);

/// Somebody with a living session, if the request comes with one. What does not authenticate is no reason to refuse: clients send
/// their expired token along.
pub(crate) struct MaybeSignedIn(pub(crate) Option<Signed>);

/// A member of the session's current tenant, or an API key of its own tenant.
pub(crate) struct CurrentMember(pub(crate) Member);

/// An admin of the session's current tenant.
pub(crate) struct CurrentAdmin(pub(crate) Admin);

/// An owner of the session's current tenant.
pub(crate) struct CurrentOwner(pub(crate) Owner);

/// A member of the tenant in the path, or an API key of it; to a stranger that tenant does not exist.
pub(crate) struct PathMember(pub(crate) Member);

/// An admin of the tenant in the path.
pub(crate) struct PathAdmin(pub(crate) Admin);

/// An owner of the tenant in the path.
pub(crate) struct PathOwner(pub(crate) Owner);

/// An operator of the installation; for everybody else what operators ask for does not exist.
pub(crate) struct TheOperator(pub(crate) Operator);

fn bearer(parts: &Parts) -> ApiResult<&str> {
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        header.and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    token.map(|(_, token)| token.trim()).ok_or(ErrorCode::Unauthorized.into())
}

/// The API key that came along, and what it is shown for.
struct ShownKey {
    key: String,
    address: String,
    ip: Option<IpAddr>,
    scope: Option<Scope>,
}

impl ShownKey {
    fn of(parts: &Parts, app: &App) -> Option<Self> {
        let key = bearer(parts).ok().filter(|token| access::is_key(token))?;
        let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        Some(Self {
            key: key.to_owned(),
            address: ClientAddress::of(parts, app).0,
            ip: ClientAddress::exactly(parts, app),
            scope: scopes::scope(&parts.method, route),
        })
    }

    fn presented(&self) -> Presented<'_> {
        Presented { key: &self.key, address: &self.address, ip: self.ip, scope: self.scope }
    }
}

impl FromRequestParts<App> for Bearer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let token = bearer(parts)?;
        if access::is_key(token) {
            return Err(ErrorCode::Forbidden.into());
        }
        Ok(Self(keys::verify(&app.core, token).await?))
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let Bearer(claims) = Bearer::from_request_parts(parts, app).await?;
        let address = ClientAddress::of(parts, app).0;
        Ok(Self(access::signed(&app.core, &claims, &address).await?))
    }
}

impl FromRequestParts<App> for MaybeSignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        match SignedIn::from_request_parts(parts, app).await {
            Ok(SignedIn(signed)) => Ok(Self(Some(signed))),
            Err(refused) if matches!(*refused.error, Error::Refused(_)) => Ok(Self(None)),
            Err(fault) => Err(fault),
        }
    }
}

impl FromRequestParts<App> for TheOperator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let Bearer(claims) = Bearer::from_request_parts(parts, app).await?;
        let (address, ip) = (ClientAddress::of(parts, app).0, ClientAddress::exactly(parts, app));
        Ok(Self(access::operator(&app.core, &claims, &address, ip).await?))
    }
}

impl FromRequestParts<App> for CurrentMember {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        if let Some(shown) = ShownKey::of(parts, app) {
            return Ok(Self(access::member_by_key(&app.core, &shown.presented()).await?));
        }
        Ok(Self(SignedIn::from_request_parts(parts, app).await?.0.member()?))
    }
}

impl FromRequestParts<App> for PathMember {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let tenant = path.ok().and_then(|Path(path)| path.get("id")?.parse::<TenantId>().ok());
        if let Some(shown) = ShownKey::of(parts, app) {
            return Ok(Self(access::member_of_by_key(&app.core, &shown.presented(), tenant).await?));
        }
        let Bearer(claims) = Bearer::from_request_parts(parts, app).await?;
        let address = ClientAddress::of(parts, app).0;
        if let Some(tenant) = tenant {
            return Ok(Self(access::member_of(&app.core, &claims, tenant, &address).await?));
        }
        // What is no id is answered like a tenant that is not there, and only to somebody with a living session.
        access::signed(&app.core, &claims, &address).await?;
        Err(ErrorCode::NotFound.into())
    }
}

macro_rules! with_role {
    ($($name:ident from $member:ident by $role:ident),* $(,)?) => {$(
        impl FromRequestParts<App> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
                Ok(Self($member::from_request_parts(parts, app).await?.0.$role()?))
            }
        }
    )*};
}

with_role! {
    CurrentAdmin from CurrentMember by admin,
    CurrentOwner from CurrentMember by owner,
    PathAdmin from PathMember by admin,
    PathOwner from PathMember by owner,
}
