//! What operators ask, and who they are.

use erpmax_store::all_tenants::{self, Beginnings};
use erpmax_store::{Store, audit, grants, operators, sso_tokens, support_accesses, tenants, users};
use erpmax_types::audit::AuditFilter;
use erpmax_types::billing::SubscriptionStatus;
use erpmax_types::provisioning::{JobStatus, JobType};
use erpmax_types::tenants::TenantStatus;

use crate::lived_in;
use crate::sample::{self, acme, colleague, owner, session_id};
use crate::support::{Checked, TestDatabase, at, fresh, id, on_postgres};

async fn lived_in_store() -> Checked<(TestDatabase, Store)> {
    let (database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    Ok((database, store))
}

async fn found(store: &Store, beginnings: Beginnings) -> Checked<Vec<String>> {
    let mut conn = store.read().await?;
    let rows = all_tenants::list(&mut conn, &beginnings, 10, 0).await?;
    assert_eq!(all_tenants::count(&mut conn, &beginnings).await?, rows.len() as u64);
    Ok(rows.into_iter().map(|row| row.slug).collect())
}

#[tokio::test]
async fn tenants_are_found_by_how_a_word_begins() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    tenants::update(&mut tx, id(sample::GLOBEX), Some("Рога і копита"), None, at(700)).await?;
    tx.commit().await?;
    let some = |text: &str| Some(text.to_owned());
    let none = Beginnings::default;
    assert_eq!(found(&store, none()).await?, [""; 0], "none finds nothing");
    assert_eq!(found(&store, Beginnings { name: some(""), ..none() }).await?, ["globex", "acme"]);
    assert_eq!(found(&store, Beginnings { name: some("рога і"), ..none() }).await?, ["globex"]);
    assert_eq!(found(&store, Beginnings { name: some("acme's \"co"), ..none() }).await?, ["acme"]);
    assert_eq!(found(&store, Beginnings { slug: some("glo"), ..none() }).await?, ["globex"]);
    assert_eq!(found(&store, Beginnings { site: some("ac"), ..none() }).await?, ["acme"]);
    assert_eq!(found(&store, Beginnings { email: some("owner@acme.e"), ..none() }).await?, ["globex", "acme"]);
    for half in ["cme", "acmf", "acme%", "ac_e"] {
        assert_eq!(
            found(&store, Beginnings { name: some(half), slug: some(half), ..none() }).await?,
            [""; 0],
            "{half}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn numbers_and_jobs_of_all_tenants_are_seen() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut conn = store.read().await?;
    let mut statuses = all_tenants::count_by_status(&mut conn).await?;
    statuses.sort_by_key(|(status, _)| status.as_str());
    assert_eq!(statuses, [(TenantStatus::Active, 1), (TenantStatus::Pending, 1)]);
    let counts = all_tenants::count_subscriptions(&mut conn).await?;
    let seen: Vec<_> = counts.iter().map(|row| (row.status, row.subscriptions, row.monthly, row.yearly)).collect();
    assert_eq!(seen, [(SubscriptionStatus::Active, 1, 7_900, 79_000)]);
    assert_eq!(all_tenants::list_jobs(&mut conn, acme(), 10).await?.len(), 2);
    assert_eq!(all_tenants::count_failed_jobs(&mut conn, false).await?, 0);
    drop(conn);
    let mut tx = store.begin().await?;
    for (number, leak) in [(1, None), (2, Some("a folder"))] {
        let mut job = sample::job(sample::BACKUP + number, JobType::DeleteSite);
        erpmax_store::jobs::insert(&mut tx, &job).await?;
        job.status = JobStatus::Failed;
        job.leak = leak.map(ToOwned::to_owned);
        erpmax_store::jobs::update(&mut tx, &job).await?;
    }
    assert_eq!(all_tenants::list_failed_jobs(&mut tx, false, 10, 0).await?.len(), 2);
    let leaked = all_tenants::list_failed_jobs(&mut tx, true, 10, 0).await?;
    assert_eq!((leaked.len(), leaked[0].job.leak.as_deref()), (1, Some("a folder")));
    assert_eq!(all_tenants::count_failed_jobs(&mut tx, true).await?, 1);
    Ok(())
}

#[tokio::test]
async fn operators_come_and_go() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    let emails = |rows: Vec<operators::OperatorRow>| rows.into_iter().map(|row| row.email).collect::<Vec<_>>();
    assert_eq!(emails(operators::list(&mut tx).await?), ["Owner@acme.example"]);
    assert!(operators::update(&mut tx, colleague(), true, at(800)).await?);
    assert!(!operators::update(&mut tx, colleague(), true, at(801)).await?, "it is one already");
    assert_eq!(emails(operators::list(&mut tx).await?).len(), 2);
    assert!(operators::update(&mut tx, owner(), false, at(802)).await?);
    operators::delete_confirmations(&mut tx, owner()).await?;
    let access = erpmax_store::access::find(&mut tx, session_id(), None).await?.expect("it is there");
    assert_eq!((access.is_superuser, access.confirmed_at.as_micros()), (false, 0));
    assert!(users::find(&mut tx, colleague()).await?.is_some_and(|user| user.is_superuser));
    Ok(())
}

#[tokio::test]
async fn support_accesses_end_once() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    let ended = support_accesses::find(&mut tx, acme(), id(sample::ACCESS)).await?.expect("it is there");
    assert_eq!((ended.ended_at, ended.ended_by.as_deref()), (Some(at(150)), Some("Власниця «Акме» 🏭")));
    assert!(support_accesses::find(&mut tx, id(sample::GLOBEX), id(sample::ACCESS)).await?.is_none());
    assert!(!support_accesses::end(&mut tx, id(sample::ACCESS), owner(), at(160)).await?, "it has ended");
    for number in 1..=2 {
        let access = sample::support_access();
        support_accesses::insert(
            &mut tx,
            &support_accesses::SupportAccessRow { id: id(sample::ACCESS + number), ..access },
        )
        .await?;
    }
    assert_eq!(support_accesses::count(&mut tx, acme()).await?, 3);
    assert_eq!(support_accesses::list(&mut tx, acme(), 2, 0).await?[0].id, id(sample::ACCESS + 2));
    assert!(tenants::allows_support_access(&mut tx, acme()).await?);
    tenants::update_allows_support_access(&mut tx, acme(), false).await?;
    assert!(!tenants::allows_support_access(&mut tx, acme()).await?);
    let standing = support_accesses::find_standing(&mut tx, id(sample::ACCESS + 1)).await?.expect("it is there");
    assert_eq!((standing.ended_at, standing.operator_stands), (None, false), "the colleague is no operator");
    assert_eq!(standing.site_key_hash.as_deref(), Some("site-key-hash"));
    let of_operator = support_accesses::end_of_operator(&mut tx, colleague(), at(200)).await?;
    assert_eq!(of_operator.len(), 2);
    assert!(support_accesses::end_of_tenant(&mut tx, acme(), owner(), at(201)).await?.is_empty());
    let pass = sso_tokens::find(&mut tx, "pass-1").await?.expect("it is there");
    assert_eq!((pass.support_access_id, pass.access_ended_at), (Some(id(sample::ACCESS)), Some(at(150))));
    Ok(())
}

#[tokio::test]
async fn the_audit_trail_is_forgotten_only_behind_its_time() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    let (action, tenant) = ("sites.create", Some(acme()));
    assert!(audit::was_done(&mut tx, session_id(), action, tenant, at(120)).await?);
    assert!(!audit::was_done(&mut tx, session_id(), action, tenant, at(121)).await?);
    assert!(!audit::was_done(&mut tx, session_id(), action, None, at(0)).await?);
    let entry = erpmax_store::audit::AuditRow {
        id: id(sample::AUDIT + 1),
        at: at(-90_000_000),
        actor: None,
        session: None,
        api_key: None,
        address: None,
        action: "sites.create",
        tenant: None,
        target: None,
        change: "{}",
    };
    audit::insert(&mut tx, &entry).await?;
    assert_eq!(audit::delete_expired(&mut tx, at(-90_000_001), 10).await?, 0);
    let everything = at(99_999_999);
    let deleted = audit::delete_expired(&mut tx, everything, 10).await?;
    if on_postgres() {
        assert_eq!(deleted, 1, "the last year stays whatever is asked for");
        assert_eq!(audit::count(&mut tx, None, &AuditFilter::default()).await?, 1);
    } else {
        assert_eq!(deleted, 2);
    }
    assert_eq!(audit::may_be_changed(&mut tx).await?, on_postgres().then_some(true), "the tests own their tables");
    Ok(())
}

#[tokio::test]
async fn only_a_role_that_is_there_and_not_the_owner_is_given_rights() -> Checked {
    if !on_postgres() {
        return Ok(());
    }
    let (database, _store) = fresh().await?;
    let refused = grants::grant(&database.url, "nobody-here").await.expect_err("there is no such role");
    assert!(refused.is_wrong_use() && refused.to_string().contains("there is no role nobody-here"), "{refused}");
    let refused = grants::grant(&database.url, "postgres").await.expect_err("it may do everything");
    assert!(refused.is_wrong_use() && refused.to_string().contains("may do everything"), "{refused}");
    Ok(())
}
