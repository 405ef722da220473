//! Mail: written in the transaction of what it tells of, sent by a worker afterwards, by SMTP or into a folder.
//!
//! A letter is a variant of [`Letter`] and a message of the catalogues; [`send`] keeps it sealed and queues it. Its `Message-ID` is
//! made from the mail's id, so that a mail which has to be sent a second time is known as the same.

mod deliver;
mod letter;
mod names;
mod operator;
mod postman;
mod render;
mod settings;
#[cfg(test)]
mod tests;
mod transport;

use erpmax_store::mails::{self, MailRow};
use erpmax_store::memberships::MemberRow;
use erpmax_store::users::UserRow;
use erpmax_store::{Tx, memberships, work};
use erpmax_types::mail::MailStatus;
use erpmax_types::users::Role;
use erpmax_types::{MailId, TenantId, UserId};

pub use letter::Letter;
pub use lettre::message::Mailbox;
pub use operator::{list, retry};
pub use postman::Postman;
pub use settings::{MailSettings, MailTransport, Security, SmtpSettings};
pub use transport::{Failed, Stage};

pub(crate) use deliver::{QUEUE, handle, lease};

use crate::access::Caller;
use crate::messages::Language;
use crate::{Core, Result};
use letter::{Content, place};

/// Whom a mail is for.
pub(crate) struct Recipient {
    /// The account, if there is one.
    pub(crate) user: Option<UserId>,
    /// Where the mail goes.
    pub(crate) address: String,
    /// The person's name; empty if it is not known.
    pub(crate) name: String,
    /// The language that it is written in.
    pub(crate) language: Language,
}

impl From<&UserRow> for Recipient {
    fn from(user: &UserRow) -> Self {
        Self {
            user: Some(user.id),
            address: user.email.clone(),
            name: user.full_name.clone(),
            language: Language::from_tag(&user.language),
        }
    }
}

impl From<&Caller> for Recipient {
    fn from(caller: &Caller) -> Self {
        Self {
            user: Some(caller.user_id),
            address: caller.email.clone(),
            name: caller.full_name.clone(),
            language: caller.language.clone(),
        }
    }
}

impl From<&MemberRow> for Recipient {
    fn from(member: &MemberRow) -> Self {
        Self {
            user: Some(member.user_id),
            address: member.email.clone(),
            name: member.full_name.clone(),
            language: Language::from_tag(&member.language),
        }
    }
}

/// Writes a mail, to be sent once `tx` is committed.
pub(crate) async fn send(
    core: &Core,
    tx: &mut Tx,
    to: &Recipient,
    tenant: Option<TenantId>,
    letter: &Letter,
) -> Result<()> {
    let (id, now) = (core.id::<MailId>(), core.now());
    let content = Content { name: to.name.clone(), letter: letter.clone() };
    let row = MailRow {
        id,
        user_id: to.user,
        tenant_id: tenant,
        address: to.address.clone(),
        language: to.language.tag(),
        kind: letter.kind().to_owned(),
        content_sealed: core.master().seal(&place(id), &serde_json::to_vec(&content)?)?,
        status: MailStatus::Queued,
        attempts: 0,
        last_error: None,
        created_at: now,
        queued_at: now,
        sent_at: None,
    };
    mails::insert(tx, &row).await?;
    let subject = id.to_string();
    Ok(work::insert(tx, core.id(), QUEUE, &subject, &subject, now).await?)
}

/// Writes a mail to each member of a tenant with at least the role `least`, in that member's language.
pub(crate) async fn send_to_members(
    core: &Core,
    tx: &mut Tx,
    tenant: TenantId,
    least: Role,
    letter: &Letter,
) -> Result<()> {
    for member in memberships::list_with_role(tx, tenant, least).await? {
        send(core, tx, &Recipient::from(&member), Some(tenant), letter).await?;
    }
    Ok(())
}

/// A one-time link into a page of the control plane. It comes from `public_url`, never from a request.
pub fn link(core: &Core, page: &str, token: &str) -> String {
    format!("{}/{page}?token={token}", core.settings().public_url)
}
