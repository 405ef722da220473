// Every method of the guide's services that sends a request, for properties that hold for all of them.

import { PASSWORD, unique } from './device.js';
import { BillingPeriod, JobType } from './models.js';

const NOWHERE = '00000000-0000-7000-8000-000000000000';

const checkout = {
  planId: NOWHERE,
  billingPeriod: BillingPeriod.monthly,
  successUrl: 'https://app.erpmax.com/billing/success',
  cancelUrl: 'https://app.erpmax.com/billing/cancel',
};

/** The methods that need a signed-in person, as `[name, (device, tenantId) => Promise]`. */
export const signedInMethods = [
  ['AuthService.getCurrentUser', (device) => device.auth.getCurrentUser()],
  ['AuthService.switchTenant', (device, tenantId) => device.auth.switchTenant(tenantId)],
  ['TenantService.getTenants', (device) => device.tenants.getTenants()],
  ['TenantService.getCurrentTenant', (device) => device.tenants.getCurrentTenant()],
  ['TenantService.getTenantById', (device, tenantId) => device.tenants.getTenantById(tenantId)],
  ['TenantService.updateTenant', (device, tenantId) => device.tenants.updateTenant(tenantId, { name: 'Acme' })],
  ['TenantService.getTenantUsers', (device, tenantId) => device.tenants.getTenantUsers(tenantId)],
  [
    'TenantService.inviteUser',
    (device, tenantId) => device.tenants.inviteUser(tenantId, { email: `${unique('a')}@acme.example`, role: 'user' }),
  ],
  [
    'TenantService.updateUserRole',
    (device, tenantId) => device.tenants.updateUserRole(tenantId, NOWHERE, { role: 'admin' }),
  ],
  ['TenantService.removeUser', (device, tenantId) => device.tenants.removeUser(tenantId, NOWHERE)],
  ['BillingService.getSubscription', (device) => device.billing.getSubscription()],
  ['BillingService.createCheckout', (device) => device.billing.createCheckout(checkout)],
  ['BillingService.cancelSubscription', (device) => device.billing.cancelSubscription({ reason: 'A test' })],
  ['BillingService.getInvoices', (device) => device.billing.getInvoices()],
  ['ProvisioningService.getJobs', (device) => device.provisioning.getJobs()],
  ['ProvisioningService.getJobById', (device) => device.provisioning.getJobById(NOWHERE)],
  ['ProvisioningService.createJob', (device) => device.provisioning.createJob(JobType.backupSite)],
  ['ProvisioningService.retryJob', (device) => device.provisioning.retryJob(NOWHERE)],
  ['ProvisioningService.cancelJob', (device) => device.provisioning.cancelJob(NOWHERE)],
  ['SSOService.generateToken', (device) => device.sso.generateToken()],
  ['AuthService.logout', (device) => device.auth.logout()],
];

/** The methods that do not ask who calls; a bearer that happens to come along means nothing to them. */
export const openMethods = [
  [
    'AuthService.register',
    (device) =>
      device.auth.register({
        email: `${unique('owner')}@acme.example`,
        password: PASSWORD,
        fullName: 'Acme Owner',
        companyName: unique('Acme'),
      }),
  ],
  ['AuthService.login', (device) => device.auth.login({ email: device.email, password: PASSWORD })],
  ['BillingService.getPlans', (device) => device.billing.getPlans()],
];
