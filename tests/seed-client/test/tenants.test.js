// TenantService: tenants, their members, invitations and roles.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Device, invalid, join, refused, register, unique } from '../lib/device.js';
import { eventually } from '../lib/eventually.js';
import { ApiResponse } from '../lib/models.js';
import { raw } from '../lib/raw.js';
import { listen } from '../lib/recorder.js';
import { sharedServer } from '../lib/server.js';

const NOWHERE = '00000000-0000-7000-8000-000000000000';

let server;
before(async () => {
  server = await sharedServer();
});
after(() => server.stop());

const rolesOf = async (owner) => {
  const users = await owner.tenants.getTenantUsers(owner.tenantId);
  return Object.fromEntries(users.map((user) => [user.userId, user.role]));
};

describe('getTenants', () => {
  test('it lists the tenants of the person and no other', async () => {
    const owner = await register(server);
    const member = await join(owner);
    const ids = (await member.tenants.getTenants()).map((tenant) => tenant.id);
    assert.deepEqual(ids.sort(), [member.ownTenantId, owner.tenantId].sort());
    assert.deepEqual(
      (await owner.tenants.getTenants()).map((tenant) => tenant.id),
      [owner.tenantId],
    );
  });

  test('pages have the asked size, and a page past the end is empty', async () => {
    const owner = await register(server);
    const member = await join(owner);
    const first = await member.tenants.getTenants({ page: 1, size: 1 });
    const second = await member.tenants.getTenants({ page: 2, size: 1 });
    assert.deepEqual([first.length, second.length], [1, 1]);
    assert.notEqual(first[0].id, second[0].id);
    assert.deepEqual(await member.tenants.getTenants({ page: 9 }), []);
  });

  test('the envelope carries the pagination', async () => {
    const owner = await register(server);
    const member = await join(owner);
    const { json } = await raw(server, 'GET', '/tenants?page=2&size=1', { token: member.accessToken });
    assert.deepEqual(ApiResponse.fromJson(json).pagination, { total: 2, page: 2, size: 1, pages: 2 });
    const { json: usual } = await raw(server, 'GET', '/tenants', { token: member.accessToken });
    assert.deepEqual(usual.pagination, { total: 2, page: 1, size: 20, pages: 1 });
  });
});

describe('getCurrentTenant and getTenantById', () => {
  test('both give the same tenant', async () => {
    const owner = await register(server);
    assert.deepEqual(await owner.tenants.getCurrentTenant(), await owner.tenants.getTenantById(owner.tenantId));
  });

  test('a tenant of the person is found by id while another one is current', async () => {
    const owner = await register(server);
    const member = await join(owner);
    assert.equal((await member.tenants.getTenantById(member.ownTenantId)).id, member.ownTenantId);
  });

  test('a foreign tenant answers exactly like one that does not exist', async () => {
    const [owner, stranger] = [await register(server), await register(server)];
    const foreign = await refused(stranger.tenants.getTenantById(owner.tenantId), 404, 'not_found');
    const unknown = await refused(stranger.tenants.getTenantById(NOWHERE), 404, 'not_found');
    assert.deepEqual(foreign, unknown);
    await refused(stranger.tenants.getTenantById('not-an-id'), 404, 'not_found');
  });
});

describe('updateTenant', () => {
  test('name and settings change, each alone', async () => {
    const owner = await register(server);
    const renamed = await owner.tenants.updateTenant(owner.tenantId, { name: 'Acme Trading' });
    assert.equal(renamed.name, 'Acme Trading');
    assert.equal(renamed.slug, owner.session.currentTenant.slug, 'the slug stays');
    const set = await owner.tenants.updateTenant(owner.tenantId, { settings: { language: 'uk' } });
    assert.equal(set.name, 'Acme Trading');
    assert.deepEqual(set.settings, { language: 'uk' });
    assert.ok(set.updatedAt >= renamed.updatedAt);
    assert.deepEqual(await owner.tenants.getCurrentTenant(), set);
  });

  test('an admin may, a user may not', async () => {
    const owner = await register(server);
    const [admin, user] = [await join(owner, 'admin'), await join(owner, 'user')];
    assert.equal((await admin.tenants.updateTenant(owner.tenantId, { name: 'Acme East' })).name, 'Acme East');
    await refused(user.tenants.updateTenant(owner.tenantId, { name: 'Mine' }), 403, 'forbidden');
  });

  test('a bad name and oversized or deep settings are refused', async () => {
    const owner = await register(server);
    const update = (changes) => owner.tenants.updateTenant(owner.tenantId, changes);
    await invalid(update({ name: '' }), 'name');
    await invalid(update({ name: 'x'.repeat(141) }), 'name');
    await invalid(update({ settings: { note: 'x'.repeat(17 * 1024) } }), 'settings');
    await invalid(update({ settings: { a: { b: { c: { d: { e: { f: 1 } } } } } } }), 'settings');
  });

  test('a foreign tenant is not found', async () => {
    const [owner, stranger] = [await register(server), await register(server)];
    await refused(stranger.tenants.updateTenant(owner.tenantId, { name: 'Mine' }), 404, 'not_found');
  });
});

describe('getTenantUsers', () => {
  test('owner and admin see every member', async () => {
    const owner = await register(server);
    const admin = await join(owner, 'admin');
    const users = await admin.tenants.getTenantUsers(owner.tenantId);
    const seen = users.map((user) => [user.email, user.role, user.fullName]);
    assert.deepEqual(
      seen.sort(),
      [
        [admin.email, 'admin', 'Acme Owner'],
        [owner.email, 'owner', 'Acme Owner'],
      ].sort(),
    );
    const [page] = await admin.tenants.getTenantUsers(owner.tenantId, { page: 2, size: 1 });
    assert.ok(users.some((user) => user.userId === page.userId));
  });

  test('a user may not list, and a stranger does not find', async () => {
    const owner = await register(server);
    const [user, stranger] = [await join(owner), await register(server)];
    await refused(user.tenants.getTenantUsers(owner.tenantId), 403, 'forbidden');
    await refused(stranger.tenants.getTenantUsers(owner.tenantId), 404, 'not_found');
  });
});

describe('inviteUser', () => {
  test('the word member means user', async () => {
    const owner = await register(server);
    const member = await join(owner, 'member');
    assert.equal((await rolesOf(owner))[member.userId], 'user');
  });

  test('wrong address, unknown role and a second invitation of a member are refused', async () => {
    const owner = await register(server);
    const member = await join(owner);
    const invite = (email, role) => owner.tenants.inviteUser(owner.tenantId, { email, role });
    await invalid(invite('nobody', 'user'), 'email');
    await invalid(invite(`${unique('user')}@acme.example`, 'emperor'), 'role');
    await refused(invite(member.email, 'user'), 409, 'already_a_member');
  });

  test('an admin invites users, a user invites nobody, a stranger does not find', async () => {
    const owner = await register(server);
    const [admin, stranger] = [await join(owner, 'admin'), await register(server)];
    const email = () => `${unique('user')}@acme.example`;
    await admin.tenants.inviteUser(owner.tenantId, { email: email(), role: 'user' });
    const user = await join(await register(server));
    await refused(user.tenants.inviteUser(user.tenantId, { email: email(), role: 'user' }), 403, 'forbidden');
    await refused(stranger.tenants.inviteUser(owner.tenantId, { email: email(), role: 'user' }), 404, 'not_found');
  });

  test('ownership cannot be given by invitation', async () => {
    const owner = await register(server);
    const invite = owner.tenants.inviteUser(owner.tenantId, { email: `${unique('user')}@acme.example`, role: 'owner' });
    await assert.rejects(invite, ({ response }) => [403, 422].includes(response.statusCode));
  });

  test('a trial has room for three people', async () => {
    const owner = await register(server);
    await join(owner);
    await join(owner);
    const fourth = await register(server);
    const invite = owner.tenants.inviteUser(owner.tenantId, { email: fourth.email, role: 'user' });
    await refused(invite, 403, 'plan_limit_reached');
  });
});

describe('updateUserRole', () => {
  test('the owner makes a user an admin and back', async () => {
    const owner = await register(server);
    const member = await join(owner);
    await owner.tenants.updateUserRole(owner.tenantId, member.userId, { role: 'admin' });
    assert.equal((await rolesOf(owner))[member.userId], 'admin');
    assert.equal((await member.tenants.getTenantUsers(owner.tenantId)).length, 2, 'the new role works at once');
    await owner.tenants.updateUserRole(owner.tenantId, member.userId, { role: 'user' });
    await refused(member.tenants.getTenantUsers(owner.tenantId), 403, 'forbidden');
  });

  test('only an owner may, and a role has to be one', async () => {
    const owner = await register(server);
    const [admin, user] = [await join(owner, 'admin'), await join(owner)];
    const promote = (device) => device.tenants.updateUserRole(owner.tenantId, user.userId, { role: 'admin' });
    await refused(promote(admin), 403, 'forbidden');
    await refused(promote(user), 403, 'forbidden');
    await invalid(owner.tenants.updateUserRole(owner.tenantId, user.userId, { role: 'emperor' }), 'role');
  });

  test('an unknown member is not found, and the last owner stays one', async () => {
    const owner = await register(server);
    await refused(owner.tenants.updateUserRole(owner.tenantId, NOWHERE, { role: 'admin' }), 404, 'not_found');
    const demotion = owner.tenants.updateUserRole(owner.tenantId, owner.userId, { role: 'user' });
    await refused(demotion, 409, 'conflict');
  });
});

describe('removeUser', () => {
  test('a removed member loses the tenant on the next request, without a loop', async () => {
    const owner = await register(server);
    const member = await join(owner);
    await owner.tenants.removeUser(owner.tenantId, member.userId);
    assert.deepEqual(Object.keys(await rolesOf(owner)), [owner.userId]);
    await refused(member.tenants.getTenantById(owner.tenantId), 404, 'not_found');
    await refused(member.tenants.getCurrentTenant(), 403, 'not_a_member');
    const { tenants } = await member.auth.getCurrentUser();
    assert.deepEqual(
      tenants.map((tenant) => tenant.tenantId),
      [member.ownTenantId],
    );
    await member.auth.switchTenant(member.ownTenantId);
    assert.equal((await member.tenants.getCurrentTenant()).id, member.ownTenantId);
  });

  test('an admin removes users but no admin, a user removes nobody', async () => {
    const owner = await register(server);
    const [admin, user] = [await join(owner, 'admin'), await join(owner)];
    await refused(user.tenants.removeUser(owner.tenantId, admin.userId), 403, 'forbidden');
    await refused(admin.tenants.removeUser(owner.tenantId, owner.userId), 403, 'forbidden');
    await admin.tenants.removeUser(owner.tenantId, user.userId);
    const second = await join(owner, 'admin');
    await refused(admin.tenants.removeUser(owner.tenantId, second.userId), 403, 'forbidden');
  });

  test('the last owner stays, and an unknown member is not found', async () => {
    const owner = await register(server);
    await refused(owner.tenants.removeUser(owner.tenantId, owner.userId), 409, 'conflict');
    await refused(owner.tenants.removeUser(owner.tenantId, NOWHERE), 404, 'not_found');
  });
});

test('trap 13: whoever is invited becomes a member without an accept step, and is told', async (t) => {
  const owner = await register(server);
  const member = await register(server);
  const heard = listen(t, server, member.accessToken);
  await heard.connected();

  await owner.tenants.inviteUser(owner.tenantId, { email: member.email.toUpperCase(), role: 'user' });
  assert.ok((await heard.next('notification:new')).title);
  assert.equal((await member.tenants.getTenantById(owner.tenantId)).id, owner.tenantId, 'a member at once');

  const { tenants } = await member.auth.getCurrentUser();
  assert.equal((await member.tenants.getCurrentTenant()).id, member.tenantId, 'the current tenant stays');
  assert.equal(tenants.find((tenant) => tenant.isDefault).tenantId, member.tenantId, 'and so does the default');

  await member.tenants.removeUser(owner.tenantId, member.userId);
  assert.deepEqual(
    (await member.tenants.getTenants()).map((tenant) => tenant.id),
    [member.tenantId],
    'one may leave',
  );
});

test('an invitation to an unknown address waits, and looks the same to the inviter', async () => {
  const owner = await register(server);
  const known = await register(server);
  const invite = (email) =>
    raw(server, 'POST', `/tenants/${owner.tenantId}/users/invite`, {
      token: owner.accessToken,
      body: { email, role: 'user' },
    });
  const email = `${unique('newcomer')}@acme.example`;
  const answers = [await invite(known.email), await invite(email)];
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [200, 200],
  );
  assert.deepEqual(Object.keys(answers[0].json.data).sort(), Object.keys(answers[1].json.data).sort());
  assert.equal((await owner.tenants.getTenantUsers(owner.tenantId)).length, 2);

  const newcomer = await register(server, { email });
  await eventually('the newcomer joining', async () => {
    const { tenants } = await newcomer.auth.getCurrentUser();
    return tenants.some((tenant) => tenant.tenantId === owner.tenantId && tenant.role === 'user');
  });
});

test('nobody signed in gets nothing', async () => {
  const device = new Device(server);
  await refused(device.tenants.getTenants(), 401, 'unauthorized');
  await refused(device.tenants.getTenantById(NOWHERE), 401, 'unauthorized');
});
