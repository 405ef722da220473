// The guide's usage examples (§5), error handling (§6) and troubleshooting, as they stand there.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Browser } from '../lib/browser.js';
import { DioException } from '../lib/dio.js';
import { Device, PASSWORD, register, unique } from '../lib/device.js';
import { eventually } from '../lib/eventually.js';
import { send } from '../lib/http.js';
import { BillingPeriod } from '../lib/models.js';
import { ProvisioningScreen } from '../lib/provisioning_screen.js';
import { sharedServer } from '../lib/server.js';

let server;
before(async () => {
  server = await sharedServer();
});
after(() => server.stop());

describe('the authentication flow', () => {
  test('a person signs in and the app goes to the dashboard', async () => {
    const { email } = await register(server, { email: `${unique('user')}@example.com` });
    const { auth } = new Device(server);
    const response = await auth.login({ email, password: PASSWORD });
    assert.equal(response.user.email, email);
  });

  test('a failed sign-in reaches the message that the app shows', async () => {
    const { auth } = new Device(server);
    const login = auth.login({ email: `${unique('user')}@example.com`, password: 'WrongPass123' });
    await assert.rejects(login, DioException);
  });
});

describe('the provisioning screen', () => {
  test('connect() and createJob() start together, and the screen ends at "Site ready!"', async (t) => {
    const owner = await register(server);
    const screen = new ProvisioningScreen(owner);
    t.after(() => screen.dispose());
    assert.equal(screen.build(), 'Starting provisioning... 0%');
    screen.initState();
    await eventually('the site on the screen', () => screen.build() === 'Site ready! 100%');
    await screen._started;

    const { erpnextSiteUrl } = await owner.tenants.getCurrentTenant();
    assert.deepEqual(screen.launched, [erpnextSiteUrl]);
    assert.match((await send(screen.launched[0])).text, /sandbox/i);
    const percents = screen.shown.map((text) => Number(/(\d+)%$/.exec(text)[1]));
    assert.deepEqual(
      percents,
      [...percents].sort((a, b) => a - b),
      screen.shown.join('\n'),
    );
  });

  test('it ends there also when the socket comes after the job is done', async (t) => {
    const owner = await register(server);
    const screen = new ProvisioningScreen(owner);
    t.after(() => screen.dispose());
    await screen._startProvisioning();
    await eventually('the job ending', async () => (await owner.provisioning.getJobs())[0].status === 'completed');
    screen._setupRealtime();
    await eventually('the site on the screen', () => screen.build() === 'Site ready! 100%');
  });
});

test('the billing flow leads to a page where one can pay', async () => {
  const { billing } = await register(server);
  const plans = await billing.getPlans();
  const selectedPlan = plans.at(-1);
  const checkout = await billing.createCheckout({
    planId: selectedPlan.id,
    billingPeriod: BillingPeriod.monthly,
    successUrl: 'https://app.erpmax.com/billing/success',
    cancelUrl: 'https://app.erpmax.com/billing/cancel',
  });
  const page = await new Browser().open(checkout.checkoutUrl);
  assert.ok(page.form('/pay') && page.form('/cancel'));
});

test('the error handling example tells 401 and 404 apart', async () => {
  const shown = async (call) => {
    try {
      await call();
      return 'nothing';
    } catch (error) {
      if (!(error instanceof DioException)) throw error;
      const messages = { 401: '/login', 403: "You don't have permission", 404: 'Resource not found' };
      return messages[error.response?.statusCode] ?? `Something went wrong: ${error.message}`;
    }
  };
  const owner = await register(server);
  assert.equal(await shown(() => new Device(server).auth.getCurrentUser()), '/login');
  assert.equal(await shown(() => owner.tenants.getTenantById('no-such-tenant')), 'Resource not found');
  assert.equal(await shown(() => owner.auth.getCurrentUser()), 'nothing');
});

test('the API documentation is where the guide says', async () => {
  const browser = new Browser();
  const page = await browser.open(`${server.origin}/docs`);
  assert.equal(page.status, 200);
  assert.ok(page.isHtml);
});
