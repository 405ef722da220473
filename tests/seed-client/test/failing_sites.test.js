// Sites whose first attempt fails half-way. A server of its own.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { send } from '../lib/http.js';
import { ended, register } from '../lib/device.js';
import { eventually } from '../lib/eventually.js';
import { JobType } from '../lib/models.js';
import { ProvisioningScreen } from '../lib/provisioning_screen.js';
import { listen } from '../lib/recorder.js';
import { startServer } from '../lib/server.js';

let server;
before(async () => {
  server = await startServer({ ERPMAX_SANDBOX__FAIL_AT: 'apps', ERPMAX_SANDBOX__FAIL_ATTEMPTS: '1' });
});
after(() => server.stop());

test('a failed creation is told with its reason, leaves nothing behind, and its retry succeeds', async (t) => {
  const owner = await register(server);
  const heard = listen(t, server, owner.accessToken);
  await heard.connected();
  const job = await owner.provisioning.createJob(JobType.createSite);
  const last = await ended(owner, job.id);
  assert.equal(last.status, 'failed');
  assert.ok(last.error);
  assert.ok(last.completedAt);

  const told = await heard.next('status:failed');
  assert.deepEqual([told.job_id, told.error, told.job_type], [job.id, last.error, 'create_site']);
  assert.ok(await heard.next('notification:new'));
  const tenant = await owner.tenants.getCurrentTenant();
  assert.deepEqual([tenant.status, tenant.erpnextSiteUrl], ['pending', null]);
  const { port } = new URL(server.origin);
  assert.equal((await send(`http://${tenant.slug}.localhost:${port}`)).status, 404);

  assert.equal((await owner.provisioning.retryJob(job.id)).id, job.id);
  const second = await ended(owner, job.id);
  assert.deepEqual([second.status, second.error], ['completed', null]);
  assert.equal((await heard.next('status:completed')).job_id, job.id);
});

test('a failed creation can also be asked for anew', async () => {
  const owner = await register(server);
  const failed = await owner.provisioning.createJob(JobType.createSite);
  assert.equal((await ended(owner, failed.id)).status, 'failed');
  const anew = await owner.provisioning.createJob(JobType.createSite);
  assert.notEqual(anew.id, failed.id);
});

test('the provisioning screen shows the failure, and then the retry', async (t) => {
  const owner = await register(server);
  const screen = new ProvisioningScreen(owner);
  t.after(() => screen.dispose());
  screen.initState();
  await eventually('the failure on the screen', () => /^Failed: .+/.test(screen.build()));
  const [job] = await owner.provisioning.getJobs();
  await owner.provisioning.retryJob(job.id);
  await eventually('the site on the screen', () => screen.build() === 'Site ready! 100%');
  assert.equal(screen.launched.length, 1);
});

test('a screen opened after the failure shows the failure', async (t) => {
  const owner = await register(server);
  const job = await owner.provisioning.createJob(JobType.createSite);
  const { error } = await ended(owner, job.id);
  assert.deepEqual((await listen(t, server, owner.accessToken).next('status:failed')).error, error);
});
