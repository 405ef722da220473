// Access tokens that run out within seconds: refreshing, lost answers, loops that must not be, and sockets that outlive
// their token. A server of its own.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { completed, join, refused, register } from '../lib/device.js';
import { openMethods, signedInMethods } from '../lib/every_method.js';
import { raw } from '../lib/raw.js';
import { listen } from '../lib/recorder.js';
import { startServer } from '../lib/server.js';

const ACCESS_SECONDS = 3;
const EXPIRY_MS = ACCESS_SECONDS * 1000 + 1200;
const SPENT_GRACE_MS = 10_000;

let server;
let owner;
let expired;
before(async () => {
  server = await startServer({ ERPMAX_AUTH__ACCESS_SECONDS: String(ACCESS_SECONDS) });
  owner = await register(server);
  expired = owner.accessToken;
  await sleep(EXPIRY_MS);
});
after(() => server.stop());

const refresh = (refreshToken, token) =>
  raw(server, 'POST', '/auth/refresh', { body: { refresh_token: refreshToken }, token });

describe('trap 1', () => {
  test('trap 1: an expired access token is cured by one refresh', async () => {
    const device = await owner.another();
    device.keep({ accessToken: expired, refreshToken: device.refreshToken });
    const { result, statuses } = await device.watched(() => device.auth.getCurrentUser());
    assert.deepEqual(statuses, [401, 200, 200]);
    assert.equal(result.user.id, owner.userId);
    const { json } = await raw(server, 'GET', '/auth/me', { token: expired });
    assert.equal(json.error.code, 'token_expired');
  });

  test('trap 1: no method of any service loops after a refresh that succeeds', async () => {
    const person = await register(server);
    for (const [name, method] of signedInMethods) {
      const device = await person.another();
      device.keep({ accessToken: expired, refreshToken: device.refreshToken });
      const { statuses } = await device.watched(() => method(device, person.tenantId));
      assert.deepEqual(statuses.slice(0, 2), [401, 200], name);
      assert.equal(statuses.length, 3, `${name}: ${statuses}`);
      assert.notEqual(statuses[2], 401, name);
    }
  });

  test('trap 1: a refused refresh is 400 and ends the sign-in after two requests, in every method', async () => {
    const device = await owner.another();
    for (const refreshToken of ['made-up', expired]) {
      for (const [name, method] of signedInMethods) {
        device.keep({ accessToken: expired, refreshToken });
        const { statuses } = await device.watched(() => method(device, owner.tenantId));
        assert.deepEqual(statuses, [401, 400], name);
        assert.equal(device.storage.values.size, 0, name);
      }
    }
  });

  test('trap 1: login, register, refresh and plans do not care for the expired bearer that comes along', async () => {
    for (const [name, method] of openMethods) {
      for (const accessToken of [expired, 'not.a.token']) {
        const device = await owner.another();
        device.keep({ accessToken, refreshToken: device.refreshToken });
        const { error, statuses } = await device.watched(() => method(device));
        assert.equal(error, null, name);
        assert.equal(statuses.length, 1, `${name}: ${statuses}`);
      }
    }
    const device = await owner.another();
    assert.equal((await refresh(device.refreshToken, expired)).status, 200);
    assert.deepEqual((await refresh('made-up', expired)).json.error.code, 'invalid_grant');
  });

  test('trap 1: lost membership is 403, in a refreshed session too', async () => {
    const member = await join(owner);
    await owner.tenants.removeUser(owner.tenantId, member.userId);
    member.keep({ accessToken: expired, refreshToken: member.refreshToken });
    const { error, statuses } = await member.watched(async () => {
      await member.auth.getCurrentUser();
      await refused(member.tenants.getCurrentTenant(), 403, 'not_a_member');
    });
    assert.equal(error, null);
    assert.deepEqual(statuses, [401, 200, 200, 403]);
  });
});

describe('trap 2', () => {
  test('trap 2: two requests that expire together both succeed, and the device stays signed in', async () => {
    const device = await owner.another();
    device.keep({ accessToken: expired, refreshToken: device.refreshToken });
    const { error, statuses } = await device.watched(() =>
      Promise.all([
        device.auth.getCurrentUser(),
        device.tenants.getCurrentTenant(),
        device.billing.getSubscription(),
        device.provisioning.getJobs(),
      ]),
    );
    assert.equal(error, null);
    assert.ok(statuses.filter((status) => status === 401).length >= 1);
    assert.equal(await device.auth.isAuthenticated(), true);
    device.keep({ accessToken: expired, refreshToken: device.refreshToken });
    await device.auth.getCurrentUser();
  });

  test('trap 2: fifty refreshes of one token end in one successor', async () => {
    const { refreshToken } = await owner.another();
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(refreshToken)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    const successors = new Set(answers.map(({ json }) => json.data.refresh_token));
    assert.equal(successors.size, 1);
    assert.equal((await refresh([...successors][0])).status, 200);
  });

  test('trap 2: a lost answer may be asked for again; a spent token used late ends the family', async () => {
    const [lost, stolen] = [await owner.another(), await owner.another()];
    const unseen = (await refresh(lost.refreshToken)).json.data.refresh_token;

    const second = (await refresh(stolen.refreshToken)).json.data.refresh_token;
    const third = (await refresh(second)).json.data;
    await sleep(SPENT_GRACE_MS + 1000);

    const again = await refresh(lost.refreshToken);
    assert.deepEqual([again.status, again.json.data.refresh_token], [200, unseen]);

    const late = await refresh(stolen.refreshToken);
    assert.deepEqual([late.status, late.json.error.code], [400, 'invalid_grant']);
    assert.equal((await refresh(third.refresh_token)).status, 400, 'and everything derived from it');
    stolen.keep({ accessToken: third.access_token, refreshToken: third.refresh_token });
    const { statuses } = await stolen.watched(() => stolen.auth.getCurrentUser());
    assert.deepEqual(statuses, [401, 400]);
    assert.equal(stolen.storage.values.size, 0);
  });
});

describe('trap 11', () => {
  test('trap 11: a socket outlives its token, and reconnects with it while the session lives', async (t) => {
    const device = await register(server);
    const kept = device.accessToken;
    const { recorder } = await device.connect(t);
    await recorder.connected();
    await sleep(EXPIRY_MS);

    const late = listen(t, server, kept);
    assert.equal((await late.connected()).user_id, device.userId);
    const job = await completed(device);
    for (const ear of [recorder, late]) assert.equal((await ear.next('status:completed')).job_id, job.id);

    recorder.socket.io.engine.close();
    await recorder.when('a second greeting', () => recorder.all('connected').length === 2);

    await device.auth.logout();
    assert.equal(await late.next('(disconnect)'), 'io server disconnect');
    await listen(t, server, kept, { reconnection: false }).refused();
  });

  test('trap 11: only the handshake takes an expired token', async () => {
    const { status } = await raw(server, 'GET', '/notifications', { token: expired });
    assert.equal(status, 401);
  });
});
