//! Each statement is good on both databases: every function of the store is called here or in another test.

use std::path::Path;

use erpmax_store::checkouts::CheckoutRow;
use erpmax_store::payments::PaymentEventRow;
use erpmax_store::{
    access, audit, backups, checkouts, invitations, jobs, memberships, notifications, outbox, payments, refresh_tokens,
    sessions, sites, sockets, sso_tokens, subscriptions, support_accesses, tenants, throttles, users, work,
};
use erpmax_types::Timestamp;
use erpmax_types::billing::SubscriptionStatus;
use erpmax_types::provisioning::JobStatus;
use erpmax_types::users::Role;

use crate::lived_in;
use crate::reading::read_everything;
use crate::sample::{self, acme, creation_id, owner, session_id, site_id};
use crate::support::{Checked, TestDatabase, at, fresh, id};

async fn lived_in_store() -> Checked<(TestDatabase, erpmax_store::Store)> {
    let (database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    Ok((database, store))
}

#[tokio::test]
async fn what_was_written_is_read_back() -> Checked {
    let (_database, store) = lived_in_store().await?;
    read_everything(&store).await
}

#[tokio::test]
async fn accounts_and_tenants_change() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    let kept = users::find(&mut tx, owner()).await?.expect("it is there").password_hash;
    assert!(!users::replace_password(&mut tx, owner(), "another-hash", "lost", at(599)).await?);
    users::lock_email(&mut tx, "owner@acme.example").await?;
    assert_eq!(users::find_costliest_bcrypt(&mut tx).await?, None);
    assert!(users::replace_password(&mut tx, owner(), &kept, "$2b$10$imported", at(599)).await?);
    assert_eq!(users::find_costliest_bcrypt(&mut tx).await?.as_deref(), Some("$2b$10$imported"));
    assert!(users::replace_password(&mut tx, owner(), "$2b$10$imported", "new-hash", at(600)).await?);
    assert!(users::update_active(&mut tx, owner(), false, at(601)).await?);
    assert!(!users::update_active(&mut tx, id(999), false, at(601)).await?);
    let user = users::find(&mut tx, owner()).await?.expect("it is there");
    assert_eq!((user.password_hash.as_str(), user.is_active, user.updated_at), ("new-hash", false, at(601)));
    assert!(!users::prove_email(&mut tx, owner(), at(602)).await?, "it was proven before");
    users::update_profile(&mut tx, owner(), Some("Head of Acme"), None, at(603)).await?;
    users::update_profile(&mut tx, owner(), None, Some("uk"), at(604)).await?;
    users::update_email(&mut tx, owner(), "Head@acme.example", "head@acme.example", at(605)).await?;
    let user = users::find_by_email(&mut tx, "head@acme.example").await?.expect("it is there");
    assert_eq!((user.full_name.as_str(), user.language.as_str()), ("Head of Acme", "uk"));
    assert_eq!((user.email.as_str(), user.email_proven_at), ("Head@acme.example", Some(at(605))));
    tenants::lock(&mut tx, acme()).await?;
    assert!(tenants::wake(&mut tx, id(sample::GLOBEX)).await?);
    assert!(!tenants::wake(&mut tx, id(sample::GLOBEX)).await?, "it is awake");
    tenants::update(&mut tx, acme(), Some("Acme"), None, at(602)).await?;
    tenants::update(&mut tx, acme(), None, Some("{}"), at(603)).await?;
    let tenant = tenants::find(&mut tx, acme()).await?.expect("it is there");
    assert_eq!((tenant.name.as_str(), tenant.settings.as_str(), tenant.updated_at), ("Acme", "{}", at(603)));
    Ok(())
}

#[tokio::test]
async fn memberships_change() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    assert!(!memberships::insert(&mut tx, acme(), owner(), Role::User, false, at(9)).await?, "a member already");
    memberships::update_role(&mut tx, acme(), sample::colleague(), Role::Owner).await?;
    assert_eq!(memberships::count_owners(&mut tx, acme()).await?, 2);
    memberships::delete(&mut tx, acme(), owner()).await?;
    memberships::ensure_default(&mut tx, owner()).await?;
    let left = memberships::list_of_user(&mut tx, owner()).await?;
    assert_eq!(
        left.iter().map(|one| (one.tenant_id, one.is_default)).collect::<Vec<_>>(),
        [(id(sample::GLOBEX), true)]
    );
    memberships::insert(&mut tx, id(sample::GLOBEX), sample::colleague(), Role::User, true, at(9)).await?;
    memberships::update_default(&mut tx, sample::colleague(), acme()).await?;
    let theirs = memberships::list_of_user(&mut tx, sample::colleague()).await?;
    let defaults: Vec<_> = theirs.iter().filter(|one| one.is_default).map(|one| one.tenant_id).collect();
    assert_eq!(defaults, [acme()]);
    Ok(())
}

#[tokio::test]
async fn invitations_change() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    let (key, first) = ("accounts@globex.example", sample::invitation());
    let mut second = sample::invitation();
    second.id = id(sample::INVITATION + 1);
    invitations::revoke_open(&mut tx, acme(), key, at(610)).await?;
    assert!(invitations::find_open(&mut tx, acme(), first.id).await?.is_none());
    invitations::insert(&mut tx, &second, key).await?;
    assert_eq!(invitations::list_waiting(&mut tx, key, at(620)).await?.len(), 1);
    second.renewals = 2;
    second.expires_at = at(800_000);
    invitations::renew(&mut tx, &second).await?;
    let waiting = invitations::find_waiting(&mut tx, second.id, at(700_001)).await?.expect("it waits");
    assert_eq!((waiting.renewals, waiting.expires_at), (2, at(800_000)));
    assert!(invitations::accept(&mut tx, second.id, at(630)).await?);
    assert!(!invitations::accept(&mut tx, second.id, at(640)).await?, "it was accepted");
    assert_eq!(invitations::count_waiting_of_tenant(&mut tx, acme(), at(640)).await?, 0);
    assert_eq!(invitations::count_open(&mut tx, acme()).await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_invitation_waits_as_long_as_its_inviter_may_invite_that_far() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    let (key, mut of_user) = ("new@globex.example", sample::invitation());
    of_user.id = id(sample::INVITATION + 1);
    of_user.role = Role::User;
    invitations::insert(&mut tx, &of_user, key).await?;
    let mut waiting = Vec::new();
    for role in [Role::Owner, Role::Admin, Role::User] {
        memberships::update_role(&mut tx, acme(), owner(), role).await?;
        waiting.push(invitations::count_waiting_of_tenant(&mut tx, acme(), at(620)).await?);
    }
    assert_eq!(waiting, [2, 1, 0]);
    assert!(invitations::find_waiting(&mut tx, of_user.id, at(620)).await?.is_none());
    let open = invitations::list_open(&mut tx, acme(), at(620), 10, 0).await?;
    assert_eq!(open.iter().map(|one| one.waits).collect::<Vec<_>>(), [false, false]);
    assert_eq!(open[0].inviter_name, "Власниця «Акме» 🏭");
    memberships::update_role(&mut tx, acme(), owner(), Role::Owner).await?;
    assert!(invitations::list_open(&mut tx, acme(), at(620), 10, 0).await?.iter().all(|one| one.waits));
    invitations::revoke(&mut tx, of_user.id, at(630)).await?;
    assert_eq!(invitations::count_open(&mut tx, acme()).await?, 1);
    users::update_active(&mut tx, owner(), false, at(640)).await?;
    assert_eq!(invitations::count_waiting_of_tenant(&mut tx, acme(), at(650)).await?, 0);
    Ok(())
}

#[tokio::test]
async fn sessions_change_and_end() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    assert!(sessions::update_tenant(&mut tx, session_id(), id(sample::GLOBEX)).await?.is_some());
    let row = access::find(&mut tx, session_id(), None).await?.expect("it is there");
    assert_eq!((row.session_tenant_id, row.role), (id(sample::GLOBEX), Some(Role::Admin)));
    assert!(sessions::confirm(&mut tx, session_id(), at(690)).await?);
    let confirmed = access::find(&mut tx, session_id(), None).await?.map(|row| row.confirmed_at);
    assert_eq!(confirmed, Some(at(690)));
    assert_eq!(sessions::list_living(&mut tx, owner(), at(691), 10, 0).await?.len(), 1);
    assert_eq!(sessions::count_living(&mut tx, owner(), at(691)).await?, 1);
    assert!(sessions::end_others(&mut tx, owner(), session_id(), "changed", at(692)).await?.is_empty());
    assert!(!sessions::end_of_user(&mut tx, session_id(), sample::colleague(), "foreign", at(693)).await?);
    assert!(!sessions::device_is_known(&mut tx, owner(), "nothing", "192.0.2.7").await?);
    assert_eq!(users::lock(&mut tx, owner()).await?.map(|user| user.id), Some(owner()));
    assert_eq!(sessions::end_all(&mut tx, owner(), "deactivated", at(700)).await?, 1);
    assert!(!sessions::confirm(&mut tx, session_id(), at(701)).await?, "it has ended");
    assert!(!sessions::end(&mut tx, session_id(), "logout", at(701)).await?, "it has ended");
    assert!(sessions::update_tenant(&mut tx, session_id(), acme()).await?.is_none());
    let (known, _) = sockets::list_sessions(&mut tx, &[session_id()]).await?;
    assert_eq!(known.first().and_then(|session| session.ended_at), Some(at(700)));
    assert!(sockets::list_sessions(&mut tx, &[]).await?.0.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_subscription_that_somebody_changed_is_looked_at_again_and_another_status_has_no_deadline() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    let mut row = subscriptions::find_of_tenant(&mut tx, acme()).await?.expect("there is one");
    assert_eq!(subscriptions::list_due(&mut tx, at(0), 10).await?, [acme()], "nobody looked at it yet");
    row.next_step_at = Some(at(700));
    (row.deadline_at, row.reminded_of, row.reminded_days) = (Some(at(800)), Some(at(800)), 3);
    subscriptions::update_life(&mut tx, &row).await?;
    assert!(subscriptions::list_due(&mut tx, at(699), 10).await?.is_empty());
    assert_eq!(subscriptions::list_due(&mut tx, at(700), 10).await?, [acme()]);

    subscriptions::update(&mut tx, &row).await?;
    let same = subscriptions::find_of_tenant(&mut tx, acme()).await?.expect("there is one");
    assert_eq!((same.next_step_at, same.deadline_at), (Some(Timestamp::from_micros(0)), Some(at(800))));
    assert_eq!((same.reminded_of, same.reminded_days), (Some(at(800)), 3));
    row.status = SubscriptionStatus::Cancelled;
    subscriptions::update(&mut tx, &row).await?;
    assert_eq!(subscriptions::find_of_tenant(&mut tx, acme()).await?.and_then(|row| row.deadline_at), None);
    subscriptions::update_next_step(&mut tx, acme(), None).await?;
    assert!(subscriptions::list_due(&mut tx, at(9_000), 10).await?.is_empty(), "nothing comes by itself");
    Ok(())
}

#[tokio::test]
async fn sites_go_from_state_to_state() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    for (closing, state, ready_at) in [(true, "closing", None), (false, "ready", Some(at(800)))] {
        sites::set_closing(&mut tx, site_id(), closing, at(800)).await?;
        let site = sites::find_of_tenant(&mut tx, acme()).await?.expect("it is there");
        assert_eq!((site.state.as_str(), site.ready_at), (state, ready_at));
    }
    for suspended in [true, false] {
        sites::set_suspended(&mut tx, site_id(), suspended).await?;
        let site = sites::find_of_tenant(&mut tx, acme()).await?;
        assert_eq!(site.map(|site| site.is_suspended), Some(suspended));
    }
    sites::mark_leaked(&mut tx, site_id()).await?;
    assert_eq!(tenants::find(&mut tx, acme()).await?.and_then(|tenant| tenant.site_name), None);
    assert_eq!(backups::list(&mut tx, acme(), 10, 0).await?, [sample::backup()]);
    assert_eq!(backups::count(&mut tx, acme()).await?, 1);
    assert_eq!(backups::find(&mut tx, acme(), sample::backup().id).await?, Some(sample::backup()));
    assert_eq!(backups::find(&mut tx, id(sample::GLOBEX), sample::backup().id).await?, None);
    let linked = backups::spend_link(&mut tx, "link-1", at(140)).await?.expect("its person is an owner");
    assert_eq!((linked.backup, linked.user_id), (sample::backup(), owner()));
    assert!(backups::spend_link(&mut tx, "link-1", at(140)).await?.is_none(), "it is spent");
    let pass = sso_tokens::find(&mut tx, "pass-1").await?.expect("it is there");
    assert_eq!(pass.site_key_hash, None, "a site that is not ready is opened by no pass");
    sites::delete(&mut tx, site_id()).await?;
    assert!(sites::find_of_tenant(&mut tx, acme()).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn progress_only_grows_and_only_while_a_job_runs() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    assert!(work::lock(&mut tx, "jobs", "backup").await?);
    assert!(!work::lock(&mut tx, "jobs", "nothing").await?);
    let mut job = jobs::lock(&mut tx, id(sample::BACKUP)).await?.expect("it is there");
    jobs::update_progress(&mut tx, job.id, 30, "Dumping", at(900)).await?;
    assert_eq!(jobs::find(&mut tx, job.id).await?.map(|job| job.progress), Some(0), "it does not run yet");
    job.status = JobStatus::Running;
    jobs::update(&mut tx, &job).await?;
    for (told, kept) in [(30, 30), (20, 30), (40, 40)] {
        jobs::update_progress(&mut tx, job.id, told, "Dumping", at(901)).await?;
        assert_eq!(jobs::find(&mut tx, job.id).await?.map(|job| job.progress), Some(kept));
    }
    Ok(())
}

#[tokio::test]
async fn notifications_are_read_once() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let mut tx = store.begin().await?;
    let mut second = sample::notification();
    second.id = id(sample::NOTIFICATION + 1);
    notifications::insert(&mut tx, owner(), None, &second).await?;
    assert_eq!(notifications::count(&mut tx, owner()).await?, (2, 1));
    assert_eq!(notifications::mark_all_read(&mut tx, owner(), at(950)).await?, 1);
    let again = notifications::mark_read(&mut tx, owner(), second.id, at(960)).await?.expect("it is there");
    assert_eq!(again.read_at, Some(at(950)));
    assert!(notifications::mark_read(&mut tx, sample::colleague(), second.id, at(960)).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn what_expired_is_forgotten() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let far = at(99_999_999);
    let mut tx = store.begin().await?;
    assert_eq!(sessions::delete_over(&mut tx, far, 10).await?, 1, "the other one has refresh tokens and a pass");
    assert_eq!(refresh_tokens::delete_expired(&mut tx, far, 1).await?, 1, "a part at a time");
    assert_eq!(refresh_tokens::delete_expired(&mut tx, far, 10).await?, 1);
    assert_eq!(sso_tokens::delete_expired(&mut tx, far, 10).await?, 1);
    assert_eq!(sessions::delete_over(&mut tx, far, 10).await?, 1);
    assert_eq!(throttles::delete_expired(&mut tx, far, 10).await?, 1);
    assert_eq!(outbox::delete_expired(&mut tx, far, 10).await?, 4);
    assert_eq!(notifications::delete_expired(&mut tx, far, 10).await?, 1);
    assert_eq!(invitations::delete_expired(&mut tx, far, 10).await?, 1);
    assert_eq!(audit::delete_refused_logins(&mut tx, far, 10).await?, 1);
    assert_eq!(support_accesses::delete_over(&mut tx, far, 10).await?, 1);
    assert!(!sso_tokens::spend(&mut tx, "pass-1", far).await?);
    assert_eq!(backups::delete_links(&mut tx, far, 10).await?, 1);
    assert_eq!(jobs::find_newest_creation(&mut tx, acme()).await?.0.map(|job| job.id), Some(creation_id()));
    Ok(())
}

#[tokio::test]
async fn what_is_money_is_kept() -> Checked {
    let (_database, store) = lived_in_store().await?;
    let far = at(99_999_999);
    let mut tx = store.begin().await?;
    for (number, expires_at) in [(1, at(4_000)), (2, at(5_000)), (3, at(5_000))] {
        let number = sample::CHECKOUT + number;
        checkouts::insert(&mut tx, &CheckoutRow { id: id(number), expires_at, ..sample::checkout() }).await?;
    }
    let failed = PaymentEventRow {
        id: id(sample::PAYMENT + 1),
        checkout_id: Some(id(sample::CHECKOUT + 1)),
        provider_reference: "another".to_owned(),
        ..sample::payment()
    };
    assert!(payments::insert(&mut tx, &failed).await?);
    assert_eq!(checkouts::delete_unpaid(&mut tx, at(5_000), 10).await?, 0, "something was booked on the one");
    payments::insert_provider_event(&mut tx, "sandbox", "event-2", "{}", at(310)).await?;
    assert_eq!(checkouts::delete_unpaid(&mut tx, far, 10).await?, 0, "the provider's event may be about one of them");
    assert_eq!(payments::delete_handled(&mut tx, at(310), 10).await?, 0, "it is too young");
    assert_eq!(payments::delete_handled(&mut tx, far, 10).await?, 1);
    payments::mark_handled(&mut tx, "sandbox", "event-2", "ignored", at(320)).await?;
    assert_eq!(checkouts::delete_unpaid(&mut tx, far, 1).await?, 1, "a part at a time");
    assert_eq!(checkouts::delete_unpaid(&mut tx, far, 10).await?, 1);
    assert!(checkouts::find(&mut tx, id(sample::CHECKOUT)).await?.is_some(), "it is paid");
    Ok(())
}

/// Reads the store's own text: a new function without a test would be one whose SQL one database may not know.
#[test]
fn every_function_of_the_store_is_called_by_a_test() -> Checked {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = texts(&root.join("tests/store"))?.into_iter().map(|(_, text)| text).collect::<String>();
    let mut missing = Vec::new();
    for (module, text) in texts(&root.join("src"))? {
        for rest in text.split("\npub async fn ").skip(1) {
            let call = format!("{module}::{}(", rest.split(['(', '<']).next().unwrap_or_default());
            if !tests.contains(&call) {
                missing.push(call);
            }
        }
    }
    assert!(missing.is_empty(), "no test calls {missing:?}");
    Ok(())
}

/// The name and text of each Rust file of a folder.
fn texts(folder: &Path) -> Checked<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            texts.push((name, std::fs::read_to_string(&path)?));
        }
    }
    Ok(texts)
}
