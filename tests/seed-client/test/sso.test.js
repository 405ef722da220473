// SSOService, and the way into the site: the browser that opens the address, and the site that redeems the token.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Browser } from '../lib/browser.js';
import { Device, completed, join, refused, register } from '../lib/device.js';
import { send } from '../lib/http.js';
import { JobType, SSOTokenResponse } from '../lib/models.js';
import { raw } from '../lib/raw.js';
import { sharedServer } from '../lib/server.js';

/** Addresses that a browser would follow to another host, plain and percent-encoded. */
const AWAY = [
  '//evil.example',
  '/\\evil.example',
  'https://evil.example',
  '%2F%2Fevil.example',
  '/%2Fevil.example',
  '',
];

let server;
before(async () => {
  server = await sharedServer();
});
after(() => server.stop());

async function ownerOfSite() {
  const owner = await register(server);
  await completed(owner);
  owner.site = (await owner.tenants.getCurrentTenant()).erpnextSiteUrl;
  return owner;
}

async function redeem(parameters, method = 'GET') {
  const query = method === 'GET' ? `?${new URLSearchParams(parameters)}` : '';
  const body = method === 'GET' ? {} : { body: JSON.stringify(parameters) };
  const { status, text } = await send(`${server.api}/sso/erpnext/callback${query}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...body,
  });
  return { status, json: JSON.parse(text) };
}

describe('generateToken', () => {
  test('it gives an address on the site, good for a minute', async () => {
    const owner = await ownerOfSite();
    const { ssoUrl, token, expiresAt } = await owner.sso.generateToken();
    assert.equal(ssoUrl, `${owner.site}/api/method/erpmax.sso.login?token=${encodeURIComponent(token)}`);
    assert.ok(token.length >= 43, '256 random bits');
    const seconds = (expiresAt - Date.now()) / 1000;
    assert.ok(seconds > 50 && seconds <= 60, `${seconds} s`);
    assert.notEqual((await owner.sso.generateToken()).token, token);
  });

  test('without a site there is nothing to open, before it is built and after it is deleted', async () => {
    const owner = await register(server);
    await refused(owner.sso.generateToken(), 409, 'site_missing');
    await completed(owner);
    await owner.sso.generateToken();
    await completed(owner, JobType.deleteSite);
    await refused(owner.sso.generateToken(), 409, 'site_missing');
  });

  test('nobody signed in gets nothing', async () => {
    await refused(new Device(server).sso.generateToken(), 401, 'unauthorized');
  });
});

describe('the browser', () => {
  test('opening the address signs the person in to the site, once', async () => {
    const owner = await ownerOfSite();
    const { ssoUrl } = await owner.sso.generateToken();
    const inside = await new Browser().open(ssoUrl);
    assert.equal(inside.status, 200);
    assert.ok(inside.text.includes(owner.email), inside.text);
    assert.equal(new URL(inside.address).host, new URL(owner.site).host);

    const second = await new Browser().open(ssoUrl);
    assert.ok(!second.text.includes(owner.email), 'a used token shows nobody');
    assert.ok(second.status >= 400 || !second.address.includes('token='), `${second.status} at ${second.address}`);
  });

  test('every member is signed in as themselves', async () => {
    const owner = await ownerOfSite();
    const member = await join(owner);
    const { ssoUrl } = await member.sso.generateToken();
    const inside = await new Browser().open(ssoUrl);
    assert.ok(inside.text.includes(member.email) && !inside.text.includes(owner.email));
  });

  test('a token is worth nothing on the site of another tenant', async () => {
    const [owner, other] = [await ownerOfSite(), await ownerOfSite()];
    const { ssoUrl } = await owner.sso.generateToken();
    const elsewhere = await new Browser().open(ssoUrl.replace(owner.site, other.site));
    assert.ok(!elsewhere.text.includes(owner.email));
    const inside = await new Browser().open(ssoUrl);
    assert.ok(inside.text.includes(owner.email), 'the refusal has not spent it');
  });
});

describe('the callback', () => {
  test('it names person, tenant and where to go, once', async () => {
    const owner = await ownerOfSite();
    const { token } = await owner.sso.generateToken();
    const { status, json } = await redeem({ token, redirect: '/app/invoices?view=list' });
    assert.equal(status, 200);
    assert.deepEqual([json.status, json.success, json.redirect], ['success', true, '/app/invoices?view=list']);
    assert.deepEqual(json.data, {
      user: { id: owner.userId, email: owner.email, full_name: 'Acme Owner', role: 'owner' },
      tenant: { id: owner.tenantId, name: owner.company, slug: owner.session.currentTenant.slug },
    });
    const second = await redeem({ token });
    assert.equal(second.status, 403);
    assert.deepEqual([second.json.status, second.json.success, second.json.redirect], ['error', false, '/login']);
    assert.ok(second.json.error.message && second.json.error.code);
  });

  test('it may be posted, and goes to the desk when nothing else is asked', async () => {
    const owner = await ownerOfSite();
    const { token } = await owner.sso.generateToken();
    const { status, json } = await redeem({ token }, 'POST');
    assert.deepEqual([status, json.redirect], [200, '/app']);
  });

  test('it never leads away from the site', async () => {
    const owner = await ownerOfSite();
    for (const redirect of AWAY) {
      const { token } = await owner.sso.generateToken();
      const { status, json } = await redeem({ token, redirect });
      assert.deepEqual([status, json.redirect], [200, '/app'], redirect);
    }
  });

  test('a removed member and one who logged out are not let in any more', async () => {
    const owner = await ownerOfSite();
    const member = await join(owner);
    const [removed, loggedOut] = [await member.sso.generateToken(), await owner.sso.generateToken()];
    await owner.tenants.removeUser(owner.tenantId, member.userId);
    await owner.auth.logout();
    for (const { token } of [removed, loggedOut]) assert.equal((await redeem({ token })).status, 403);
  });

  test('a made-up token is refused', async () => {
    const { status, json } = await redeem({ token: 'made-up' });
    assert.deepEqual([status, json.success, json.redirect], [403, false, '/login']);
  });
});

test('validate tells that a token is good, without spending it and without naming anybody', async () => {
  const owner = await ownerOfSite();
  const { token } = await owner.sso.generateToken();
  for (let time = 0; time < 2; time += 1) {
    const { status, json } = await raw(server, 'GET', `/sso/erpnext/validate/${token}`);
    assert.equal(status, 200);
    assert.deepEqual([json.data.valid, json.data.tenant_id], [true, owner.tenantId]);
    assert.deepEqual(Object.keys(json.data).sort(), ['created_at', 'tenant_id', 'valid']);
  }
  assert.equal((await redeem({ token })).status, 200);
  assert.equal((await raw(server, 'GET', `/sso/erpnext/validate/${token}`)).status, 404);
});

test('trap 15: the published app asks POST /sso/token, and gets the same', async () => {
  const owner = await ownerOfSite();
  const response = await owner.client.post('/sso/token');
  const { ssoUrl } = SSOTokenResponse.fromJson(response.data.data);
  assert.ok((await new Browser().open(ssoUrl)).text.includes(owner.email));
  const stranger = await register(server);
  await refused(stranger.client.post('/sso/token'), 409, 'site_missing');
});
