// ProvisioningService on a server whose sites are quick.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { send } from '../lib/http.js';
import { Device, completed, ended, join, refused, register } from '../lib/device.js';
import { JobType, ProvisioningJob } from '../lib/models.js';
import { raw } from '../lib/raw.js';
import { listen } from '../lib/recorder.js';
import { sharedServer } from '../lib/server.js';

const NOWHERE = '00000000-0000-7000-8000-000000000000';

let server;
before(async () => {
  server = await sharedServer();
});
after(() => server.stop());

const rawCreate = (device, jobType) =>
  raw(server, 'POST', '/provisioning/jobs', { token: device.accessToken, body: { job_type: jobType } });

describe('createJob', () => {
  test('a site is built and served at the address of its tenant', async () => {
    const owner = await register(server);
    const { result: job, statuses } = await owner.watched(() => owner.provisioning.createJob(JobType.createSite));
    assert.deepEqual(statuses, [201]);
    assert.deepEqual([job.jobType, job.tenantId], ['createSite', owner.tenantId]);
    assert.ok(['pending', 'running'].includes(job.status));
    const last = await ended(owner, job.id);
    assert.deepEqual([last.status, last.progress, last.error], ['completed', 100, null]);
    assert.ok(last.startedAt >= job.createdAt && last.completedAt >= last.startedAt);

    const tenant = await owner.tenants.getCurrentTenant();
    const { port } = new URL(server.origin);
    assert.equal(tenant.status, 'active');
    assert.equal(tenant.erpnextSiteUrl, `http://${tenant.slug}.localhost:${port}`);
    const page = await send(tenant.erpnextSiteUrl);
    assert.equal(page.status, 200);
    assert.match(page.text, /sandbox/i);
  });

  test('a repeated tap is answered with the same job, also two at once', async () => {
    const owner = await register(server);
    const taps = await Promise.all([rawCreate(owner, 'createSite'), rawCreate(owner, 'createSite')]);
    assert.deepEqual(taps.map(({ status }) => status).sort(), [200, 201]);
    assert.equal(taps[0].json.data.id, taps[1].json.data.id);
    await ended(owner, taps[0].json.data.id);
    await refused(owner.provisioning.createJob(JobType.createSite), 409, 'site_exists');
  });

  test('the tenant is provisioning meanwhile', async () => {
    const owner = await register(server);
    const job = await owner.provisioning.createJob(JobType.createSite);
    const { status } = await owner.tenants.getCurrentTenant();
    assert.ok(['provisioning', 'active'].includes(status), status);
    await ended(owner, job.id);
  });

  test('a backup is made of a site, and without one there is nothing to back up', async () => {
    const owner = await register(server);
    await refused(owner.provisioning.createJob(JobType.backupSite), 409, 'site_missing');
    await completed(owner);
    const backup = await completed(owner, JobType.backupSite);
    assert.deepEqual([backup.jobType, backup.progress], ['backupSite', 100]);
  });

  test('a deleted site is gone and can be built anew', async () => {
    const owner = await register(server);
    await refused(owner.provisioning.createJob(JobType.deleteSite), 409, 'site_missing');
    await completed(owner);
    const { erpnextSiteUrl } = await owner.tenants.getCurrentTenant();
    await completed(owner, JobType.deleteSite);
    const tenant = await owner.tenants.getCurrentTenant();
    assert.deepEqual([tenant.status, tenant.erpnextSiteUrl], ['pending', null]);
    assert.equal((await send(erpnextSiteUrl)).status, 404);
    await completed(owner);
    assert.equal((await send(erpnextSiteUrl)).status, 200);
  });

  test('an admin builds and backs up but does not delete; a user does neither', async () => {
    const owner = await register(server);
    const [admin, user] = [await join(owner, 'admin'), await join(owner)];
    await refused(user.provisioning.createJob(JobType.createSite), 403, 'forbidden');
    await completed(admin);
    await completed(admin, JobType.backupSite);
    await refused(admin.provisioning.createJob(JobType.deleteSite), 403, 'forbidden');
  });
});

describe('getJobs and getJobById', () => {
  test('jobs are listed newest first, page by page', async () => {
    const owner = await register(server);
    const first = await completed(owner);
    const second = await completed(owner, JobType.backupSite);
    assert.deepEqual(
      (await owner.provisioning.getJobs()).map(({ id }) => id),
      [second.id, first.id],
    );
    const page = await owner.provisioning.getJobs({ page: 2, size: 1 });
    assert.deepEqual(
      page.map(({ id }) => id),
      [first.id],
    );
    assert.deepEqual(await owner.provisioning.getJobs({ page: 3, size: 1 }), []);
    assert.deepEqual(await owner.provisioning.getJobById(first.id), page[0]);
  });

  test('every member may read them', async () => {
    const owner = await register(server);
    const user = await join(owner);
    const job = await completed(owner);
    assert.equal((await user.provisioning.getJobById(job.id)).id, job.id);
    assert.equal((await user.provisioning.getJobs()).length, 1);
  });

  test('a foreign job answers exactly like one that does not exist', async () => {
    const [owner, stranger] = [await register(server), await register(server)];
    const job = await completed(owner);
    const { provisioning } = stranger;
    for (const call of [provisioning.getJobById, provisioning.retryJob, provisioning.cancelJob]) {
      const foreign = await refused(call.call(provisioning, job.id), 404, 'not_found');
      assert.deepEqual(await refused(call.call(provisioning, NOWHERE), 404, 'not_found'), foreign);
    }
    assert.deepEqual(await provisioning.getJobs(), []);
  });
});

describe('retryJob and cancelJob', () => {
  test('a job that went well can be neither retried nor cancelled', async () => {
    const owner = await register(server);
    const job = await completed(owner);
    await refused(owner.provisioning.retryJob(job.id), 409, 'job_not_retryable');
    await refused(owner.provisioning.cancelJob(job.id), 409, 'job_not_cancellable');
  });

  test('a user may do neither', async () => {
    const owner = await register(server);
    const user = await join(owner);
    const job = await completed(owner);
    await refused(user.provisioning.retryJob(job.id), 403, 'forbidden');
    await refused(user.provisioning.cancelJob(job.id), 403, 'forbidden');
  });
});

test('nobody signed in gets nothing', async () => {
  const device = new Device(server);
  await refused(device.provisioning.getJobs(), 401, 'unauthorized');
  await refused(device.provisioning.createJob(JobType.createSite), 401, 'unauthorized');
});

test('trap 5: both spellings of a job type are taken, and snake_case is answered', async () => {
  const owner = await register(server);
  for (const word of ['createSite', 'backup_site', 'backupSite', 'deleteSite', 'create_site', 'delete_site']) {
    const { status, json } = await rawCreate(owner, word);
    assert.equal(status, 201, `${word}: ${JSON.stringify(json)}`);
    assert.equal(json.data.job_type, word.replace('S', '_s'), word);
    assert.equal((await ended(owner, json.data.id)).status, 'completed', word);
  }
  const unknown = await rawCreate(owner, 'paintSite');
  assert.deepEqual([unknown.status, unknown.json.error.code], [422, 'validation_failed']);
  assert.ok(unknown.json.error.details.job_type.length > 0);

  assert.equal((await owner.provisioning.getJobs()).length, 6, 'every one decodes');
  const all = await raw(server, 'GET', '/provisioning/jobs?types=all', { token: owner.accessToken });
  assert.ok(all.status === 200 && all.json.pagination.total >= 6);
});

test('job:updated tells of every type, and no two events share an id', async (t) => {
  const owner = await register(server);
  const heard = listen(t, server, owner.accessToken);
  await heard.connected();
  const site = await completed(owner);
  const backup = await completed(owner, JobType.backupSite);
  const isLast = (id) => (data) => data.job.id === id && data.job.status === 'completed';
  for (const job of [site, backup]) {
    const updated = await heard.next('job:updated', isLast(job.id));
    assert.deepEqual(ProvisioningJob.fromJson(updated.job), job);
  }
  await heard.when('a notification for each', () => heard.all('notification:new').length >= 2);
  const told = heard.events.filter(({ name }) => !name.startsWith('('));
  const ids = told.map(({ data }) => data.event_id);
  assert.ok(
    ids.every((id) => typeof id === 'string' && id !== ''),
    JSON.stringify(heard.events),
  );
  assert.equal(new Set(ids).size, ids.length);
});
