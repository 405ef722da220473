// The guide's models (§2, §3 and §6), decoded as strictly as json_serializable's generated code decodes them.

import {
  asBool,
  asDouble,
  asInt,
  asList,
  asListOfStrings,
  asMap,
  asString,
  at,
  enumDecode,
  nullable,
  parseDateTime,
  toDouble,
} from './dart.js';

const sameWords = (...names) => Object.fromEntries(names.map((name) => [name, name]));

const TenantStatus = sameWords('pending', 'provisioning', 'active', 'suspended', 'cancelled');
const SubscriptionStatus = {
  trial: 'trial',
  active: 'active',
  past_due: 'pastDue',
  cancelled: 'cancelled',
  expired: 'expired',
};
const BillingPeriodWords = sameWords('monthly', 'yearly');
const JobStatus = sameWords('pending', 'running', 'completed', 'failed');
const JobTypeWords = { create_site: 'createSite', delete_site: 'deleteSite', backup_site: 'backupSite' };

/** The values of the guide's `enum BillingPeriod`. A value is its own Dart `name`. */
export const BillingPeriod = { monthly: 'monthly', yearly: 'yearly' };

/** The values of the guide's `enum JobType`. A value is its own Dart `name`. */
export const JobType = { createSite: 'createSite', deleteSite: 'deleteSite', backupSite: 'backupSite' };

const nullableString = nullable(asString);
const nullableTime = nullable(parseDateTime);

export const User = {
  fromJson: (json) => ({
    id: asString(json.id),
    email: asString(json.email),
    fullName: asString(json.full_name),
    isActive: asBool(json.is_active),
    isSuperuser: asBool(json.is_superuser),
    createdAt: parseDateTime(json.created_at),
    updatedAt: parseDateTime(json.updated_at),
  }),
};

export const UserTenant = {
  fromJson: (json) => ({
    tenantId: asString(json.tenant_id),
    tenantName: asString(json.tenant_name),
    role: asString(json.role),
    isDefault: asBool(json.is_default),
  }),
};

export const Tenant = {
  fromJson: (json) => ({
    id: asString(json.id),
    name: asString(json.name),
    slug: asString(json.slug),
    status: enumDecode(TenantStatus, json.status),
    erpnextSiteUrl: nullableString(json.erpnext_site_url),
    settings: nullable(asMap)(json.settings),
    createdAt: parseDateTime(json.created_at),
    updatedAt: parseDateTime(json.updated_at),
  }),
};

export const Plan = {
  fromJson: (json) => ({
    id: asString(json.id),
    name: asString(json.name),
    slug: asString(json.slug),
    description: nullableString(json.description),
    priceMonthly: asDouble(json.price_monthly),
    priceYearly: asDouble(json.price_yearly),
    currency: asString(json.currency),
    limits: asMap(json.limits),
    features: asListOfStrings(json.features),
    isActive: asBool(json.is_active),
    sortOrder: asInt(json.sort_order),
  }),
};

export const Subscription = {
  fromJson: (json) => ({
    id: asString(json.id),
    tenantId: asString(json.tenant_id),
    planId: asString(json.plan_id),
    status: enumDecode(SubscriptionStatus, json.status),
    billingPeriod: enumDecode(BillingPeriodWords, json.billing_period),
    trialEndsAt: nullableTime(json.trial_ends_at),
    currentPeriodStart: parseDateTime(json.current_period_start),
    currentPeriodEnd: parseDateTime(json.current_period_end),
    cancelledAt: nullableTime(json.cancelled_at),
    plan: nullable((plan) => Plan.fromJson(asMap(plan)))(json.plan),
  }),
};

export const ProvisioningJob = {
  fromJson: (json) => ({
    id: asString(json.id),
    tenantId: asString(json.tenant_id),
    status: enumDecode(JobStatus, json.status),
    jobType: enumDecode(JobTypeWords, json.job_type),
    progress: asInt(json.progress),
    message: nullableString(json.message),
    error: nullableString(json.error),
    startedAt: nullableTime(json.started_at),
    completedAt: nullableTime(json.completed_at),
    createdAt: parseDateTime(json.created_at),
  }),
};

export const TenantUser = {
  fromJson: (json) => ({
    userId: asString(json.user_id),
    email: asString(json.email),
    fullName: asString(json.full_name),
    role: asString(json.role),
    isDefault: asBool(json.is_default),
    joinedAt: parseDateTime(json.joined_at),
  }),
};

export const CheckoutResponse = {
  fromJson: (json) => ({
    checkoutUrl: asString(json.checkout_url),
    sessionId: asString(json.session_id),
  }),
};

export const PaymentEvent = {
  fromJson: (json) => ({
    id: asString(json.id),
    eventType: asString(json.event_type),
    amount: toDouble(json.amount),
    currency: asString(json.currency),
    createdAt: parseDateTime(json.created_at),
  }),
};

export const SSOTokenResponse = {
  fromJson: (json) => ({
    ssoUrl: asString(json.sso_url),
    token: asString(json.token),
    expiresAt: parseDateTime(json.expires_at),
  }),
};

/** `(json as List).map((t) => Model.fromJson(t)).toList()`. */
export const listOf = (model, json) => asList(json).map((item) => model.fromJson(asMap(item)));

export const AuthResponse = {
  fromJson: (json) => ({
    accessToken: asString(json.access_token),
    refreshToken: asString(json.refresh_token),
    user: User.fromJson(asMap(json.user)),
    tenants: listOf(UserTenant, json.tenants),
    currentTenant: Tenant.fromJson(asMap(json.current_tenant)),
  }),
};

export const UserWithTenants = {
  fromJson: (json) => ({
    user: User.fromJson(asMap(json.user)),
    tenants: listOf(UserTenant, json.tenants),
  }),
};

export const SwitchTenantResponse = {
  fromJson: (json) => ({
    accessToken: asString(json.access_token),
    refreshToken: asString(json.refresh_token),
    tenant: Tenant.fromJson(asMap(json.tenant)),
  }),
};

export const ApiError = {
  fromJson: (json) => ({
    message: asString(json.message),
    code: nullableString(json.code),
    details: nullable(asMap)(json.details),
  }),
};

export const PaginationInfo = {
  fromJson: (json) => ({
    total: asInt(json.total),
    page: asInt(json.page),
    size: asInt(json.size),
    pages: asInt(json.pages),
  }),
};

/** The guide's envelope (§6): `status`, and `data`, `error` and `pagination` where they apply. */
export const ApiResponse = {
  fromJson: (json) => ({
    status: asString(at(json, 'status')),
    data: at(json, 'data'),
    error: nullable((error) => ApiError.fromJson(asMap(error)))(at(json, 'error')),
    pagination: nullable((page) => PaginationInfo.fromJson(asMap(page)))(at(json, 'pagination')),
    isSuccess: json.status === 'success',
  }),
};
