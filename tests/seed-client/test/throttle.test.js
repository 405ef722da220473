// Sign-in limits at their defaults: a server of its own.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Device, PASSWORD, refused, register, unique } from '../lib/device.js';
import { defaultLimits, startServer } from '../lib/server.js';

const FREE_FAILURES = 5;

let server;
before(async () => {
  server = await startServer(defaultLimits);
});
after(() => server.stop());

async function failUntilThrottled(email) {
  for (let attempt = 0; attempt < FREE_FAILURES; attempt += 1) {
    await refused(new Device(server).auth.login({ email, password: 'WrongPass123' }), 401, 'invalid_credentials');
  }
  const device = new Device(server);
  const { error } = await device.watched(() => device.auth.login({ email, password: PASSWORD }));
  await refused(Promise.reject(error), 429, 'rate_limited');
  return error.response;
}

test('after five failures even the right password has to wait, and the answer says how long', async () => {
  const owner = await register(server);
  const { headers } = await failUntilThrottled(owner.email);
  assert.match(headers['retry-after'], /^[1-9]\d*$/);
  assert.ok((await owner.auth.getCurrentUser()).user, 'who is signed in stays so');
});

test('an unknown address is counted alike', async () => {
  const response = await failUntilThrottled(`${unique('nobody')}@acme.example`);
  assert.ok(response.headers['retry-after']);
});

test('another account from the same address may still sign in', async () => {
  const owner = await register(server);
  const other = await register(server);
  await failUntilThrottled(owner.email);
  assert.ok((await other.another()).session.accessToken);
});

test('a right password in between forgets the failures', async () => {
  const owner = await register(server);
  for (let round = 0; round < 2; round += 1) {
    for (let attempt = 0; attempt < FREE_FAILURES - 1; attempt += 1) {
      const login = new Device(server).auth.login({ email: owner.email, password: 'WrongPass123' });
      await refused(login, 401, 'invalid_credentials');
    }
    assert.ok((await owner.another()).session.accessToken);
  }
});
