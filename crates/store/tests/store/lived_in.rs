//! An installation with a row in every table and a value in nearly every column, written as the rules write it.

use erpmax_store::audit::AuditRow;
use erpmax_store::backups::NewBackupLink;
use erpmax_store::idempotency::RequestKey;
use erpmax_store::login_challenges::NewChallenge;
use erpmax_store::outbox::{Audience, Emission, News};
use erpmax_store::signing_keys::SigningKeyRow;
use erpmax_store::sso_tokens::NewSsoToken;
use erpmax_store::work::NewLease;
use erpmax_store::{
    Store, Tx, api_keys, audit, backups, checkouts, idempotency, installation, invitations, jobs, login_challenges,
    mail_tokens, mails, memberships, notifications, payments, plans, refresh_tokens, second_factors, sessions,
    signing_keys, sites, sockets, sso_tokens, subscriptions, support_accesses, tenants, throttles, users, work,
};
use erpmax_types::billing::SubscriptionStatus;
use erpmax_types::events::{Event, StatusCompleted};
use erpmax_types::provisioning::{JobStatus, JobType};
use erpmax_types::tenants::TenantStatus;
use erpmax_types::users::Role;
use erpmax_types::{SessionId, TenantId, UserId};

use crate::sample::{self, acme, creation_id, owner, session_id, site_id};
use crate::support::{Checked, at, id};

/// Writes it, each area in a transaction of its own.
pub(crate) async fn fill(store: &Store) -> Checked {
    let mut tx = store.begin().await?;
    fill_installation(&mut tx).await?;
    fill_people(&mut tx).await?;
    fill_factors(&mut tx).await?;
    fill_api_keys(&mut tx).await?;
    fill_sessions(&mut tx).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    fill_billing(&mut tx).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    fill_provisioning(&mut tx).await?;
    fill_messages(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

async fn fill_installation(tx: &mut Tx) -> Checked {
    installation::insert(tx, "token_pepper", "sealed:v1:cGVwcGVy").await?;
    for (kid, created_at) in [("first-key", at(0)), ("second-key", at(86_400))] {
        let key = SigningKeyRow {
            kid: kid.to_owned(),
            secret_sealed: "sealed:v1:a2V5".to_owned(),
            created_at,
            retired_at: None,
        };
        signing_keys::insert(tx, &key).await?;
    }
    plans::insert(tx, &sample::plan()).await?;
    throttles::count(tx, "login:192.0.2.7", at(900), at(5)).await?;
    audit::count_refused_login(tx, "owner@acme.example", "192.0.2.7", at(5)).await?;
    Ok(())
}

async fn fill_people(tx: &mut Tx) -> Checked {
    users::insert(tx, &sample::user(sample::OWNER, "Owner@acme.example"), "owner@acme.example").await?;
    users::insert(tx, &sample::user(sample::COLLEAGUE, "sales@acme.example"), "sales@acme.example").await?;
    tenants::insert(tx, &sample::tenant(sample::ACME, "acme")).await?;
    tenants::insert(tx, &sample::tenant(sample::GLOBEX, "globex")).await?;
    tenants::update_status(tx, acme(), TenantStatus::Active, at(120)).await?;
    memberships::insert(tx, acme(), owner(), Role::Owner, true, at(1)).await?;
    memberships::insert(tx, acme(), sample::colleague(), Role::User, true, at(3)).await?;
    memberships::insert(tx, id(sample::GLOBEX), owner(), Role::Admin, false, at(4)).await?;
    invitations::insert(tx, &sample::invitation(), "accounts@globex.example").await?;
    Ok(())
}

async fn fill_api_keys(tx: &mut Tx) -> Checked {
    api_keys::insert(tx, &sample::api_key(sample::API_KEY), "api-key-hash").await?;
    Ok(api_keys::note_use(tx, id(sample::API_KEY), "192.0.2.7", at(12), at(11)).await?)
}

async fn fill_factors(tx: &mut Tx) -> Checked {
    second_factors::insert(tx, &sample::second_factor()).await?;
    second_factors::activate(tx, owner(), at(8)).await?;
    second_factors::update_last_step(tx, owner(), 59_666_667).await?;
    second_factors::insert_recovery_code(tx, owner(), "recovery-code-hash", at(8)).await?;
    let challenge = NewChallenge {
        challenge_hash: "challenge-hash",
        user: owner(),
        address: "192.0.2.7",
        password_mark: "password-mark",
        created_at: at(9),
        expires_at: at(309),
    };
    login_challenges::insert(tx, &challenge).await?;
    Ok(mail_tokens::insert(tx, &sample::mail_token()).await?)
}

async fn fill_sessions(tx: &mut Tx) -> Checked {
    let ended: SessionId = id(sample::SESSION + 1);
    sessions::insert(tx, &sample::session(sample::SESSION, owner())).await?;
    sessions::insert(tx, &sample::session(sample::SESSION + 1, sample::colleague())).await?;
    sessions::end(tx, ended, "logout", at(500)).await?;
    refresh_tokens::insert(tx, "token-1", "token-2", session_id(), at(2), at(2_592_002)).await?;
    refresh_tokens::insert(tx, "token-2", "token-3", session_id(), at(902), at(2_592_902)).await?;
    refresh_tokens::spend(tx, session_id(), "token-1", at(902)).await?;
    let request = RequestKey {
        user: owner(),
        route: "jobs.create".to_owned(),
        key: "a4c1".to_owned(),
        body_hash: "body-hash".to_owned(),
    };
    idempotency::insert(tx, &request, r#"{"id":"1"}"#, at(9)).await?;
    Ok(())
}

async fn fill_billing(tx: &mut Tx) -> Checked {
    let mut subscription = sample::subscription();
    subscriptions::insert(tx, &subscription).await?;
    checkouts::insert(tx, &sample::checkout()).await?;
    checkouts::update_status(tx, id(sample::CHECKOUT), "open", "paid").await?;
    payments::insert_provider_event(tx, "sandbox", "event-1", r#"{"type":"paid"}"#, at(309)).await?;
    payments::mark_handled(tx, "sandbox", "event-1", "activated", at(310)).await?;
    payments::insert(tx, &sample::payment()).await?;
    subscription.status = SubscriptionStatus::Active;
    subscription.trial_moved_at = Some(at(120));
    subscription.cancelled_at = Some(at(400));
    subscription.cancel_at_period_end = true;
    subscription.cancel_reason = Some("Too many modules".to_owned());
    subscription.provider = Some("sandbox".to_owned());
    subscriptions::update(tx, &subscription).await?;
    Ok(())
}

async fn fill_provisioning(tx: &mut Tx) -> Checked {
    sites::insert(tx, &sample::site()?).await?;
    let mut creation = sample::job(sample::CREATION, JobType::CreateSite);
    jobs::insert(tx, &creation).await?;
    creation.status = JobStatus::Completed;
    creation.progress = 100;
    creation.step = Some("open".to_owned());
    creation.error = Some("The first attempt failed".to_owned());
    r#"["reserve","database"]"#.clone_into(&mut creation.done_steps);
    creation.begun_step = Some("open".to_owned());
    creation.reason = Some("retried".to_owned());
    creation.is_irrevocable = true;
    creation.cancel_requested_at = Some(at(15));
    creation.cancelled_by = Some(owner().to_string());
    creation.result = Some("{}".to_owned());
    creation.leak = Some("a folder".to_owned());
    creation.started_at = Some(at(11));
    creation.completed_at = Some(at(120));
    jobs::update(tx, &creation).await?;
    sites::mark_ready(tx, site_id(), at(120)).await?;
    jobs::insert(tx, &sample::job(sample::BACKUP, JobType::BackupSite)).await?;
    sockets::note_told_job(tx, &[session_id()], creation_id(), 1).await?;
    fill_work(tx).await?;
    support_accesses::insert(tx, &sample::support_access()).await?;
    sso_tokens::insert(tx, &sso_token()).await?;
    sso_tokens::spend(tx, "pass-1", at(131)).await?;
    backups::insert(tx, &sample::backup()).await?;
    backups::insert_link(tx, &backup_link()).await?;
    support_accesses::end(tx, id(sample::ACCESS), owner(), at(150)).await?;
    Ok(())
}

async fn fill_work(tx: &mut Tx) -> Checked {
    let (first, second) = (id(sample::WORK), id(sample::WORK + 1));
    work::insert(tx, first, "jobs", "backup", "acme", at(92)).await?;
    work::insert(tx, second, "mail", "welcome", "mail", at(92)).await?;
    work::put_off(tx, first, 0, at(93), "the runner went away").await?;
    let lease = NewLease { id: id(sample::LEASE), host: "host-1", boot: "boot-1", until: at(110) };
    work::lease(tx, "jobs", &lease, at(95)).await?;
    work::update_sequence(tx, first, 3).await?;
    Ok(())
}

fn backup_link() -> NewBackupLink<'static> {
    NewBackupLink {
        token_hash: "link-1",
        backup: sample::backup().id,
        user: owner(),
        session: session_id(),
        created_at: at(130),
        expires_at: at(730),
    }
}

fn sso_token() -> NewSsoToken<'static> {
    NewSsoToken {
        token_hash: "pass-1",
        tenant: acme(),
        site: site_id(),
        user: owner(),
        session: session_id(),
        support_access: Some(id(sample::ACCESS)),
        created_at: at(130),
        expires_at: at(190),
    }
}

async fn fill_messages(tx: &mut Tx) -> Checked {
    notifications::insert(tx, owner(), Some(acme()), &sample::notification()).await?;
    notifications::mark_read(tx, owner(), id(sample::NOTIFICATION), at(210)).await?;
    mails::insert(tx, &sample::mail()).await?;
    audit::insert(tx, &audit_entry()).await?;
    for (number, audience) in audiences().into_iter().enumerate() {
        let news = News::Event(Event::StatusCompleted(StatusCompleted {
            job_id: creation_id(),
            tenant_id: acme(),
            job_type: JobType::CreateSite,
            erpnext_url: "http://acme.localhost:8000".to_owned(),
        }));
        tx.emit(Emission { id: id(sample::EVENT + number as u128), audience, news, at: at(120) });
    }
    tx.emit(Emission {
        id: id(sample::EVENT + 9),
        audience: Audience::Session(session_id()),
        news: News::MoveTo(acme()),
        at: at(121),
    });
    Ok(())
}

fn audiences() -> [Audience; 3] {
    let (tenant, user): (TenantId, UserId) = (acme(), owner());
    [Audience::Tenant(tenant), Audience::User(user), Audience::Member(tenant, user)]
}

fn audit_entry() -> AuditRow<'static> {
    AuditRow {
        id: id(sample::AUDIT),
        at: at(120),
        actor: Some(owner()),
        session: Some(session_id()),
        api_key: Some(id(sample::API_KEY)),
        address: Some("192.0.2.7"),
        action: "sites.create",
        tenant: Some(acme()),
        target: Some("acme"),
        change: r#"{"status":"active"}"#,
    }
}
