//! Tokens of links in mails.

use erpmax_store::mail_tokens::{self, MailTokenRow};
use erpmax_store::{Store, invitations};
use erpmax_types::mail::MailPurpose;

use crate::lived_in;
use crate::sample::{self, acme, owner};
use crate::support::{Checked, TestDatabase, at, fresh};

const HASH: &str = "mail-token-hash";

async fn lived_in_store() -> Checked<(TestDatabase, Store)> {
    let (database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    Ok((database, store))
}

#[tokio::test]
async fn a_token_is_good_until_it_is_spent_or_expires() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    let found = mail_tokens::find(&mut tx, HASH, at(86_408)).await?.ok_or("it is good")?;
    assert_eq!((found.email.as_str(), found.purpose), ("Head@acme.example", MailPurpose::ChangeAddress));
    assert!(mail_tokens::find(&mut tx, HASH, at(86_409)).await?.is_none());
    assert!(!mail_tokens::spend(&mut tx, HASH, at(86_409)).await?);
    assert!(mail_tokens::spend(&mut tx, HASH, at(10)).await?);
    assert!(!mail_tokens::spend(&mut tx, HASH, at(10)).await?);
    assert!(mail_tokens::find(&mut tx, HASH, at(10)).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn unspent_tokens_of_one_purpose_end_and_old_ones_are_forgotten() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    mail_tokens::delete_unspent(&mut tx, owner(), MailPurpose::ResetPassword).await?;
    assert!(mail_tokens::find(&mut tx, HASH, at(10)).await?.is_some(), "it is for something else");
    mail_tokens::delete_unspent(&mut tx, owner(), MailPurpose::ChangeAddress).await?;
    assert!(mail_tokens::find(&mut tx, HASH, at(10)).await?.is_none());
    for token_hash in ["one", "two"] {
        let token = MailTokenRow { token_hash: token_hash.to_owned(), ..sample::mail_token() };
        mail_tokens::insert(&mut tx, &token).await?;
    }
    assert_eq!(mail_tokens::delete_expired(&mut tx, at(86_409), 9).await?, 0);
    assert_eq!(mail_tokens::delete_expired(&mut tx, at(86_410), 1).await?, 1);
    assert_eq!(mail_tokens::delete_expired(&mut tx, at(86_410), 9).await?, 1);
    Ok(())
}

#[tokio::test]
async fn what_a_person_wrote_to_others_and_still_waits_is_taken_back() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    assert_eq!(invitations::count_waiting_of_tenant(&mut tx, acme(), at(10)).await?, 1);
    assert_eq!(invitations::revoke_waiting_of_inviter(&mut tx, sample::colleague(), at(10)).await?, 0);
    assert_eq!(invitations::revoke_waiting_of_inviter(&mut tx, owner(), at(10)).await?, 1);
    assert_eq!(invitations::count_waiting_of_tenant(&mut tx, acme(), at(10)).await?, 0);
    Ok(())
}
