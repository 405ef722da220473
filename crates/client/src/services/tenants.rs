//! Companies and their members (guide §3, `tenant_service.dart`).

use erpmax_types::api_keys::{ApiKey, ApiKeyCreated, CreateApiKey};
use erpmax_types::audit::{AuditEvent, AuditFilter};
use erpmax_types::envelope::Done;
use erpmax_types::operator::SupportAccess;
use erpmax_types::tenants::{
    Invitation, InviteUser, OpenInvitation, Tenant, TenantUser, TransferOwnership, UpdateRole, UpdateTenant,
};
use erpmax_types::users::Role;
use erpmax_types::{ApiKeyId, InvitationId, SupportAccessId, TenantId, UserId};

use super::service;
use crate::call::Call;
use crate::{Download, Keyed, Pages, Result, endpoints};

service! {
    /// Companies and their members.
    ///
    /// ```no_run
    /// # async fn example(client: erpmax_client::ApiClient) -> erpmax_client::Result<()> {
    /// use erpmax_client::types::users::Role;
    ///
    /// let acme = client.tenants().current().await?;
    /// client.tenants().invite(acme.id, "accountant@acme.example", Role::User).await?;
    /// for member in client.tenants().users(acme.id).await?.items {
    ///     println!("{} ({})", member.full_name, member.role);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Tenants
}

impl Tenants {
    /// All tenants of the person.
    pub fn list(&self) -> Pages<Vec<Tenant>> {
        Pages::of(self.client.call(&endpoints::TENANTS))
    }

    /// The session's tenant.
    pub async fn current(&self) -> Result<Tenant> {
        self.client.call(&endpoints::CURRENT_TENANT).send().await
    }

    /// One tenant.
    pub async fn get(&self, tenant: TenantId) -> Result<Tenant> {
        self.client.call(&endpoints::TENANT).at(tenant).send().await
    }

    /// Changes name or settings; what is none stays.
    pub async fn update(&self, tenant: TenantId, update: &UpdateTenant) -> Result<Tenant> {
        self.client.call(&endpoints::UPDATE_TENANT).at(tenant).json(update).send().await
    }

    /// The members.
    pub fn users(&self, tenant: TenantId) -> Pages<Vec<TenantUser>> {
        Pages::of(self.client.call(&endpoints::TENANT_USERS).at(tenant))
    }

    /// Invites a person by e-mail.
    pub fn invite(&self, tenant: TenantId, email: &str, role: Role) -> Keyed<Invitation> {
        let invite = InviteUser { email: email.to_owned(), role: role.to_string() };
        Keyed::of(self.client.call(&endpoints::INVITE).at(tenant).json(&invite))
    }

    /// The invitations that are neither accepted nor taken back.
    pub fn invitations(&self, tenant: TenantId) -> Pages<Vec<OpenInvitation>> {
        Pages::of(self.client.call(&endpoints::INVITATIONS).at(tenant))
    }

    /// Sends an invitation again, with a new link and as one's own.
    pub async fn resend_invitation(&self, tenant: TenantId, invitation: InvitationId) -> Result<Invitation> {
        self.client.call(&endpoints::RESEND_INVITATION).at(tenant).at(invitation).send().await
    }

    /// Takes an invitation back.
    pub async fn revoke_invitation(&self, tenant: TenantId, invitation: InvitationId) -> Result<Done> {
        self.client.call(&endpoints::REVOKE_INVITATION).at(tenant).at(invitation).send().await
    }

    /// Hands the company over to a member; the caller shows the password and becomes an admin.
    pub async fn transfer(&self, tenant: TenantId, to: UserId, password: &str) -> Result<TenantUser> {
        let transfer = TransferOwnership { user_id: to.to_string(), password: password.to_owned() };
        self.client.call(&endpoints::TRANSFER).at(tenant).json(&transfer).send().await
    }

    /// Gives a member another role.
    pub async fn change_role(&self, tenant: TenantId, user: UserId, role: Role) -> Result<TenantUser> {
        let update = UpdateRole { role: role.to_string() };
        self.client.call(&endpoints::CHANGE_ROLE).at(tenant).at(user).json(&update).send().await
    }

    /// Removes a member; oneself, to leave.
    pub async fn remove_user(&self, tenant: TenantId, user: UserId) -> Result<Done> {
        self.client.call(&endpoints::REMOVE_USER).at(tenant).at(user).send().await
    }

    /// The audit trail, newest first.
    pub fn audit(&self, tenant: TenantId, filter: &AuditFilter) -> Pages<Vec<AuditEvent>> {
        Pages::of(narrowed(self.client.call(&endpoints::AUDIT).at(tenant), filter))
    }

    /// The audit trail as a CSV file.
    pub async fn audit_export(&self, tenant: TenantId, filter: &AuditFilter) -> Result<Download> {
        narrowed(self.client.call(&endpoints::AUDIT_EXPORT).at(tenant), filter).carry_out().await
    }

    /// The API keys of the tenant's programs.
    pub fn api_keys(&self, tenant: TenantId) -> Pages<Vec<ApiKey>> {
        Pages::of(self.client.call(&endpoints::API_KEYS).at(tenant))
    }

    /// Makes an API key; it is shown this one time.
    pub fn create_api_key(&self, tenant: TenantId, create: &CreateApiKey) -> Keyed<ApiKeyCreated> {
        Keyed::of(self.client.call(&endpoints::CREATE_API_KEY).at(tenant).json(create))
    }

    /// Ends an API key at once.
    pub async fn revoke_api_key(&self, tenant: TenantId, key: ApiKeyId) -> Result<Done> {
        self.client.call(&endpoints::REVOKE_API_KEY).at(tenant).at(key).send().await
    }

    /// When support was in the site, who and why.
    pub fn support_accesses(&self, tenant: TenantId) -> Pages<Vec<SupportAccess>> {
        Pages::of(self.client.call(&endpoints::SUPPORT_ACCESSES).at(tenant))
    }

    /// Sends support out of the site.
    pub async fn end_support_access(&self, tenant: TenantId, access: SupportAccessId) -> Result<SupportAccess> {
        self.client.call(&endpoints::END_SUPPORT_ACCESS).at(tenant).at(access).send().await
    }
}

pub(super) fn narrowed(call: Call, filter: &AuditFilter) -> Call {
    call.query_if("action", filter.action.as_ref())
        .query_if("actor", filter.actor)
        .query_if("from", filter.from)
        .query_if("until", filter.until)
}
