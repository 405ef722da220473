//! Second factors, their recovery codes and the challenges of sign-ins.

use erpmax_store::login_challenges::{self, NewChallenge};
use erpmax_store::second_factors::{self, SecondFactorRow};
use erpmax_store::{Store, memberships, sockets, tenants};
use erpmax_types::Timestamp;

use crate::lived_in;
use crate::sample::{self, acme, colleague, owner, session_id};
use crate::support::{Checked, TestDatabase, at, fresh};

async fn lived_in_store() -> Checked<(TestDatabase, Store)> {
    let (database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    Ok((database, store))
}

fn challenge(challenge_hash: &str, expires_at: Timestamp) -> NewChallenge<'_> {
    NewChallenge {
        challenge_hash,
        user: colleague(),
        address: "192.0.2.8",
        password_mark: "mark",
        created_at: at(0),
        expires_at,
    }
}

#[tokio::test]
async fn a_factor_that_is_not_active_is_replaced_and_an_active_one_is_not() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    assert!(!second_factors::insert(&mut tx, &sample::second_factor()).await?, "the owner's is active");
    assert!(second_factors::is_active(&mut tx, owner()).await?);
    let begun = SecondFactorRow { user_id: colleague(), ..sample::second_factor() };
    assert!(second_factors::insert(&mut tx, &begun).await?);
    let again = SecondFactorRow { secret_sealed: "another".to_owned(), ..begun };
    assert!(second_factors::insert(&mut tx, &again).await?);
    let kept = second_factors::take(&mut tx, colleague()).await?.ok_or("it is there")?;
    assert_eq!((kept.secret_sealed.as_str(), kept.activated_at), ("another", None));
    assert!(!second_factors::is_active(&mut tx, colleague()).await?);
    second_factors::delete(&mut tx, colleague()).await?;
    assert!(second_factors::find_state(&mut tx, colleague()).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_recovery_code_is_its_owners_and_works_once() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    let left = |state: Option<second_factors::SecondFactorState>| state.map(|state| state.recovery_codes);
    assert_eq!(left(second_factors::find_state(&mut tx, owner()).await?), Some(1));
    let hash = "recovery-code-hash";
    assert!(!second_factors::delete_recovery_code(&mut tx, colleague(), hash).await?);
    assert!(second_factors::delete_recovery_code(&mut tx, owner(), hash).await?);
    assert!(!second_factors::delete_recovery_code(&mut tx, owner(), hash).await?);
    second_factors::insert_recovery_code(&mut tx, owner(), "another", at(9)).await?;
    second_factors::delete_recovery_codes(&mut tx, owner()).await?;
    assert_eq!(left(second_factors::find_state(&mut tx, owner()).await?), Some(0));
    Ok(())
}

#[tokio::test]
async fn a_challenge_is_tried_so_often_from_its_address_until_it_is_too_old() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    login_challenges::insert(&mut tx, &challenge("one", at(300))).await?;
    for (address, now) in [("192.0.2.9", at(1)), ("192.0.2.8", at(300))] {
        assert!(login_challenges::count_try(&mut tx, "one", address, 2, now).await?.is_none());
    }
    for _ in 0..2 {
        let good = login_challenges::count_try(&mut tx, "one", "192.0.2.8", 2, at(299)).await?.ok_or("it is good")?;
        assert_eq!((good.user_id, good.password_mark.as_str()), (colleague(), "mark"));
    }
    assert!(login_challenges::count_try(&mut tx, "one", "192.0.2.8", 2, at(1)).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn challenges_are_forgotten_by_name_and_by_age() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    for (name, expires_at) in [("one", 300), ("two", 300), ("three", 300), ("old", 100), ("older", 90)] {
        login_challenges::insert(&mut tx, &challenge(name, at(expires_at))).await?;
    }
    login_challenges::delete(&mut tx, "one").await?;
    assert!(login_challenges::count_try(&mut tx, "one", "192.0.2.8", 5, at(1)).await?.is_none());
    assert_eq!(login_challenges::delete_expired(&mut tx, at(200), 1).await?, 1);
    assert_eq!(login_challenges::delete_expired(&mut tx, at(200), 9).await?, 1);
    assert!(login_challenges::count_try(&mut tx, "two", "192.0.2.8", 5, at(1)).await?.is_some());
    assert!(login_challenges::count_try(&mut tx, "challenge-hash", "192.0.2.7", 5, at(10)).await?.is_some());
    Ok(())
}

#[tokio::test]
async fn a_tenant_that_requires_a_factor_hears_of_members_without_one() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    assert!(!tenants::requires_second_factor(&mut tx, acme()).await?);
    assert!(memberships::list_without_second_factor(&mut tx, acme()).await?.is_empty());
    tenants::update_requires_second_factor(&mut tx, acme(), true).await?;
    assert!(tenants::requires_second_factor(&mut tx, acme()).await?);
    assert_eq!(memberships::list_without_second_factor(&mut tx, acme()).await?, [colleague()]);
    assert_eq!(memberships::list_requiring_second_factor(&mut tx, owner()).await?, [acme()]);
    let (sessions, _) = sockets::list_sessions(&mut tx, &[session_id()]).await?;
    assert!(sessions[0].member_since.is_some());
    second_factors::delete(&mut tx, owner()).await?;
    let (sessions, _) = sockets::list_sessions(&mut tx, &[session_id()]).await?;
    assert_eq!(sessions[0].member_since, None, "the tenant's events are not for somebody without a factor");
    Ok(())
}
