//! What handlers ask for in their arguments. A forgotten check is a missing argument, and shows.

mod access;
mod audit;
mod body;
mod form;
mod origin;
mod paging;
mod path;

pub(crate) use access::{
    Bearer, CurrentAdmin, CurrentMember, CurrentOwner, MaybeSignedIn, PathAdmin, PathMember, PathOwner, SignedIn,
};
pub(crate) use audit::AuditQuery;
pub(crate) use body::{Body, IdempotencyKey, Raw};
pub(crate) use form::FormBody;
pub(crate) use origin::{ClientAddress, RequestOrigin, network_of};
pub(crate) use paging::{JobTypes, Paging};
pub(crate) use path::InPath;
