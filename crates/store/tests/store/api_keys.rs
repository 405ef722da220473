//! API keys: the one statement that authorises with them, their list and their end.

use erpmax_store::api_keys::{self, ApiKeyRow};
use erpmax_store::{audit, memberships, second_factors};
use erpmax_types::ApiKeyId;
use erpmax_types::audit::AuditFilter;
use erpmax_types::users::Role;

use crate::lived_in;
use crate::sample::{self, acme, colleague, owner};
use crate::support::{Checked, at, fresh, id};

#[tokio::test]
async fn a_key_is_found_by_its_hash_with_what_its_maker_is_now() -> Checked {
    let (_database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    let found = api_keys::find_access(&mut tx, "api-key-hash").await?.ok_or("it is there")?;
    assert_eq!((found.key.id, found.key.last_used_at), (id(sample::API_KEY), Some(at(12))));
    assert_eq!((found.creator_role, found.second_factor_at, found.revoked_at), (Some(Role::Owner), Some(at(8)), None));
    second_factors::delete(&mut tx, owner()).await?;
    memberships::delete(&mut tx, acme(), owner()).await?;
    let found = api_keys::find_access(&mut tx, "api-key-hash").await?.ok_or("it is there")?;
    assert_eq!((found.creator_role, found.second_factor_at), (None, None));
    assert!(api_keys::find_access(&mut tx, "another-hash").await?.is_none());
    Ok(())
}

#[tokio::test]
async fn use_is_noted_once_in_a_while() -> Checked {
    let (_database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    let key: ApiKeyId = id(sample::API_KEY);
    api_keys::note_use(&mut tx, key, "192.0.2.9", at(50), at(11)).await?;
    let kept = api_keys::list(&mut tx, acme(), 10, 0).await?;
    assert_eq!(kept[0].last_used_address.as_deref(), Some("192.0.2.7"), "somebody noted it meanwhile");
    api_keys::note_use(&mut tx, key, "192.0.2.9", at(90), at(30)).await?;
    let kept = api_keys::list(&mut tx, acme(), 10, 0).await?;
    assert_eq!((kept[0].last_used_at, kept[0].last_used_address.as_deref()), (Some(at(90)), Some("192.0.2.9")));
    Ok(())
}

#[tokio::test]
async fn keys_are_revoked_one_by_one_or_with_their_makers_role() -> Checked {
    let (_database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    for (number, role) in [(301, Role::Admin), (302, Role::User)] {
        let key = ApiKeyRow { created_by: colleague(), role, ..sample::api_key(number) };
        api_keys::insert(&mut tx, &key, &format!("hash-{number}")).await?;
    }
    assert_eq!(api_keys::count(&mut tx, acme()).await?, 3);
    assert_eq!(api_keys::revoke(&mut tx, id(sample::GLOBEX), id(301), at(20)).await?, None);
    for (role, ended) in [(Some(Role::Admin), id(301)), (None, id(302))] {
        assert_eq!(api_keys::revoke_of_creator(&mut tx, acme(), colleague(), role, at(21)).await?, [ended]);
    }
    let found = api_keys::find_access(&mut tx, "hash-301").await?.ok_or("it is there")?;
    assert_eq!(found.revoked_at, Some(at(21)));
    let revoked = api_keys::revoke(&mut tx, acme(), id(sample::API_KEY), at(22)).await?;
    assert_eq!(revoked.as_deref(), Some("Warehouse scanner"));
    assert_eq!(api_keys::revoke(&mut tx, acme(), id(sample::API_KEY), at(23)).await?, None);
    assert_eq!(api_keys::count(&mut tx, acme()).await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_trail_names_a_key_until_it_is_forgotten() -> Checked {
    let (_database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    let filter = AuditFilter { action: Some("sites.create".to_owned()), ..AuditFilter::default() };
    let entry = audit::list(&mut tx, Some(acme()), &filter, 10, 0).await?.remove(0);
    assert_eq!(entry.api_key_name.as_deref(), Some("Warehouse scanner"));
    assert_eq!(api_keys::delete_expired(&mut tx, at(900_000), 10).await?, 0);
    assert_eq!(api_keys::delete_expired(&mut tx, at(900_001), 10).await?, 1);
    let entry = audit::list(&mut tx, Some(acme()), &filter, 10, 0).await?.remove(0);
    assert_eq!((entry.api_key_id, entry.api_key_name), (Some(id(sample::API_KEY)), None));
    Ok(())
}
