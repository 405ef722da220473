// AuthService: register, login, logout, the current user, switching tenants.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Device, PASSWORD, invalid, join, refused, register, unique } from '../lib/device.js';
import { raw } from '../lib/raw.js';
import { sharedServer } from '../lib/server.js';

const NOBODY = '00000000-0000-7000-8000-000000000000';
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let server;
before(async () => {
  server = await sharedServer();
});
after(() => server.stop());

const details = (changes) => ({
  email: `${unique('owner')}@acme.example`,
  password: PASSWORD,
  fullName: 'Acme Owner',
  companyName: unique('Acme'),
  ...changes,
});

describe('register', () => {
  test('a new company gets an owner, a pending tenant and tokens that work', async () => {
    const device = new Device(server);
    const wanted = details({ companyName: 'Acme & Sons' });
    const response = await device.auth.register(wanted);
    assert.match(response.user.id, UUID_V7);
    assert.equal(response.user.email, wanted.email);
    assert.equal(response.user.fullName, 'Acme Owner');
    assert.equal(response.user.isActive, true);
    assert.equal(response.user.isSuperuser, false);
    assert.equal(response.currentTenant.name, 'Acme & Sons');
    assert.equal(response.currentTenant.status, 'pending');
    assert.equal(response.currentTenant.erpnextSiteUrl, null);
    assert.match(response.currentTenant.slug, /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/);
    const [tenant, ...others] = response.tenants;
    assert.deepEqual(others, []);
    assert.deepEqual(tenant, {
      tenantId: response.currentTenant.id,
      tenantName: 'Acme & Sons',
      role: 'owner',
      isDefault: true,
    });
    assert.equal(device.accessToken, response.accessToken);
    assert.equal((await device.auth.getCurrentUser()).user.id, response.user.id);
  });

  test('it answers 201', async () => {
    const device = new Device(server);
    const { statuses } = await device.watched(() => device.auth.register(details()));
    assert.deepEqual(statuses, [201]);
  });

  test('a Cyrillic company gets a Latin slug, and two of one name get two', async () => {
    const first = await register(server, { company: 'Рога та копита' });
    const second = await register(server, { company: 'Рога та копита' });
    const slugs = [first, second].map((device) => device.session.currentTenant.slug);
    for (const slug of slugs) assert.match(slug, /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/);
    assert.notEqual(slugs[0], slugs[1]);
    assert.equal(first.session.currentTenant.name, 'Рога та копита');
  });

  test('a taken address is told, in any case of its letters', async () => {
    const owner = await register(server);
    const email = owner.email.toUpperCase();
    await refused(new Device(server).auth.register(details({ email })), 409, 'email_taken');
  });

  test('each wrong field is named in the details', async () => {
    const attempt = (changes) => new Device(server).auth.register(details(changes));
    await invalid(attempt({ email: 'not an address' }), 'email');
    await invalid(attempt({ password: 'short' }), 'password');
    await invalid(attempt({ password: 'x'.repeat(129) }), 'password');
    await invalid(attempt({ password: 'password123' }), 'password');
    await invalid(attempt({ fullName: '' }), 'full_name');
    await invalid(attempt({ companyName: 'x'.repeat(141) }), 'company_name');
    await invalid(attempt({ companyName: 'two\nlines' }), 'company_name');
  });

  test('several wrong fields are told at once', async () => {
    const attempt = new Device(server).auth.register(details({ email: 'nobody', password: 'x' }));
    const error = await refused(attempt, 422, 'validation_failed');
    assert.deepEqual(Object.keys(error.details).sort(), ['email', 'password']);
  });

  test('a refused registration stores nothing on the device', async () => {
    const device = new Device(server);
    await invalid(device.auth.register(details({ email: 'nobody' })), 'email');
    assert.equal(await device.auth.isAuthenticated(), false);
  });
});

describe('login', () => {
  test('a known person signs in, in any case of the address', async () => {
    const owner = await register(server);
    const device = new Device(server);
    const response = await device.auth.login({ email: owner.email.toUpperCase(), password: PASSWORD });
    assert.equal(response.user.id, owner.userId);
    assert.equal(response.currentTenant.id, owner.tenantId);
    assert.equal(response.tenants.length, 1);
    assert.equal(await device.auth.isAuthenticated(), true);
  });

  test('a wrong password and an unknown address get the same answer', async () => {
    const owner = await register(server);
    const attempt = (email) =>
      refused(new Device(server).auth.login({ email, password: 'WrongPass123' }), 401, 'invalid_credentials');
    assert.deepEqual(await attempt(owner.email), await attempt(`${unique('nobody')}@acme.example`));
  });

  test('a missing password is a wrong field, not a wrong password', async () => {
    const owner = await register(server);
    await invalid(new Device(server).auth.login({ email: owner.email, password: '' }), 'password');
  });
});

describe('logout', () => {
  test('it empties the device, also when nobody is signed in', async () => {
    const owner = await register(server);
    await owner.auth.logout();
    assert.equal(owner.storage.values.size, 0);
    assert.equal(await owner.auth.isAuthenticated(), false);
    await owner.auth.logout();
    await refused(owner.auth.getCurrentUser(), 401, 'unauthorized');
  });

  test('it ends this session and no other one of the person', async () => {
    const owner = await register(server);
    const other = await owner.another();
    await owner.auth.logout();
    assert.equal((await other.auth.getCurrentUser()).user.id, owner.userId);
  });
});

describe('getCurrentUser', () => {
  test('it gives the person and all their tenants', async () => {
    const owner = await register(server);
    const member = await join(owner, 'admin');
    const { user, tenants } = await member.auth.getCurrentUser();
    assert.equal(user.id, member.userId);
    const roles = Object.fromEntries(tenants.map((tenant) => [tenant.tenantId, tenant.role]));
    assert.deepEqual(roles, { [member.ownTenantId]: 'owner', [owner.tenantId]: 'admin' });
    assert.equal(tenants.filter((tenant) => tenant.isDefault).length, 1);
  });

  test('without a sign-in it is 401, once', async () => {
    const device = new Device(server);
    const { error, statuses } = await device.watched(() => device.auth.getCurrentUser());
    await refused(Promise.reject(error), 401, 'unauthorized');
    assert.deepEqual(statuses, [401]);
  });
});

describe('switchTenant', () => {
  test('new tokens speak for the other tenant', async () => {
    const owner = await register(server);
    const member = await join(owner);
    assert.equal((await member.tenants.getCurrentTenant()).id, owner.tenantId);
    const response = await member.auth.switchTenant(member.ownTenantId);
    assert.equal(response.tenant.id, member.ownTenantId);
    assert.equal(member.accessToken, response.accessToken);
    assert.equal((await member.tenants.getCurrentTenant()).id, member.ownTenantId);
  });

  test('a token of the tenant before is cured by one refresh', async () => {
    const owner = await register(server);
    const member = await join(owner);
    const before = member.accessToken;
    await member.auth.switchTenant(member.ownTenantId);
    const stale = await raw(server, 'GET', '/tenants/current', { token: before });
    assert.deepEqual([stale.status, stale.json.error.code], [401, 'token_expired']);

    member.keep({ accessToken: before, refreshToken: member.refreshToken });
    const { result, statuses } = await member.watched(() => member.tenants.getCurrentTenant());
    assert.deepEqual(statuses, [401, 200, 200]);
    assert.equal(result.id, member.ownTenantId);
  });

  test('it moves this session only', async () => {
    const owner = await register(server);
    const member = await join(owner);
    const other = await member.another();
    const here = await other.tenants.getCurrentTenant();
    await member.auth.switchTenant(here.id === owner.tenantId ? member.ownTenantId : owner.tenantId);
    assert.equal((await other.tenants.getCurrentTenant()).id, here.id);
  });

  test('a foreign tenant looks like one that does not exist', async () => {
    const [owner, stranger] = [await register(server), await register(server)];
    const foreign = await refused(stranger.auth.switchTenant(owner.tenantId), 404, 'not_found');
    const unknown = await refused(stranger.auth.switchTenant(NOBODY), 404, 'not_found');
    assert.deepEqual(foreign, unknown);
    assert.equal((await stranger.tenants.getCurrentTenant()).id, stranger.tenantId);
  });
});

test('trap 3: a wrong password while tokens are stored is 400 and does not loop', async () => {
  const owner = await register(server);
  const attempt = () => owner.auth.login({ email: owner.email, password: 'WrongPass123' });
  const { error, statuses } = await owner.watched(attempt);
  assert.deepEqual(statuses, [400]);
  await refused(Promise.reject(error), 400, 'invalid_credentials');
  assert.equal(await owner.auth.isAuthenticated(), true, 'the sign-in that was there stays');

  owner.keep({ accessToken: 'not.a.token', refreshToken: owner.refreshToken });
  const withGarbage = await owner.watched(attempt);
  assert.deepEqual(withGarbage.statuses, [400]);

  const fresh = new Device(server);
  const withoutBearer = await fresh.watched(() => fresh.auth.login({ email: owner.email, password: 'WrongPass123' }));
  assert.deepEqual(withoutBearer.statuses, [401]);
});

test('trap 4: logout has no body, ends the refresh family and stops the access token at once', async () => {
  const owner = await register(server);
  const { accessToken, refreshToken } = owner;
  const { statuses } = await owner.watched(() => owner.auth.logout());
  assert.deepEqual(statuses, [200]);

  const access = await raw(server, 'GET', '/auth/me', { token: accessToken });
  assert.equal(access.status, 401);
  const refresh = await raw(server, 'POST', '/auth/refresh', { body: { refresh_token: refreshToken } });
  assert.deepEqual([refresh.status, refresh.json.error.code], [400, 'invalid_grant']);

  owner.keep({ accessToken, refreshToken });
  const ghost = await owner.watched(() => owner.auth.getCurrentUser());
  assert.deepEqual(ghost.statuses, [401, 400], 'one try to refresh, then the client signs out');
  assert.equal(owner.storage.values.size, 0);
});

test('trap 8: GET /auth/me has the user nested and flat, the tenants, and the current tenant', async () => {
  const owner = await register(server);
  const { json } = await raw(server, 'GET', '/auth/me', { token: owner.accessToken });
  const { user, tenants, current_tenant: currentTenant, ...flat } = json.data;
  assert.equal(user.id, owner.userId);
  assert.equal(tenants.length, 1);
  assert.equal(currentTenant.id, owner.tenantId);
  for (const [field, value] of Object.entries(user)) assert.deepEqual(flat[field], value, field);
});
