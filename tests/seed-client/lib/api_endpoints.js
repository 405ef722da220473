// The guide's `api_endpoints.dart`.

export const ApiEndpoints = {
  // Auth
  register: '/auth/register',
  login: '/auth/login',
  refresh: '/auth/refresh',
  logout: '/auth/logout',
  me: '/auth/me',
  switchTenant: '/auth/switch-tenant',

  // Tenants
  tenants: '/tenants',
  currentTenant: '/tenants/current',
  tenantById: (id) => `/tenants/${id}`,
  tenantUsers: (id) => `/tenants/${id}/users`,
  inviteUser: (id) => `/tenants/${id}/users/invite`,
  updateUserRole: (tenantId, userId) => `/tenants/${tenantId}/users/${userId}`,

  // Billing
  plans: '/billing/plans',
  subscription: '/billing/subscription',
  checkout: '/billing/checkout',
  cancelSubscription: '/billing/cancel',
  invoices: '/billing/invoices',

  // Provisioning
  provisioningJobs: '/provisioning/jobs',
  provisioningJobById: (id) => `/provisioning/jobs/${id}`,
  retryJob: (id) => `/provisioning/jobs/${id}/retry`,
  cancelJob: (id) => `/provisioning/jobs/${id}/cancel`,

  // SSO
  ssoToken: '/sso/erpnext/token',
  ssoCallback: '/sso/erpnext/callback',
};
