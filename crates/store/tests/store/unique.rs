//! Both databases say which index refused a row, each in its own way.

use erpmax_store::{StoreError, sites, tenants, users};

use crate::sample;
use crate::support::{Checked, fresh, id};

#[tokio::test]
async fn a_taken_address_is_told_by_its_column() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    users::insert(&mut tx, &sample::user(1, "owner@acme.example"), "owner@acme.example").await?;
    let refused = users::insert(&mut tx, &sample::user(2, "OWNER@acme.example"), "owner@acme.example").await;
    let error = refused.expect_err("the address is taken");
    assert!(error.is_unique("users.email_key"), "{error:?}");
    assert!(!error.is_unique("users.id") && !error.is_unique("tenants.slug"));
    Ok(())
}

#[tokio::test]
async fn a_taken_slug_is_told_by_its_column() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    tenants::insert(&mut tx, &sample::tenant(1, "acme")).await?;
    let error = tenants::insert(&mut tx, &sample::tenant(2, "acme")).await.expect_err("the slug is taken");
    assert!(error.is_unique("tenants.slug"), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_taken_site_name_is_told_by_its_column() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    tenants::insert(&mut tx, &sample::tenant(sample::ACME, "acme")).await?;
    tenants::insert(&mut tx, &sample::tenant(sample::GLOBEX, "globex")).await?;
    sites::insert(&mut tx, &sample::site()?).await?;
    let mut second = sample::site()?;
    (second.id, second.tenant_id, second.key_hash) = (id(82), id(sample::GLOBEX), "another".to_owned());
    let error = sites::insert(&mut tx, &second).await.expect_err("the name is taken");
    assert!(error.is_unique("sites.name"), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_row_that_points_to_nothing_is_refused_and_is_no_unique_violation() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    let error = sites::insert(&mut tx, &sample::site()?).await.expect_err("there is no such tenant");
    assert!(matches!(error, StoreError::Database(_)));
    assert!(!error.is_unique("sites.name") && !error.is_unique("sites.tenant_id"));
    Ok(())
}
