// The envelope: its fields, the models on the wire, and every way to ask wrongly.

import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { completed, register } from '../lib/device.js';
import { ApiResponse, BillingPeriod } from '../lib/models.js';
import { raw } from '../lib/raw.js';
import { send } from '../lib/http.js';
import { sharedServer } from '../lib/server.js';

const KIB = 1024;
const CYRILLIC = /[а-щьюяєіїґ]/i;
const RFC3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

let server;
let owner;
before(async () => {
  server = await sharedServer();
  owner = await register(server);
});
after(() => server.stop());

const asked = (method, path, options = {}) => raw(server, method, path, { token: owner.accessToken, ...options });

/** The status and code of a refused request; `raw` has asserted its envelope. */
async function refusal(method, path, options) {
  const { status, json } = await asked(method, path, options);
  const { error } = ApiResponse.fromJson(json);
  return [status, error.code];
}

describe('wrong requests wear the envelope', () => {
  test('an unknown route', async () => {
    assert.deepEqual(await refusal('GET', '/no/such/route'), [404, 'not_found']);
    assert.deepEqual(await refusal('GET', '/no/such/route', { token: undefined }), [404, 'not_found']);
    assert.deepEqual(await refusal('GET', ''), [404, 'not_found']);
  });

  test('a wrong method', async () => {
    assert.deepEqual(await refusal('DELETE', '/auth/me'), [405, 'method_not_allowed']);
    assert.deepEqual(await refusal('GET', '/auth/login'), [405, 'method_not_allowed']);
  });

  test('malformed JSON, JSON of another shape, and no body where one is needed', async () => {
    for (const body of ['{"email":', '[]', '"text"', 'null', '{"email":7,"password":true}', '{}', '']) {
      const [status, code] = await refusal('POST', '/auth/login', { body, token: undefined });
      assert.ok([400, 422].includes(status), `${body}: ${status} ${code}`);
    }
    assert.deepEqual(await refusal('POST', '/auth/login', { body: '{"email":' }), [400, 'malformed_request']);
  });

  test('a body that is no JSON by its content type', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const headers = { 'content-type': type };
      const got = await refusal('POST', '/auth/login', { body: 'email=owner', headers });
      assert.deepEqual(got, [415, 'unsupported_media_type'], type);
    }
  });

  test('a body over 256 KiB', async () => {
    const body = { settings: { note: 'x'.repeat(300 * KIB) } };
    const got = await refusal('PATCH', `/tenants/${owner.tenantId}`, { body });
    assert.deepEqual(got, [413, 'payload_too_large']);
  });

  test('ids that are none', async () => {
    for (const id of ['1', 'not-an-id', '%00', '..%2F..%2Fetc', 'x'.repeat(500)]) {
      for (const path of [`/tenants/${id}`, `/provisioning/jobs/${id}`, `/tenants/${id}/users`]) {
        assert.deepEqual(await refusal('GET', path), [404, 'not_found'], path);
      }
    }
  });

  test('pages that are none', async () => {
    for (const query of ['page=0', 'page=-1', 'page=two', 'size=0', 'size=-5', 'size=many']) {
      const { status } = await asked('GET', `/tenants?${query}`);
      assert.ok([200, 400, 422].includes(status), `${query}: ${status}`);
    }
    const { json } = await asked('GET', '/tenants?size=100');
    assert.equal(json.pagination.size, 100);
  });

  test('bearers that are none', async () => {
    for (const authorization of ['Bearer', 'Bearer ', 'Bearer x', 'Basic b3duZXI6eA==', 'x', owner.accessToken]) {
      const [status] = await refusal('GET', '/auth/me', { token: undefined, headers: { authorization } });
      assert.equal(status, 401, authorization);
    }
  });
});

test('the sentence is in the language that is asked for, the code is the same', async () => {
  const sentence = async (language) => {
    const { json } = await asked('GET', '/no/such/route', { headers: { 'accept-language': language } });
    assert.equal(json.error.code, 'not_found');
    return json.error.message;
  };
  const [english, ukrainian] = [await sentence('en'), await sentence('uk-UA,uk;q=0.9')];
  assert.doesNotMatch(english, CYRILLIC);
  assert.match(ukrainian, CYRILLIC);
  assert.ok([english, ukrainian].includes(await sentence('xx')));
});

test('the details of a wrong field are sentences in that language too', async () => {
  const body = { email: 'nobody', password: 'x', full_name: '', company_name: '' };
  const { json } = await asked('POST', '/auth/register', { body, headers: { 'accept-language': 'uk' } });
  assert.deepEqual(Object.keys(json.error.details).sort(), ['company_name', 'email', 'full_name', 'password']);
  for (const messages of Object.values(json.error.details)) assert.match(messages[0], CYRILLIC);
});

test('nothing is told to caches, frames or sniffers', async () => {
  const { headers } = await asked('GET', '/auth/me');
  assert.match(headers['cache-control'] ?? '', /no-store/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
});

test('trap 7: every required field is there, with the type that the client decodes', async () => {
  await completed(owner);
  const { accessToken: token, tenantId } = owner;
  const read = async (path) => (await raw(server, 'GET', path, { token })).json.data;
  const [plan] = await read('/billing/plans');
  const subscription = await read('/billing/subscription');
  const [job] = await read('/provisioning/jobs');
  const [member] = await read(`/tenants/${tenantId}/users`);
  const tenant = await read('/tenants/current');
  const me = await read('/auth/me');

  const isMap = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
  assert.ok(isMap(tenant.settings) && isMap(plan.limits) && isMap(subscription.plan.limits));
  assert.ok(Array.isArray(plan.features) && plan.features.every((feature) => typeof feature === 'string'));
  for (const value of [plan.price_monthly, plan.price_yearly]) assert.equal(typeof value, 'number');
  for (const value of [job.progress, plan.sort_order]) assert.ok(Number.isInteger(value));
  const times = [
    ...[me.user.created_at, me.user.updated_at, tenant.created_at, tenant.updated_at, member.joined_at],
    ...[subscription.current_period_start, subscription.current_period_end, subscription.trial_ends_at],
    ...[job.created_at, job.started_at, job.completed_at],
  ];
  for (const time of times) assert.match(time, RFC3339_UTC);

  await owner.auth.getCurrentUser();
  await owner.tenants.getTenants();
  await owner.tenants.getTenantUsers(tenantId);
  await owner.billing.getPlans();
  await owner.billing.getSubscription();
  await owner.billing.getInvoices();
  await owner.provisioning.getJobs();
  await owner.billing.createCheckout({
    planId: plan.id,
    billingPeriod: BillingPeriod.yearly,
    successUrl: 'https://app.erpmax.com/billing/success',
    cancelUrl: 'https://app.erpmax.com/billing/cancel',
  });
});

test('trap 7: an int that is written with a fraction would break the client, so none is', async () => {
  const { text } = await send(`${server.api}/provisioning/jobs`, {
    headers: { authorization: `Bearer ${owner.accessToken}` },
  });
  assert.doesNotMatch(text, /"progress":\d+\./);
  const plans = await send(`${server.api}/billing/plans`);
  assert.doesNotMatch(plans.text, /"sort_order":\d+\./);
});

test('trap 12: POSTs without a body say JSON all the same, with a length of nothing or chunked', async () => {
  const device = await register(server);
  const job = await completed(device);
  const expected = [
    ['/sso/erpnext/token', 200],
    [`/provisioning/jobs/${job.id}/retry`, 409],
    [`/provisioning/jobs/${job.id}/cancel`, 409],
  ];
  for (const framing of [{ 'content-length': '0' }, { 'transfer-encoding': 'chunked' }]) {
    for (const [path, status] of expected) {
      const answer = await raw(server, 'POST', path, { token: device.accessToken, headers: framing });
      assert.equal(answer.status, status, `${path} ${JSON.stringify(framing)}: ${JSON.stringify(answer.json)}`);
    }
  }
  assert.equal((await unframed('/sso/erpnext/token', device.accessToken)).match(/^HTTP\/1\.1 (\d+)/)[1], '200');
  const headers = { 'content-length': '0' };
  const logout = await raw(server, 'POST', '/auth/logout', { token: device.accessToken, headers });
  assert.equal(logout.status, 200);
});

/** A POST that names neither a length nor an encoding: it has no body (RFC 9112 §6.3). */
function unframed(path, token) {
  const { port, host } = new URL(server.origin);
  const head = [
    `POST /api/v1${path} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    'Connection: close',
  ];
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = net.connect(Number(port), '127.0.0.1', () => socket.write(`${head.join('\r\n')}\r\n\r\n`));
    socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    socket.on('end', () => resolve(text)).on('error', reject);
  });
}
