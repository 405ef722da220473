//! Ids are `UUIDv7` strings on the wire; a newtype each, so that a tenant's id is never taken for a user's.

crate::macros::id! {
    /// A person's account.
    UserId,
    /// A customer company.
    TenantId,
    /// One sign-in, with its family of refresh tokens.
    SessionId,
    /// A tenant's API key.
    ApiKeyId,
    /// A waiting or accepted invitation to a tenant.
    InvitationId,
    /// A plan that can be bought.
    PlanId,
    /// A tenant's subscription.
    SubscriptionId,
    /// One attempt to pay, from `POST /billing/checkout`.
    CheckoutId,
    /// A payment, refund or failure that a provider reported.
    PaymentEventId,
    /// A provisioning request.
    JobId,
    /// A tenant's `ERPNext` site.
    SiteId,
    /// An archive of a site.
    BackupId,
    /// A queued piece of work.
    WorkId,
    /// A runner's hold on a job.
    LeaseId,
    /// A message to a person.
    NotificationId,
    /// A mail; its `Message-ID` is made from it.
    MailId,
    /// An entry of the audit trail.
    AuditId,
    /// A time in which an operator may sign in to a tenant's site; also the id of the temporary user there.
    SupportAccessId,
    /// An event as told to sockets; a receiver drops the second of the same id.
    EventId,
}

impl From<SupportAccessId> for UserId {
    /// The temporary user of an access: it is nobody's account.
    fn from(access: SupportAccessId) -> Self {
        Self(access.0)
    }
}
