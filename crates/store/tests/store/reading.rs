//! Every look-up and list, on an installation that was lived in.

use erpmax_store::idempotency::RequestKey;
use erpmax_store::{
    Store, access, audit, checkouts, idempotency, installation, invitations, jobs, mails, memberships, notifications,
    outbox, payments, plans, refresh_tokens, sessions, signing_keys, sites, sockets, sso_tokens, subscriptions,
    tenants, throttles, users, work,
};
use erpmax_types::audit::AuditFilter;
use erpmax_types::billing::SubscriptionStatus;
use erpmax_types::mail::MailStatus;
use erpmax_types::provisioning::JobType;
use erpmax_types::tenants::TenantStatus;
use erpmax_types::users::Role;

use crate::sample::{self, acme, creation_id, owner, session_id};
use crate::support::{Checked, at, id};

/// Reads all of it, and checks that it is what was written.
pub(crate) async fn read_everything(store: &Store) -> Checked {
    read_installation(store).await?;
    read_people(store).await?;
    read_tenants(store).await?;
    read_audit(store).await?;
    read_sessions(store).await?;
    read_billing(store).await?;
    read_provisioning(store).await?;
    read_messages(store).await
}

async fn read_installation(store: &Store) -> Checked {
    let mut conn = store.read().await?;
    assert_eq!(installation::find(&mut conn, "token_pepper").await?.as_deref(), Some("sealed:v1:cGVwcGVy"));
    assert_eq!(installation::find(&mut conn, "nothing").await?, None);
    let keys = signing_keys::list(&mut conn, at(0)).await?;
    assert_eq!(keys.iter().map(|key| key.kid.as_str()).collect::<Vec<_>>(), ["second-key", "first-key"]);
    let throttle = throttles::find(&mut conn, "login:192.0.2.7").await?.expect("it was counted");
    assert_eq!((throttle.count, throttle.window_ends_at), (1, at(900)));
    Ok(())
}

async fn read_people(store: &Store) -> Checked {
    let mut conn = store.read().await?;
    let user = users::find(&mut conn, owner()).await?.expect("the account is there");
    assert_eq!((user.email.as_str(), user.full_name.as_str()), ("Owner@acme.example", "Власниця «Акме» 🏭"));
    assert!(user.is_superuser && user.is_active && user.to_user().email_verified);
    let same = users::find_by_email(&mut conn, "owner@acme.example").await?.expect("the account is there");
    assert_eq!(same.id, owner());
    let request =
        RequestKey { user: owner(), route: "jobs.create".to_owned(), key: "a4c1".to_owned(), body_hash: String::new() };
    assert!(idempotency::find(&mut conn, &request, at(0)).await?.is_some());
    Ok(())
}

async fn read_tenants(store: &Store) -> Checked {
    let mut conn = store.read().await?;
    let tenant = tenants::find(&mut conn, acme()).await?.expect("the tenant is there");
    assert_eq!(tenants::find_by_slug(&mut conn, &tenant.slug).await?.map(|same| same.id), Some(acme()));
    assert_eq!(tenant.status, TenantStatus::Active);
    assert_eq!(tenant.site_name.map(String::from).as_deref(), Some("acme"));
    assert!(tenants::slug_is_taken(&mut conn, "acme").await?);
    assert_eq!(tenants::list_of_user(&mut conn, owner(), 10, 0).await?.len(), 2);
    assert_eq!(tenants::list_of_user(&mut conn, owner(), 1, 1).await?.len(), 1);
    assert_eq!(tenants::count_of_user(&mut conn, owner()).await?, 2);
    let member = memberships::find(&mut conn, acme(), owner()).await?.expect("the owner belongs to it");
    assert_eq!((member.role, member.is_default, member.joined_at), (Role::Owner, true, at(1)));
    assert_eq!(memberships::list(&mut conn, acme(), 10, 0).await?.len(), 2);
    assert_eq!(memberships::count(&mut conn, acme()).await?, 2);
    assert_eq!(memberships::count_owners(&mut conn, acme()).await?, 1);
    assert_eq!(memberships::list_with_role(&mut conn, acme(), Role::Admin).await?.len(), 1);
    assert_eq!(memberships::list_of_user(&mut conn, owner()).await?.len(), 2);
    assert_eq!(invitations::list_waiting(&mut conn, "accounts@globex.example", at(200)).await?.len(), 1);
    assert_eq!(invitations::count_waiting_of_tenant(&mut conn, acme(), at(200)).await?, 1);
    Ok(())
}

async fn read_audit(store: &Store) -> Checked {
    let mut conn = store.read().await?;
    let area = AuditFilter { action: Some("sites".into()), ..AuditFilter::default() };
    let later = AuditFilter { from: Some(at(99_999)), ..AuditFilter::default() };
    for tenant in [Some(acme()), None] {
        let entries = audit::list(&mut conn, tenant, &area, 10, 0).await?;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].actor_email.as_deref(), Some("Owner@acme.example"));
        assert_eq!(audit::count(&mut conn, tenant, &area).await?, 1);
        assert_eq!(audit::count(&mut conn, tenant, &later).await?, 0);
    }
    Ok(())
}

async fn read_sessions(store: &Store) -> Checked {
    let mut conn = store.read().await?;
    let current = access::find(&mut conn, session_id(), None).await?.expect("the session is there");
    assert_eq!((current.user_id, current.role, current.ended_at), (owner(), Some(Role::Owner), None));
    let other = access::find(&mut conn, session_id(), Some(id(sample::GLOBEX))).await?.expect("the session is there");
    assert_eq!(other.role, Some(Role::Admin));
    let me = access::find_with_tenants(&mut conn, session_id()).await?.expect("the session is there");
    assert_eq!((me.tenants.len(), me.current_tenant.map(|tenant| tenant.id)), (2, Some(acme())));
    let asked = [session_id(), id(sample::SESSION + 1), id(999)];
    let (known, _) = sockets::list_sessions(&mut conn, &asked).await?;
    assert_eq!(known.len(), 2);
    assert!(sessions::address_is_known(&mut conn, "owner@acme.example", "192.0.2.7").await?);
    assert!(!sessions::address_is_known(&mut conn, "owner@acme.example", "192.0.2.8").await?);
    assert!(!sessions::address_is_known(&mut conn, "nobody@acme.example", "192.0.2.7").await?);
    let asked = [session_id()];
    assert_eq!(sockets::list_told_job(&mut conn, &asked, creation_id(), 1).await?, asked);
    assert!(sockets::list_told_job(&mut conn, &asked, creation_id(), 2).await?.is_empty());
    assert_eq!(known.iter().map(|session| session.heard_event).collect::<Vec<_>>(), [None, None]);
    let token = refresh_tokens::find(&mut conn, "token-1").await?.expect("the token is there");
    assert_eq!((token.session_id, token.spent_at), (session_id(), Some(at(902))));
    let pass = sso_tokens::find(&mut conn, "pass-1").await?.expect("the pass is there");
    assert_eq!((pass.site_key_hash.as_deref(), pass.used_at), (Some("site-key-hash"), Some(at(131))));
    Ok(())
}

async fn read_billing(store: &Store) -> Checked {
    let mut conn = store.read().await?;
    assert_eq!(plans::list_active(&mut conn).await?.len(), 1);
    assert_eq!(plans::find_default(&mut conn).await?.map(|plan| plan.id), Some(id(sample::PLAN)));
    let plan = plans::find(&mut conn, id(sample::PLAN)).await?.expect("the plan is there");
    assert_eq!((plan.price_monthly, plan.features.as_str()), (7_900, r#"["Daily backups"]"#));
    let subscription = subscriptions::find_of_tenant(&mut conn, acme()).await?.expect("there is a subscription");
    assert_eq!((subscription.status, subscription.cancelled_at), (SubscriptionStatus::Active, Some(at(400))));
    let (same, its_plan) = subscriptions::find_with_plan(&mut conn, acme()).await?.expect("both are there");
    assert_eq!((same.id, its_plan.id, its_plan.slug), (subscription.id, plan.id, plan.slug));
    let checkout = checkouts::find(&mut conn, id(sample::CHECKOUT)).await?.expect("the checkout is there");
    assert_eq!((checkout.status.as_str(), checkout.amount), ("paid", 79_000));
    let event = payments::find_provider_event(&mut conn, "sandbox", "event-1").await?.expect("the event is there");
    assert_eq!(event.handled_at, Some(at(310)));
    assert_eq!(payments::list(&mut conn, acme(), 10, 0).await?.len(), 1);
    assert_eq!(payments::count(&mut conn, acme()).await?, 1);
    Ok(())
}

async fn read_provisioning(store: &Store) -> Checked {
    let mut conn = store.read().await?;
    let site = sites::find_of_tenant(&mut conn, acme()).await?.expect("the site is there");
    assert_eq!((site.state.as_str(), site.ready_at), ("ready", Some(at(120))));
    let job = jobs::find(&mut conn, creation_id()).await?.expect("the job is there");
    assert_eq!((job.progress, job.leak.as_deref(), job.completed_at), (100, Some("a folder"), Some(at(120))));
    assert!(jobs::find_of_tenant(&mut conn, acme(), creation_id()).await?.is_some());
    assert!(jobs::find_of_tenant(&mut conn, id(sample::GLOBEX), creation_id()).await?.is_none());
    let listed = jobs::list(&mut conn, acme(), true, 10, 0).await?;
    assert_eq!(listed.iter().map(|job| job.id).collect::<Vec<_>>(), [id(sample::BACKUP), creation_id()]);
    assert_eq!(jobs::count(&mut conn, acme(), false).await?, 2);
    let backup = jobs::find_unfinished(&mut conn, acme(), JobType::BackupSite).await?;
    assert_eq!(backup.map(|job| job.id), Some(id(sample::BACKUP)));
    let (creation, _) = jobs::find_newest_creation(&mut conn, acme()).await?;
    assert_eq!(creation.map(|job| job.id), Some(creation_id()));
    assert!(!work::is_due(&mut conn, "jobs", at(96)).await?, "it is leased");
    assert!(work::is_due(&mut conn, "mail", at(93)).await?);
    Ok(())
}

async fn read_messages(store: &Store) -> Checked {
    let mut conn = store.read().await?;
    let notifications = notifications::list(&mut conn, owner(), 10, 0).await?;
    assert_eq!(notifications.first().and_then(|one| one.read_at), Some(at(210)));
    assert_eq!(notifications::count(&mut conn, owner()).await?, (1, 0));
    for mail in mails::list(&mut conn, Some(MailStatus::Queued), 10).await? {
        assert_eq!(mails::find(&mut conn, mail.id).await?.map(|found| found.kind), Some(mail.kind));
    }
    let events = outbox::list_after(&mut conn, 0, 100).await?;
    assert_eq!(events.len(), 4);
    for (_, event) in events {
        event?;
    }
    assert_eq!(outbox::last_number(&mut conn).await?, 4);
    Ok(())
}
