// RealtimeService and the namespace: addresses, the greeting, notifications, and who is let in and put out.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { completed, join, register } from '../lib/device.js';
import { JobType } from '../lib/models.js';
import { raw } from '../lib/raw.js';
import { RealtimeService } from '../lib/realtime_service.js';
import { listen } from '../lib/recorder.js';
import { SecureStorage } from '../lib/secure_storage.js';
import { sharedServer } from '../lib/server.js';

const NOTHING = '00000000-0000-7000-8000-000000000000';

let server;
before(async () => {
  server = await sharedServer();
});
after(() => server.stop());

/** Asks something after which every earlier event must have come. */
async function settle(recorder) {
  const pongs = recorder.all('pong').length;
  recorder.socket.emit('ping');
  await recorder.when('a pong', () => recorder.all('pong').length > pongs);
}

describe('connect', () => {
  test('the greeting says who is connected and whose events come', async (t) => {
    const owner = await register(server);
    const { realtime, recorder } = await owner.connect(t);
    const greeting = await recorder.connected();
    assert.deepEqual([greeting.user_id, greeting.tenant_id], [owner.userId, owner.tenantId]);
    assert.ok(greeting.message);
    assert.equal(realtime.isConnected, true);
    realtime.disconnect();
    assert.equal(realtime.isConnected, false);
  });

  test('without a token the service does not connect', async () => {
    const realtime = new RealtimeService({ baseUrl: server.realtime, storage: new SecureStorage() });
    await realtime.connect();
    assert.equal(realtime.isConnected, false);
  });

  test('no token, a made-up one and one with a changed signature are turned away', async (t) => {
    const owner = await register(server);
    const forged = owner.accessToken.replace(/.(?=.{9}$)/, (letter) => (letter === 'A' ? 'B' : 'A'));
    for (const token of [undefined, '', 'not.a.token', forged, owner.refreshToken]) {
      await listen(t, server, token, { reconnection: false }).refused();
    }
  });

  test('a device may disconnect and connect again', async (t) => {
    const owner = await register(server);
    const first = await owner.connect(t);
    await first.recorder.connected();
    first.realtime.disconnect();
    const second = await owner.connect(t);
    await second.recorder.connected();
  });

  test('two devices of one person both hear', async (t) => {
    const owner = await register(server);
    const phone = await owner.another();
    const ears = [listen(t, server, owner.accessToken), listen(t, server, phone.accessToken)];
    await Promise.all(ears.map((ear) => ear.connected()));
    await completed(owner);
    await Promise.all(ears.map((ear) => ear.next('status:completed')));
  });
});

test('trap 9: namespace /ws under engine path /socket.io, and / alike, over websocket and polling', async (t) => {
  const owner = await register(server);
  const ears = [];
  for (const namespace of ['/ws', '/']) {
    for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
      ears.push(listen(t, server, owner.accessToken, { namespace, transports }));
    }
  }
  for (const ear of ears) assert.equal((await ear.connected()).user_id, owner.userId);
  const job = await completed(owner);
  for (const ear of ears) {
    assert.equal((await ear.next('status:completed')).job_id, job.id);
    await ear.next('job:updated', (data) => data.job.status === 'completed');
    await ear.next('notification:new');
  }
});

describe('notifications', () => {
  test('reading one is confirmed, and the list knows it', async (t) => {
    const owner = await register(server);
    const { realtime, recorder } = await owner.connect(t);
    await recorder.connected();
    await completed(owner);
    const { id } = await recorder.next('notification:new');
    const list = async () => (await raw(server, 'GET', '/notifications', { token: owner.accessToken })).json.data;
    const before = await list();
    assert.ok(before.unread >= 1);

    realtime.markNotificationRead(id);
    const confirmed = await recorder.next('notification_read_confirmed');
    assert.equal(confirmed.notification_id, id);
    const now = await list();
    assert.equal(now.unread, before.unread - 1);
    assert.ok(now.notifications.find((notification) => notification.id === id).read_at);

    realtime.markNotificationRead(id);
    await recorder.when('a second confirmation', () => recorder.all('notification_read_confirmed').length === 2);
    assert.equal((await list()).unread, before.unread - 1, 'reading twice is harmless');
  });

  test('an unknown and a foreign one are answered by the same error event', async (t) => {
    const [owner, stranger] = [await register(server), await register(server)];
    const [mine, theirs] = [listen(t, server, owner.accessToken), listen(t, server, stranger.accessToken)];
    await Promise.all([mine.connected(), theirs.connected()]);
    await completed(owner);
    const { id } = await mine.next('notification:new');
    theirs.socket.emit('notification_read', { notification_id: NOTHING });
    theirs.socket.emit('notification_read', { notification_id: id });
    await theirs.when('two errors', () => theirs.all('error').length === 2);
    const [unknown, foreign] = theirs.all('error');
    assert.deepEqual([unknown.code, unknown.message], [foreign.code, foreign.message]);
    assert.equal(unknown.code, 'not_found');
  });

  test('nonsense does not hurt the socket', async (t) => {
    const owner = await register(server);
    const ear = listen(t, server, owner.accessToken);
    await ear.connected();
    for (const payload of [undefined, null, 7, 'text', [], {}, { notification_id: 7 }, { notification_id: 'x' }]) {
      ear.socket.emit('notification_read', payload);
    }
    ear.socket.emit('no_such_event', { any: 'thing' });
    await settle(ear);
    assert.equal(ear.socket.connected, true);
  });
});

test('ping is answered by pong', async (t) => {
  const owner = await register(server);
  const ear = listen(t, server, owner.accessToken);
  await ear.connected();
  ear.socket.emit('ping');
  await ear.next('pong');
});

test('every event carries an event id', async (t) => {
  const owner = await register(server);
  const ear = listen(t, server, owner.accessToken);
  await ear.connected();
  await completed(owner);
  const { id } = await ear.next('notification:new');
  ear.socket.emit('notification_read', { notification_id: id });
  await ear.next('notification_read_confirmed');
  ear.socket.emit('notification_read', { notification_id: NOTHING });
  await ear.next('error');
  await settle(ear);
  for (const { name, data } of ear.events) {
    if (!name.startsWith('(')) assert.ok(typeof data?.event_id === 'string' && data.event_id !== '', name);
  }
});

describe('who is put out', () => {
  test('logout disconnects the sockets of this session at once, and no other', async (t) => {
    const owner = await register(server);
    const phone = await owner.another();
    const { recorder: mine } = await owner.connect(t);
    const { recorder: other } = await phone.connect(t);
    await Promise.all([mine.connected(), other.connected()]);
    const { accessToken } = owner;
    await owner.auth.logout();
    assert.equal(await mine.next('(disconnect)'), 'io server disconnect');
    await settle(other);
    await listen(t, server, accessToken, { reconnection: false }).refused();
  });

  test('a removed member is disconnected at once and hears nothing more of the tenant', async (t) => {
    const owner = await register(server);
    const member = await join(owner);
    const { recorder } = await member.connect(t);
    await recorder.connected();
    await owner.tenants.removeUser(owner.tenantId, member.userId);
    assert.equal(await recorder.next('(disconnect)'), 'io server disconnect');

    const [back, inside] = [listen(t, server, member.accessToken), listen(t, server, owner.accessToken)];
    assert.equal((await back.connected()).tenant_id, null);
    await inside.connected();
    await completed(owner);
    await inside.next('status:completed');
    await settle(back);
    assert.deepEqual(
      back.names().filter((name) => /^(status|job):/.test(name)),
      [],
    );
  });
});

test('switching the tenant moves the sockets of the session', async (t) => {
  const owner = await register(server);
  const member = await join(owner);
  await member.auth.switchTenant(member.ownTenantId);
  const { recorder } = await member.connect(t);
  assert.equal((await recorder.connected()).tenant_id, member.ownTenantId);

  await member.auth.switchTenant(owner.tenantId);
  const job = await completed(owner);
  assert.equal((await recorder.next('status:completed')).job_id, job.id);

  await member.auth.switchTenant(member.ownTenantId);
  await settle(recorder);
  const before = recorder.all('job:updated').length;
  const inside = listen(t, server, owner.accessToken);
  await inside.connected();
  const silent = await completed(owner, JobType.backupSite);
  await inside.next('job:updated', (data) => data.job.id === silent.id && data.job.status === 'completed');
  await settle(recorder);
  assert.equal(recorder.all('job:updated').length, before, 'the tenant that was left is silent');
});
