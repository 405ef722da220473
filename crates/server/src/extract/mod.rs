//! What handlers ask for in their arguments. A forgotten check is a missing argument, and shows.

mod access;
mod audit;
mod body;
mod form;
mod operator;
mod origin;
mod paging;
mod path;
mod query;

pub(crate) use access::{
    Bearer, CurrentAdmin, CurrentMember, CurrentOwner, MaybeSignedIn, PathAdmin, PathMember, PathOwner, SignedIn,
    TheOperator,
};
pub(crate) use audit::AuditQuery;
pub(crate) use body::{Body, IdempotencyKey, LONGEST_IDEMPOTENCY_KEY, Raw};
pub(crate) use form::FormBody;
pub(crate) use operator::{OfTenant, OnlyLeaked, SearchedFor};
pub(crate) use origin::{ClientAddress, RequestOrigin, network_of};
pub(crate) use paging::{JobTypes, LARGEST_PAGE_SIZE, Paging};
pub(crate) use path::InPath;
