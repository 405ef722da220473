// A phone with the guide's app on it: one secure storage, one client, every service. And the people who hold it.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach } from 'node:test';

import { ApiClient } from './api_client.js';
import { DioException, loopsMet } from './dio.js';
import { eventually } from './eventually.js';
import { ApiResponse, JobType } from './models.js';
import { RealtimeService } from './realtime_service.js';
import { Recorder } from './recorder.js';
import { SecureStorage } from './secure_storage.js';
import { AuthService } from './services/auth_service.js';
import { BillingService } from './services/billing_service.js';
import { ProvisioningService } from './services/provisioning_service.js';
import { SSOService } from './services/sso_service.js';
import { TenantService } from './services/tenant_service.js';

export const PASSWORD = 'SecurePass123';

// `logout` swallows every exception, so loops are looked for after each test as well.
afterEach(() => assert.deepEqual(loopsMet.splice(0), [], 'the client fell into the refresh loop'));

/** A word that no other test uses. */
export const unique = (word) => `${word}-${randomBytes(5).toString('hex')}`;

export class Device {
  constructor(server) {
    this.server = server;
    this.storage = new SecureStorage();
    this.client = new ApiClient({ baseUrl: server.api, storage: this.storage });
    this.auth = new AuthService({ client: this.client, storage: this.storage });
    this.tenants = new TenantService({ client: this.client });
    this.billing = new BillingService({ client: this.client });
    this.provisioning = new ProvisioningService({ client: this.client });
    this.sso = new SSOService({ client: this.client });
  }

  get accessToken() {
    return this.storage.values.get('access_token') ?? null;
  }

  get refreshToken() {
    return this.storage.values.get('refresh_token') ?? null;
  }

  /** Puts tokens into the storage, as a device does that kept them from an earlier day. */
  keep({ accessToken, refreshToken }) {
    this.storage.values.set('access_token', accessToken);
    this.storage.values.set('refresh_token', refreshToken);
  }

  /** Runs `call` and gives the statuses of all exchanges that it caused, with its result or exception. */
  async watched(call) {
    this.client._dio.exchanges.length = 0;
    const outcome = await call().then(
      (result) => ({ result, error: null }),
      (error) => ({ result: null, error }),
    );
    return { ...outcome, statuses: this.client._dio.exchanges.map((exchange) => exchange.status) };
  }

  /** The app's realtime service, connected, with a recorder on its socket. */
  async connect(t) {
    const realtime = new RealtimeService({ baseUrl: this.server.realtime, storage: this.storage });
    await realtime.connect();
    const recorder = new Recorder(realtime._socket);
    t.after(() => realtime.disconnect());
    return { realtime, recorder };
  }

  /** Logs the same person in on another device. */
  async another() {
    const device = new Device(this.server);
    device.email = this.email;
    device.session = await device.auth.login({ email: this.email, password: PASSWORD });
    device.tenantId = device.session.currentTenant.id;
    return device;
  }
}

/** Registers a person with a company of their own. */
export async function register(server, { email = `${unique('owner')}@acme.example`, company = unique('Acme') } = {}) {
  const device = new Device(server);
  device.email = email;
  device.company = company;
  device.session = await device.auth.register({
    email,
    password: PASSWORD,
    fullName: 'Acme Owner',
    companyName: company,
  });
  device.userId = device.session.user.id;
  device.tenantId = device.session.currentTenant.id;
  return device;
}

/** Registers a person, makes them a member of the owner's tenant, and switches their session to it. */
export async function join(owner, role = 'user') {
  const device = await register(owner.server, { email: `${unique(role)}@acme.example` });
  device.ownTenantId = device.tenantId;
  await owner.tenants.inviteUser(owner.tenantId, { email: device.email, role });
  await device.auth.switchTenant(owner.tenantId);
  device.tenantId = owner.tenantId;
  return device;
}

/** Reads the job until it ended. */
export function ended(device, jobId) {
  return eventually(`the end of job ${jobId}`, async () => {
    const job = await device.provisioning.getJobById(jobId);
    return job.status === 'completed' || job.status === 'failed' ? job : null;
  });
}

/** Runs a job of `type` to its successful end. */
export async function completed(device, type = JobType.createSite) {
  const job = await device.provisioning.createJob(type);
  const last = await ended(device, job.id);
  assert.equal(last.status, 'completed', `${type}: ${last.error}`);
  return last;
}

/** Asserts that `call` is refused with this status and code, in the envelope; gives the guide's `ApiError`. */
export async function refused(call, status, code) {
  const error = await call.then(
    () => assert.fail(`expected ${status} ${code}, but the call succeeded`),
    (thrown) => thrown,
  );
  assert.ok(error instanceof DioException, `expected ${status} ${code}, got ${error.stack}`);
  const answer = error.response && ApiResponse.fromJson(error.response.data);
  const got = `${error.response?.statusCode} ${answer?.error?.code}: ${answer?.error?.message ?? error.message}`;
  assert.equal(error.response?.statusCode, status, got);
  assert.equal(answer.status, 'error', got);
  assert.equal(answer.data, null, 'an error carries no data');
  assert.equal(answer.error.code, code, got);
  return answer.error;
}

/** Asserts a 422 whose `details` name exactly the field that is wrong, with sentences for a person. */
export async function invalid(call, field) {
  const { details } = await refused(call, 422, 'validation_failed');
  assert.ok(details && Object.hasOwn(details, field), `details do not name ${field}: ${JSON.stringify(details)}`);
  assert.ok(details[field].length > 0 && details[field].every((text) => typeof text === 'string' && text !== ''));
}
