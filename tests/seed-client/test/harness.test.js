// The suite's own parts, against a server that is made up: the decoders are strict, and the interceptor loops where the
// guide's loops.

import assert from 'node:assert/strict';
import http from 'node:http';
import { readFile, readdir } from 'node:fs/promises';
import { after, before, beforeEach, describe, test } from 'node:test';

import { ApiClient } from '../lib/api_client.js';
import { Page } from '../lib/browser.js';
import {
  ArgumentError,
  CastError,
  DartDouble,
  FormatException,
  NoSuchMethodError,
  at,
  jsonDecode,
  parseDateTime,
} from '../lib/dart.js';
import { DioException, LOOP_LIMIT, LoopError, loopsMet } from '../lib/dio.js';
import {
  ApiResponse,
  AuthResponse,
  PaymentEvent,
  Plan,
  ProvisioningJob,
  Subscription,
  Tenant,
  User,
  UserTenant,
} from '../lib/models.js';
import { SecureStorage } from '../lib/secure_storage.js';
import { AuthService } from '../lib/services/auth_service.js';

const TIME = '2026-11-24T09:30:00.000000Z';

const samples = {
  user: {
    id: 'u',
    email: 'owner@acme.example',
    full_name: 'Acme Owner',
    is_active: true,
    is_superuser: false,
    created_at: TIME,
    updated_at: TIME,
  },
  userTenant: { tenant_id: 't', tenant_name: 'Acme', role: 'owner', is_default: true },
  tenant: {
    id: 't',
    name: 'Acme',
    slug: 'acme',
    status: 'pending',
    erpnext_site_url: null,
    settings: {},
    created_at: TIME,
    updated_at: TIME,
  },
  plan: {
    id: 'p',
    name: 'Start',
    slug: 'start',
    description: null,
    price_monthly: 29,
    price_yearly: 290,
    currency: 'USD',
    limits: { users: 3 },
    features: ['ERPNext'],
    is_active: true,
    sort_order: 1,
  },
  subscription: {
    id: 's',
    tenant_id: 't',
    plan_id: 'p',
    status: 'past_due',
    billing_period: 'monthly',
    trial_ends_at: null,
    current_period_start: TIME,
    current_period_end: TIME,
    cancelled_at: null,
  },
  job: {
    id: 'j',
    tenant_id: 't',
    status: 'running',
    job_type: 'create_site',
    progress: 40,
    message: null,
    error: null,
    started_at: null,
    completed_at: null,
    created_at: TIME,
  },
  payment: { id: 'e', event_type: 'payment_success', amount: 29, currency: 'USD', created_at: TIME },
};

const required = [
  [User, samples.user, Object.keys(samples.user)],
  [UserTenant, samples.userTenant, Object.keys(samples.userTenant)],
  [Tenant, samples.tenant, ['id', 'name', 'slug', 'status', 'created_at', 'updated_at']],
  [Plan, samples.plan, Object.keys(samples.plan).filter((field) => field !== 'description')],
  [
    Subscription,
    samples.subscription,
    ['id', 'tenant_id', 'plan_id', 'status', 'billing_period', 'current_period_start', 'current_period_end'],
  ],
  [ProvisioningJob, samples.job, ['id', 'tenant_id', 'status', 'job_type', 'progress', 'created_at']],
  [PaymentEvent, samples.payment, Object.keys(samples.payment)],
];

describe('the decoders', () => {
  test('a required field that is absent or null throws', () => {
    for (const [model, sample, fields] of required) {
      assert.ok(model.fromJson(sample));
      for (const field of fields) {
        const { [field]: _left, ...absent } = sample;
        assert.throws(() => model.fromJson(absent), `absent ${field}`);
        assert.throws(() => model.fromJson({ ...sample, [field]: null }), `null ${field}`);
      }
    }
  });

  test('a field of another type throws', () => {
    for (const [model, sample, fields] of required) {
      for (const field of fields) {
        const wrong = typeof sample[field] === 'string' ? 7 : 'seven';
        assert.throws(() => model.fromJson({ ...sample, [field]: wrong }), `${field} = ${wrong}`);
      }
    }
  });

  test('an int field refuses every number with a fraction, also 45.0', () => {
    for (const progress of ['29.5', '45.0', '4e1']) {
      const json = { ...samples.job, progress: jsonDecode(progress) };
      assert.throws(() => ProvisioningJob.fromJson(json), CastError, progress);
    }
    assert.equal(ProvisioningJob.fromJson({ ...samples.job, progress: jsonDecode('45') }).progress, 45);
  });

  test('a double field takes an int and a double, and no string', () => {
    for (const price of ['29', '29.0', '29.5']) {
      const plan = Plan.fromJson({ ...samples.plan, price_monthly: jsonDecode(price) });
      assert.equal(plan.priceMonthly, Number(price));
    }
    assert.throws(() => Plan.fromJson({ ...samples.plan, price_monthly: '29.00' }), CastError);
    assert.equal(PaymentEvent.fromJson({ ...samples.payment, amount: jsonDecode('29.0') }).amount, 29);
    assert.throws(() => PaymentEvent.fromJson({ ...samples.payment, amount: '29.00' }), NoSuchMethodError);
  });

  test('an enumeration refuses a word it does not know', () => {
    assert.throws(() => Tenant.fromJson({ ...samples.tenant, status: 'building' }), ArgumentError);
    assert.throws(() => Subscription.fromJson({ ...samples.subscription, status: 'pastDue' }), ArgumentError);
    assert.throws(() => ProvisioningJob.fromJson({ ...samples.job, status: 'cancelled' }), ArgumentError);
    assert.throws(() => ProvisioningJob.fromJson({ ...samples.job, job_type: 'createSite' }), ArgumentError);
    assert.throws(() => ProvisioningJob.fromJson({ ...samples.job, job_type: 'toString' }), ArgumentError);
    assert.equal(Subscription.fromJson(samples.subscription).status, 'pastDue');
  });

  test('a nullable field may be null or absent but not of another type', () => {
    const { settings: _settings, erpnext_site_url: _url, ...bare } = samples.tenant;
    assert.equal(Tenant.fromJson(bare).settings, null);
    assert.equal(Tenant.fromJson(bare).erpnextSiteUrl, null);
    assert.throws(() => Tenant.fromJson({ ...bare, settings: [] }), CastError);
    assert.throws(() => Tenant.fromJson({ ...bare, erpnext_site_url: 1 }), CastError);
    assert.throws(() => Subscription.fromJson({ ...samples.subscription, plan: {} }), CastError);
  });

  test('a list of strings and a map are exactly that', () => {
    assert.throws(() => Plan.fromJson({ ...samples.plan, features: ['ERPNext', 2] }), CastError);
    assert.throws(() => Plan.fromJson({ ...samples.plan, features: { a: 'ERPNext' } }), CastError);
    assert.throws(() => Plan.fromJson({ ...samples.plan, limits: ['users'] }), CastError);
  });

  test('the envelope refuses details that are a list', () => {
    const error = { message: 'No', code: 'validation_failed', details: ['email'] };
    assert.throws(() => ApiResponse.fromJson({ status: 'error', error }), CastError);
    assert.deepEqual(
      ApiResponse.fromJson({ status: 'error', error: { ...error, details: { email: ['taken'] } } }).error.details,
      { email: ['taken'] },
    );
  });

  test('a sign-in without a current tenant throws', () => {
    const json = { access_token: 'a', refresh_token: 'r', user: samples.user, tenants: [samples.userTenant] };
    assert.throws(() => AuthResponse.fromJson({ ...json, current_tenant: null }), CastError);
    assert.equal(AuthResponse.fromJson({ ...json, current_tenant: samples.tenant }).currentTenant.slug, 'acme');
  });

  test('DateTime.parse takes what Dart takes', () => {
    assert.equal(parseDateTime(TIME).toISOString(), '2026-11-24T09:30:00.000Z');
    assert.equal(parseDateTime('2026-11-24T09:30:00.123456Z').getUTCMilliseconds(), 123);
    assert.equal(parseDateTime('2026-11-24 11:30:00+02:00').toISOString(), '2026-11-24T09:30:00.000Z');
    for (const text of ['24.11.2026', '1764', '2026-11-24T09:30:00 UTC', 'Tue, 24 Nov 2026', '']) {
      assert.throws(() => parseDateTime(text), FormatException, text);
    }
    assert.throws(() => parseDateTime(1764000000), CastError);
  });

  test('JSON keeps whether a number is an int or a double, and leaves strings alone', () => {
    const decoded = jsonDecode('{"a":1,"b":1.0,"c":[-2.5e3],"d":"\\"1.5\\" and 2.0"}');
    assert.equal(decoded.a, 1);
    assert.ok(decoded.b instanceof DartDouble);
    assert.equal(Number(decoded.c[0]), -2500);
    assert.equal(decoded.d, '"1.5" and 2.0');
    assert.throws(() => jsonDecode('{"a":01}'), FormatException);
  });

  test('a field of something that is no map throws', () => {
    assert.throws(() => at('a page of HTML', 'data'), CastError);
    assert.throws(() => at(null, 'data'), NoSuchMethodError);
    assert.equal(at({}, 'data'), null);
  });
});

describe('the client', () => {
  let server;
  let baseUrl;
  let answer;
  let seen;

  before(async () => {
    server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        const exchange = { method: request.method, path: request.url, headers: request.headers, body };
        seen.push(exchange);
        const { status, json } = answer(exchange);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(json));
      });
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://localhost:${server.address().port}`;
  });

  after(() => server.close());

  beforeEach(() => {
    seen = [];
    loopsMet.length = 0;
  });

  const refusal = (status) => ({ status, json: { status: 'error', error: { message: 'No' } } });
  const tokens = { status: 200, json: { data: { access_token: 'fresh', refresh_token: 'next' } } };
  const paths = () => seen.map((exchange) => exchange.path);

  function signedIn() {
    const storage = new SecureStorage();
    storage.values.set('access_token', 'stale');
    storage.values.set('refresh_token', 'first');
    return { storage, client: new ApiClient({ baseUrl, storage }) };
  }

  test('a 401 is cured by one refresh, and the retry carries the fresh bearer', async () => {
    answer = ({ path, headers }) => {
      if (path === '/auth/refresh') return tokens;
      return headers.authorization === 'Bearer fresh' ? { status: 200, json: { data: 'yes' } } : refusal(401);
    };
    const { client, storage } = signedIn();
    const response = await client.post('/things', { data: { name: 'A thing' } });
    assert.equal(response.data.data, 'yes');
    assert.deepEqual(paths(), ['/things', '/auth/refresh', '/things']);
    assert.equal(seen[1].headers.authorization, 'Bearer stale', 'the refresh itself carries the stale bearer');
    assert.equal(seen[1].body, '{"refresh_token":"first"}');
    assert.equal(seen[2].body, seen[0].body);
    assert.equal(await storage.read({ key: 'refresh_token' }), 'next');
  });

  test('a 401 that no refresh cures is a loop', async () => {
    answer = ({ path }) => (path === '/auth/refresh' ? tokens : refusal(401));
    await assert.rejects(signedIn().client.get('/things'), LoopError);
    assert.deepEqual(loopsMet, ['GET /things']);
    assert.equal(seen.length, LOOP_LIMIT);
  });

  test('a refused refresh that is answered 401 is a loop', async () => {
    answer = () => refusal(401);
    await assert.rejects(signedIn().client.get('/things'), LoopError);
    assert.deepEqual(new Set(paths().slice(1)), new Set(['/auth/refresh']));
  });

  test('a loop is remembered where the guide swallows the exception', async () => {
    answer = () => refusal(401);
    const { client, storage } = signedIn();
    await new AuthService({ client, storage }).logout();
    assert.deepEqual(loopsMet, ['POST /auth/logout']);
  });

  test('a refused refresh that is answered 400 ends the sign-in and gives the first 401', async () => {
    answer = ({ path }) => refusal(path === '/auth/refresh' ? 400 : 401);
    const { client, storage } = signedIn();
    await assert.rejects(client.get('/things'), (error) => {
      assert.ok(error instanceof DioException);
      return error.response.statusCode === 401;
    });
    assert.deepEqual(paths(), ['/things', '/auth/refresh']);
    assert.equal(storage.values.size, 0);
  });

  test('a 401 without a stored refresh token is not repeated', async () => {
    answer = () => refusal(401);
    const client = new ApiClient({ baseUrl, storage: new SecureStorage() });
    await assert.rejects(client.get('/things'), DioException);
    assert.deepEqual(paths(), ['/things']);
  });

  test('a retry that is refused for another reason ends the sign-in too', async () => {
    answer = ({ path, headers }) => {
      if (path === '/auth/refresh') return tokens;
      return refusal(headers.authorization === 'Bearer fresh' ? 404 : 401);
    };
    const { client, storage } = signedIn();
    await assert.rejects(client.get('/things'), DioException);
    assert.equal(storage.values.size, 0);
  });

  test('a POST without a body says JSON and is chunked and empty', async () => {
    answer = () => ({ status: 200, json: { data: null } });
    await signedIn().client.post('/things');
    assert.equal(seen[0].headers['content-type'], 'application/json');
    assert.equal(seen[0].headers['transfer-encoding'], 'chunked');
    assert.equal(seen[0].body, '');
  });
});

test('the browser finds a form by where it leads, with its hidden fields', () => {
  const text = `<form action="/pay" method="post">
      <input type=hidden name="csrf" value="a&amp;b"><button>Pay</button>
    </form>
    <form method='post' action='/cancel'><button name="x" value="1">Give up</button></form>`;
  const page = new Page({ address: 'http://localhost:1/checkout', status: 200, headers: {}, text });
  assert.deepEqual(page.form('/pay'), {
    action: 'http://localhost:1/pay',
    method: 'POST',
    fields: [['csrf', 'a&b']],
  });
  assert.deepEqual(page.form('/cancel').fields, [['x', '1']]);
  assert.throws(() => page.form('/refund'));
});

test('every one of the fifteen traps has a test named by it', async () => {
  const folder = new URL('.', import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.test.js'));
  const sources = await Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')));
  const names = sources.join('\n').match(/test\(\s*['"`]trap \d+: /g) ?? [];
  const named = new Set(names.map((name) => Number(/\d+/.exec(name))));
  assert.deepEqual(
    [...named].sort((a, b) => a - b),
    Array.from({ length: 15 }, (_, index) => index + 1),
  );
});
