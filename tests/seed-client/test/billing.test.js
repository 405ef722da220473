// BillingService, and a payment from the checkout page to the invoice.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Browser } from '../lib/browser.js';
import { Device, invalid, join, refused, register, unique } from '../lib/device.js';
import { BillingPeriod, Subscription } from '../lib/models.js';
import { raw } from '../lib/raw.js';
import { listen } from '../lib/recorder.js';
import { sharedServer } from '../lib/server.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOWHERE = '00000000-0000-7000-8000-000000000000';
const RETURN = {
  successUrl: 'https://app.erpmax.com/billing/success',
  cancelUrl: 'https://app.erpmax.com/billing/cancel',
};

let server;
let plan;
before(async () => {
  server = await sharedServer();
  const plans = await new Device(server).billing.getPlans();
  plan = plans.find(({ priceMonthly }) => priceMonthly > 0);
});
after(() => server.stop());

const checkout = (device, changes = {}) =>
  device.billing.createCheckout({ planId: plan.id, billingPeriod: BillingPeriod.monthly, ...RETURN, ...changes });

const rawCheckout = (device, changes, headers = {}) =>
  raw(server, 'POST', '/billing/checkout', {
    token: device.accessToken,
    headers,
    body: {
      plan_id: plan.id,
      billing_period: 'monthly',
      payment_provider: 'stripe',
      success_url: RETURN.successUrl,
      cancel_url: RETURN.cancelUrl,
      ...changes,
    },
  });

async function pay(device, billingPeriod = BillingPeriod.monthly) {
  const { checkoutUrl } = await checkout(device, { billingPeriod });
  const browser = new Browser();
  return browser.submit(await browser.open(checkoutUrl), '/pay');
}

describe('getPlans', () => {
  test('plans are public, active and in their order', async () => {
    const plans = await new Device(server).billing.getPlans();
    assert.ok(plans.length > 0);
    const order = plans.map(({ sortOrder }) => sortOrder);
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
    for (const { isActive, currency, features } of plans) {
      assert.ok(isActive);
      assert.match(currency, /^[A-Z]{3}$/);
      assert.ok(features.length > 0);
    }
  });
});

describe('getSubscription', () => {
  test('a new company is on a trial of fourteen days', async () => {
    const owner = await register(server);
    const subscription = await owner.billing.getSubscription();
    assert.equal(subscription.status, 'trial');
    assert.equal(subscription.tenantId, owner.tenantId);
    assert.equal(subscription.plan.id, subscription.planId);
    assert.equal(subscription.cancelledAt, null);
    const days = (subscription.trialEndsAt - Date.now()) / DAY_MS;
    assert.ok(days > 13.9 && days <= 14, `${days} days`);
    assert.ok(subscription.currentPeriodStart < subscription.currentPeriodEnd);
  });

  test('every member may read it, nobody else', async () => {
    const owner = await register(server);
    const member = await join(owner);
    assert.equal((await member.billing.getSubscription()).tenantId, owner.tenantId);
    await refused(new Device(server).billing.getSubscription(), 401, 'unauthorized');
  });
});

describe('createCheckout', () => {
  test('it gives a page of ours that says it is in test mode', async () => {
    const owner = await register(server);
    const { checkoutUrl, sessionId } = await checkout(owner);
    assert.equal(checkoutUrl, `${server.origin}/sandbox/checkout/${sessionId}`);
    const page = await new Browser().open(checkoutUrl);
    assert.equal(page.status, 200);
    assert.ok(page.isHtml);
    assert.match(page.text, /test mode/i);
  });

  test('an unknown plan, a foreign return address and an unknown period are refused', async () => {
    const owner = await register(server);
    const unknown = checkout(owner, { planId: NOWHERE });
    await assert.rejects(unknown, ({ response }) => [404, 422].includes(response.statusCode));
    await invalid(checkout(owner, { successUrl: 'http://evil.example/' }), 'success_url');
    await invalid(checkout(owner, { cancelUrl: 'javascript:alert(1)' }), 'cancel_url');
    await invalid(checkout(owner, { billingPeriod: 'weekly' }), 'billing_period');
  });

  test('an admin may, a user may not', async () => {
    const owner = await register(server);
    const [admin, user] = [await join(owner, 'admin'), await join(owner)];
    assert.ok((await checkout(admin)).sessionId);
    await refused(checkout(user), 403, 'forbidden');
  });

  test('the same idempotency key gives the same answer, and another body is refused', async () => {
    const owner = await register(server);
    const headers = { 'idempotency-key': unique('checkout') };
    const [first, second] = [await rawCheckout(owner, {}, headers), await rawCheckout(owner, {}, headers)];
    assert.deepEqual([first.status, second.status], [200, 200]);
    assert.equal(first.json.data.session_id, second.json.data.session_id);
    const other = await rawCheckout(owner, { billing_period: 'yearly' }, headers);
    assert.deepEqual([other.status, other.json.error.code], [422, 'idempotency_mismatch']);
  });
});

describe('a payment', () => {
  test('paying activates the subscription, is told live and stands among the invoices', async (t) => {
    const owner = await register(server);
    const { realtime, recorder } = await owner.connect(t);
    const callbacks = { subscription: [], payment: [], notification: [] };
    realtime.onSubscriptionUpdated = (data) => callbacks.subscription.push(data);
    realtime.onPaymentReceived = (data) => callbacks.payment.push(data);
    realtime.onNotification = (data) => callbacks.notification.push(data);
    await recorder.connected();

    const page = await pay(owner);
    assert.ok(page.location?.startsWith(RETURN.successUrl), `back to ${page.location}`);

    const payment = await recorder.next('payment:received');
    assert.deepEqual([payment.amount, payment.currency], [plan.priceMonthly, plan.currency]);
    const updated = await recorder.next('subscription:updated', ({ subscription }) => subscription.status === 'active');
    assert.equal(Subscription.fromJson(updated.subscription).planId, plan.id);
    const notification = await recorder.next('notification:new');
    assert.ok(notification.title && notification.message && notification.type && notification.created_at);
    for (const [name, calls] of Object.entries(callbacks)) assert.ok(calls.length > 0, name);

    const subscription = await owner.billing.getSubscription();
    assert.deepEqual([subscription.status, subscription.billingPeriod], ['active', 'monthly']);
    const [invoice, ...others] = await owner.billing.getInvoices();
    assert.deepEqual(others, []);
    assert.equal(invoice.eventType, 'payment_success');
    assert.deepEqual([invoice.amount, invoice.currency], [plan.priceMonthly, plan.currency]);
  });

  test('a year costs the yearly price', async (t) => {
    const owner = await register(server);
    const heard = listen(t, server, owner.accessToken);
    await heard.connected();
    await pay(owner, BillingPeriod.yearly);
    assert.equal((await heard.next('payment:received')).amount, plan.priceYearly);
    const subscription = await owner.billing.getSubscription();
    assert.equal(subscription.billingPeriod, 'yearly');
    const days = (subscription.currentPeriodEnd - subscription.currentPeriodStart) / DAY_MS;
    assert.ok(days >= 365, `${days} days`);
  });

  test('giving up leads back to the app and changes nothing', async () => {
    const owner = await register(server);
    const browser = new Browser();
    const page = await browser.open((await checkout(owner)).checkoutUrl);
    const back = await browser.submit(page, '/cancel');
    assert.ok(back.location?.startsWith(RETURN.cancelUrl), back.location);
    assert.equal((await owner.billing.getSubscription()).status, 'trial');
    assert.deepEqual(await owner.billing.getInvoices(), []);
  });

  test('pressing the pay button twice pays once', async (t) => {
    const owner = await register(server);
    const heard = listen(t, server, owner.accessToken);
    await heard.connected();
    const browser = new Browser();
    const page = await browser.open((await checkout(owner)).checkoutUrl);
    await Promise.all([browser.submit(page, '/pay'), browser.submit(page, '/pay')]);
    await heard.next('payment:received');
    await browser.submit(page, '/pay');
    assert.equal((await owner.billing.getInvoices()).length, 1);
  });
});

describe('cancelSubscription', () => {
  test('at the end of the period the access stays until then', async (t) => {
    const owner = await register(server);
    const heard = listen(t, server, owner.accessToken);
    await heard.connected();
    await pay(owner);
    await heard.next('subscription:updated', ({ subscription }) => subscription.status === 'active');
    await owner.billing.cancelSubscription({ reason: 'We close the shop' });
    const told = await heard.next('subscription:updated', ({ subscription }) => subscription.cancelled_at !== null);
    const subscription = await owner.billing.getSubscription();
    assert.equal(subscription.status, 'active');
    assert.deepEqual(Subscription.fromJson(told.subscription).cancelledAt, subscription.cancelledAt);
    assert.ok(subscription.currentPeriodEnd > new Date());
  });

  test('at once it is cancelled at once, and a payment brings it back', async (t) => {
    const owner = await register(server);
    const heard = listen(t, server, owner.accessToken);
    await heard.connected();
    await owner.billing.cancelSubscription({ cancelAtPeriodEnd: false });
    assert.equal((await owner.billing.getSubscription()).status, 'cancelled');
    await pay(owner);
    await heard.next('subscription:updated', ({ subscription }) => subscription.status === 'active');
    const subscription = await owner.billing.getSubscription();
    assert.deepEqual([subscription.status, subscription.cancelledAt], ['active', null]);
  });

  test('only an owner may', async () => {
    const owner = await register(server);
    const [admin, user] = [await join(owner, 'admin'), await join(owner)];
    await refused(admin.billing.cancelSubscription(), 403, 'forbidden');
    await refused(user.billing.cancelSubscription(), 403, 'forbidden');
  });

  test('a reason has at most a thousand characters', async () => {
    const owner = await register(server);
    await invalid(owner.billing.cancelSubscription({ reason: 'x'.repeat(1001) }), 'reason');
  });
});

describe('getInvoices', () => {
  test('owner and admin read them, page by page; a user may not', async (t) => {
    const owner = await register(server);
    const [admin, user] = [await join(owner, 'admin'), await join(owner)];
    const heard = listen(t, server, owner.accessToken);
    await heard.connected();
    await pay(owner);
    await heard.next('payment:received');
    assert.equal((await admin.billing.getInvoices({ page: 1, size: 1 })).length, 1);
    assert.deepEqual(await admin.billing.getInvoices({ page: 2, size: 1 }), []);
    await refused(user.billing.getInvoices(), 403, 'forbidden');
  });
});

test('trap 14: the word stripe is a wish; only a word that is no provider is refused', async () => {
  const owner = await register(server);
  for (const word of ['stripe', 'liqpay', 'invoice', 'sandbox']) {
    const { status, json } = await rawCheckout(owner, { payment_provider: word });
    assert.equal(status, 200, word);
    assert.ok(json.data.checkout_url.startsWith(`${server.origin}/sandbox/checkout/`), word);
  }
  const unknown = await rawCheckout(owner, { payment_provider: 'abacus' });
  assert.deepEqual([unknown.status, unknown.json.error.code], [422, 'validation_failed']);
  assert.ok(unknown.json.error.details.payment_provider.length > 0);
});
