//! Another address: asked for in a session, carried out by the link that goes there. The old address is told both times.

use erpmax_store::users::{self, UserRow};
use erpmax_store::{StoreError, Tx};
use erpmax_types::ErrorCode;
use erpmax_types::mail::MailPurpose;
use erpmax_types::notifications::NotificationType;

use super::{end_all, issue};
use crate::mail::{self, Letter, Recipient};
use crate::messages::Language;
use crate::notifications::{Text, notify_user};
use crate::validation::email_key;
use crate::{Core, Error, Result};

/// Tells the old address, and sends a link to the new one, whether or not that has an account.
pub(in crate::auth) async fn ask(core: &Core, tx: &mut Tx, user: &UserRow, new: &str) -> Result<()> {
    let token = issue(core, tx, user, MailPurpose::ChangeAddress, new).await?;
    let asked = Letter::AddressChangeAsked { new_address: masked(new) };
    mail::send(core, tx, &Recipient::from(user), None, &asked).await?;
    let to_new = Recipient { address: new.to_owned(), ..Recipient::from(user) };
    let link = mail::link(core, "change-email", &token);
    mail::send(core, tx, &to_new, None, &Letter::VerifyNewAddress { link }).await
}

/// Gives the account its new address; how many sessions that ended: none. Links to the old one are good no more.
pub(super) async fn carry_out(core: &Core, tx: &mut Tx, user: &UserRow, new: &str) -> Result<u64> {
    users::update_email(tx, user.id, new, &email_key(new), core.now()).await.map_err(taken)?;
    end_all(tx, user).await?;
    let language = Language::from_tag(&user.language);
    let text = Text::new("email_changed", NotificationType::Warning).with("email", new.to_owned());
    notify_user(core, tx, user.id, None, &language, &text).await?;
    let told = |new_address: String| Letter::AddressChanged { old_address: user.email.clone(), new_address };
    mail::send(core, tx, &Recipient::from(user), None, &told(masked(new))).await?;
    let to_new = Recipient { address: new.to_owned(), ..Recipient::from(user) };
    mail::send(core, tx, &to_new, None, &told(new.to_owned())).await?;
    Ok(0)
}

fn taken(error: StoreError) -> Error {
    if error.is_unique("users.email_key") { ErrorCode::EmailTaken.into() } else { error.into() }
}

/// An address as somebody may see it who need not know it: `h•••@acme.example`.
fn masked(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    format!("{}•••@{domain}", local.chars().take(1).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_masked_address_shows_where_it_is_and_not_whose() {
        assert_eq!(masked("head@acme.example"), "h•••@acme.example");
        assert_eq!(masked("юзер@пошта.укр"), "ю•••@пошта.укр");
    }
}
