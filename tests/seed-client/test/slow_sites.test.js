// Jobs that a test can catch while they run: cancelling, and sockets that come late. A server of its own.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { send } from '../lib/http.js';
import { ended, register } from '../lib/device.js';
import { eventually } from '../lib/eventually.js';
import { JobType } from '../lib/models.js';
import { raw } from '../lib/raw.js';
import { listen } from '../lib/recorder.js';
import { startServer } from '../lib/server.js';

let server;
before(async () => {
  server = await startServer({ ERPMAX_SANDBOX__STEP_MILLISECONDS: '250' });
});
after(() => server.stop());

const running = (owner, id) =>
  eventually('the job running', async () => (await owner.provisioning.getJobById(id)).status === 'running');

test('trap 6: a cancelled job ends failed, names who cancelled, stays so, and can be retried', async (t) => {
  const owner = await register(server);
  const heard = listen(t, server, owner.accessToken);
  await heard.connected();
  const job = await owner.provisioning.createJob(JobType.createSite);
  await running(owner, job.id);
  await owner.provisioning.cancelJob(job.id);

  const last = await ended(owner, job.id);
  assert.equal(last.status, 'failed');
  assert.ok(last.error.includes('Acme Owner') || last.error.includes(owner.email), last.error);
  assert.equal((await heard.next('status:failed')).error, last.error);
  const tenant = await owner.tenants.getCurrentTenant();
  assert.deepEqual([tenant.status, tenant.erpnextSiteUrl], ['pending', null]);
  const { port } = new URL(server.origin);
  assert.equal((await send(`http://${tenant.slug}.localhost:${port}`)).status, 404, 'nothing is left');

  const retried = await owner.provisioning.retryJob(job.id);
  assert.equal(retried.id, job.id);
  assert.ok(['pending', 'running'].includes(retried.status), retried.status);
  assert.equal(retried.error, null);
  assert.equal((await ended(owner, job.id)).status, 'completed');
  assert.equal((await heard.next('status:completed')).job_id, job.id);
});

test('a job is cancelled before it ran', async () => {
  const owner = await register(server);
  const job = await owner.provisioning.createJob(JobType.createSite);
  await owner.provisioning.cancelJob(job.id);
  assert.equal((await ended(owner, job.id)).status, 'failed');
  assert.equal((await owner.tenants.getCurrentTenant()).status, 'pending');
});

test('progress never goes down, and every step has a message', async (t) => {
  const owner = await register(server);
  const heard = listen(t, server, owner.accessToken);
  await heard.connected();
  await owner.provisioning.createJob(JobType.createSite);
  const { erpnext_url: site } = await heard.next('status:completed');
  assert.equal(site, (await owner.tenants.getCurrentTenant()).erpnextSiteUrl);
  const updates = heard.all('status:update');
  const progress = updates.map((update) => update.progress);
  assert.deepEqual(
    progress,
    [...progress].sort((a, b) => a - b),
  );
  assert.ok(new Set(updates.map((update) => update.step).filter(Boolean)).size >= 3, 'true steps are told');
  for (const { status, progress: percent, message, step, job_type: type, tenant_id: tenant } of updates) {
    assert.ok(['pending', 'running'].includes(status) && Number.isInteger(percent) && percent >= 0 && percent <= 100);
    assert.deepEqual([type, tenant], ['create_site', owner.tenantId]);
    assert.ok(step === '' || message !== '', step);
  }
});

test('a socket that joins in the middle is told at once how far the site is', async (t) => {
  const owner = await register(server);
  const job = await owner.provisioning.createJob(JobType.createSite);
  await running(owner, job.id);
  const late = listen(t, server, owner.accessToken);
  const greeting = await late.next('status:update');
  assert.equal(greeting.job_id, job.id);
  assert.equal(late.names()[1], 'connected', 'the greeting comes first');
  await late.next('status:completed');
});

test('a socket of another tenant hears nothing of it', async (t) => {
  const [owner, stranger] = [await register(server), await register(server)];
  const [heard, inside] = [listen(t, server, stranger.accessToken), listen(t, server, owner.accessToken)];
  await Promise.all([heard.connected(), inside.connected()]);
  await owner.provisioning.createJob(JobType.createSite);
  await inside.next('notification:new');
  await inside.next('status:completed');
  heard.socket.emit('ping');
  await heard.next('pong');
  assert.deepEqual(heard.names(), ['(connect)', 'connected', 'pong']);
});

test('trap 10: whoever joins after the end is told it once for each session, from the job as it is', async (t) => {
  const owner = await register(server);
  const job = await owner.provisioning.createJob(JobType.createSite);
  await ended(owner, job.id);

  const late = listen(t, server, owner.accessToken);
  const told = await late.next('status:completed');
  assert.equal(told.job_id, job.id);
  assert.equal(told.erpnext_url, (await owner.tenants.getCurrentTenant()).erpnextSiteUrl);
  late.close();

  const again = listen(t, server, owner.accessToken);
  await again.connected();
  again.socket.emit('ping');
  await again.next('pong');
  assert.deepEqual(again.all('status:completed'), [], 'this session has heard it');

  const phone = await owner.another();
  assert.equal((await listen(t, server, phone.accessToken).next('status:completed')).job_id, job.id);
});

test('trap 10: a backup or a deletion never says "Site ready!"', async (t) => {
  const owner = await register(server);
  const { recorder } = await owner.connect(t);
  await owner.provisioning.createJob(JobType.createSite);
  await recorder.next('status:completed');
  const before = recorder.names().filter((name) => name.startsWith('status:')).length;
  for (const type of [JobType.backupSite, JobType.deleteSite]) {
    const job = await owner.provisioning.createJob(type);
    await recorder.next('job:updated', (data) => data.job.id === job.id && data.job.status === 'completed');
  }
  await recorder.when('three notifications', () => recorder.all('notification:new').length >= 3);
  assert.equal(recorder.names().filter((name) => name.startsWith('status:')).length, before);
});

test('a running job is answered as it is to whoever reads it', async () => {
  const owner = await register(server);
  const job = await owner.provisioning.createJob(JobType.createSite);
  await eventually('the first step', async () => {
    const { json } = await raw(server, 'GET', `/provisioning/jobs/${job.id}`, { token: owner.accessToken });
    return json.data.step !== null && json.data.attempt === 1 && json.data.started_at !== null;
  });
  await ended(owner, job.id);
});
