//! Messages to people: written in their language, in the transaction of what they tell of.

use erpmax_store::notifications::{self as store, NotificationRow};
use erpmax_store::outbox::Audience;
use erpmax_store::{Tx, memberships};
use erpmax_types::envelope::{PageRequest, Pagination};
use erpmax_types::events::{Event, NotificationNew};
use erpmax_types::notifications::{MarkedRead, Notification, NotificationType, Notifications};
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, NotificationId, TenantId, UserId};
use fluent_templates::fluent_bundle::FluentValue;

use crate::access::Signed;
use crate::mail::{self, Letter, Recipient};
use crate::messages::Language;
use crate::validation::id;
use crate::{Core, Result};

/// A page of the person's notifications, newest first, with the number of unread ones.
pub async fn list(core: &Core, signed: &Signed, page: PageRequest) -> Result<(Notifications, Pagination)> {
    let mut conn = core.store().read().await?;
    let rows = store::list(&mut conn, signed.user_id, page.size, page.offset()).await?;
    let (total, unread) = store::count(&mut conn, signed.user_id).await?;
    let page = page.of(rows.into_iter().map(Notification::from).collect(), total);
    Ok((Notifications { notifications: page.items, unread }, page.pagination))
}

/// Marks a person's notification as read.
pub async fn mark_read(core: &Core, user: UserId, notification: &str) -> Result<Notification> {
    let notification: NotificationId = id(notification)?;
    let mut tx = core.store().begin().await?;
    let row = store::mark_read(&mut tx, user, notification, core.now()).await?.ok_or(ErrorCode::NotFound)?;
    tx.commit().await?;
    Ok(row.into())
}

/// Marks all of the person's notifications as read.
pub async fn mark_all_read(core: &Core, signed: &Signed) -> Result<MarkedRead> {
    let mut tx = core.store().begin().await?;
    let marked = store::mark_all_read(&mut tx, signed.user_id, core.now()).await?;
    tx.commit().await?;
    Ok(MarkedRead { marked })
}

/// What a notification says, before it is put into a language: `notification-{name}` and its `.message` in the catalogue.
pub(crate) struct Text {
    name: &'static str,
    kind: NotificationType,
    arguments: Vec<(&'static str, String)>,
}

impl Text {
    pub(crate) const fn new(name: &'static str, kind: NotificationType) -> Self {
        Self { name, kind, arguments: Vec::new() }
    }

    pub(crate) fn with(mut self, place: &'static str, value: String) -> Self {
        self.arguments.push((place, value));
        self
    }

    fn write(&self, core: &Core, language: &Language) -> NotificationRow {
        let arguments: Vec<_> =
            self.arguments.iter().map(|(place, value)| (*place, FluentValue::from(value.as_str()))).collect();
        NotificationRow {
            id: core.id(),
            title: language.say(&format!("notification-{}", self.name), &arguments),
            message: language.say(&format!("notification-{}.message", self.name), &arguments),
            kind: self.kind,
            created_at: core.now(),
            read_at: None,
        }
    }
}

/// Writes a notification to one person.
pub(crate) async fn notify_user(
    core: &Core,
    tx: &mut Tx,
    user: UserId,
    tenant: Option<TenantId>,
    language: &Language,
    text: &Text,
) -> Result<()> {
    let row = text.write(core, language);
    store::insert(tx, user, tenant, &row).await?;
    let event = NotificationNew {
        id: row.id,
        title: row.title,
        message: row.message,
        kind: row.kind,
        created_at: row.created_at,
    };
    core.emit(tx, Audience::User(user), Event::NotificationNew(event));
    Ok(())
}

/// Writes a notification to all members of a tenant with at least the role `least`.
pub(crate) async fn notify_members(core: &Core, tx: &mut Tx, tenant: TenantId, least: Role, text: &Text) -> Result<()> {
    for member in memberships::list_with_role(tx, tenant, least).await? {
        notify_user(core, tx, member.user_id, Some(tenant), &Language::from_tag(&member.language), text).await?;
    }
    Ok(())
}

/// Tells one person something that concerns a tenant, by notification and mail.
pub(crate) async fn tell_person(
    core: &Core,
    tx: &mut Tx,
    (user, person): (UserId, &Recipient),
    tenant: TenantId,
    text: &Text,
    letter: &Letter,
) -> Result<()> {
    notify_user(core, tx, user, Some(tenant), &person.language, text).await?;
    mail::send(core, tx, person, Some(tenant), letter).await
}

/// Tells a tenant's owners and admins by notification, and its owners by mail as well.
pub(crate) async fn tell_owner(core: &Core, tx: &mut Tx, tenant: TenantId, text: &Text, letter: &Letter) -> Result<()> {
    notify_members(core, tx, tenant, Role::Admin, text).await?;
    mail::send_to_members(core, tx, tenant, Role::Owner, letter).await
}
