//! The links of invitations. Their tokens are derived and kept nowhere, so that a repeated request gets the same one.
//!
//! What came by mail was read by the address's owner and proves it. What the inviter was handed to pass on proves nothing: who
//! invites the address of somebody else could pose as that person. It makes a member, and no more.

use erpmax_store::Conn;
use erpmax_store::invitations::{self, InvitationRow};
use erpmax_types::{ErrorCode, InvitationId};

use crate::mail;
use crate::{Core, Result, hash};

/// The page that links lead to.
const PAGE: &str = "invitation";

/// How a link comes to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// In a mail to the invited address.
    Mailed,
    /// By the inviter's hand.
    Handed,
}

/// An invitation that waits, with the token that somebody showed for it.
pub(crate) struct Invited {
    pub(crate) invitation: InvitationRow,
    pub(crate) token: String,
    way: Way,
}

impl Invited {
    /// Whether the token shows that the address is the person's own.
    pub(crate) fn proves_address(&self) -> bool {
        self.way == Way::Mailed
    }
}

/// The invitation's link of this kind.
pub(super) fn link(core: &Core, id: InvitationId, renewals: i64, way: Way) -> String {
    mail::link(core, PAGE, &format!("{id}.{}", seal(core, id, renewals, way)))
}

/// The link for the inviter to pass on, where no mail reaches people.
pub(super) fn handed(core: &Core, id: InvitationId, renewals: i64) -> Option<String> {
    let mails_arrive = core.settings().mail.is_configured();
    (!mails_arrive).then(|| link(core, id, renewals, Way::Handed))
}

/// The invitation of a token. Whatever is wrong with one, the answer is the same.
pub(crate) async fn find(core: &Core, conn: &mut Conn, token: &str) -> Result<Invited> {
    let (id, shown) = read(token).ok_or(ErrorCode::InvalidToken)?;
    let found = invitations::find_waiting(conn, id, core.now()).await?;
    let invitation = found.ok_or(ErrorCode::InvalidToken)?;
    // Hashes are compared, so that the time which that takes tells nothing of the text.
    let fits = |way: &Way| hash(&seal(core, id, invitation.renewals, *way)) == hash(shown);
    let way = [Way::Mailed, Way::Handed].into_iter().find(fits).ok_or(ErrorCode::InvalidToken)?;
    Ok(Invited { invitation, token: token.to_owned(), way })
}

fn read(token: &str) -> Option<(InvitationId, &str)> {
    let (id, seal) = token.trim().split_once('.')?;
    Some((id.parse().ok()?, seal))
}

/// What cannot be made up about a token.
fn seal(core: &Core, id: InvitationId, renewals: i64, way: Way) -> String {
    let purpose = match way {
        Way::Mailed => "invitation/mailed",
        Way::Handed => "invitation/handed",
    };
    core.derivation().derive(purpose, &format!("{id}/{renewals}"))
}
