// Runs the real binary: `erpmax serve` on a free port with a data folder of its own.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { send } from './http.js';
import { createDatabase } from './postgres.js';

const BINARY = process.env.ERPMAX_BIN ?? fileURLToPath(new URL('../../../target/debug/erpmax', import.meta.url));
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 15_000;
const API_LINE = /^API\s+(http:\/\/\S+)\/api\/v1\s*$/m;

/** Where `run.js` tells the test files of the server that they share. */
export const SHARED_SERVER = 'SEED_CLIENT_SERVER';

/** The configuration of every server of the suite: quick sites, and limits that a suite does not run into. */
const quickAndPatient = {
  ERPMAX_ENVIRONMENT: 'development',
  ERPMAX_SANDBOX__STEP_MILLISECONDS: '60',
  ERPMAX_AUTH__LOGIN_FAILURES: '1000',
  ERPMAX_AUTH__LOGIN_FAILURES_PER_ADDRESS: '100000',
  ERPMAX_AUTH__LOGIN_FAILURES_PER_ACCOUNT: '100000',
  ERPMAX_AUTH__REGISTRATIONS_PER_HOUR: '100000',
};

/** Keeps `erpmax serve` at its own defaults of sign-in limits. */
export const defaultLimits = {
  ERPMAX_AUTH__LOGIN_FAILURES: undefined,
  ERPMAX_AUTH__LOGIN_FAILURES_PER_ADDRESS: undefined,
  ERPMAX_AUTH__LOGIN_FAILURES_PER_ACCOUNT: undefined,
  ERPMAX_AUTH__REGISTRATIONS_PER_HOUR: undefined,
};

/** The parent's environment without any `ERPMAX_*`: those would be read as configuration. */
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ERPMAX_')));
}

async function chosenDatabase() {
  if (process.env.ERPMAX_TEST_DATABASE !== 'postgres') return null;
  const address = process.env.ERPMAX_TEST_POSTGRES_URL;
  if (!address) throw new Error('ERPMAX_TEST_DATABASE=postgres needs ERPMAX_TEST_POSTGRES_URL');
  return createDatabase(address);
}

/** The addresses of a server whose API is at `{origin}/api/v1`. */
export class Server {
  constructor(origin) {
    this.origin = origin;
    this.api = `${origin}/api/v1`;
    this.realtime = `${origin}/ws`;
  }
}

// The test runner ends a file that takes too long by SIGTERM; leaving by `exit` takes our servers along.
process.once('SIGTERM', () => process.exit(1));

class Process {
  constructor(folder, settings) {
    this.output = '';
    this.log = '';
    this.child = spawn(BINARY, ['serve', '--listen', '127.0.0.1:0', '--data', join(folder, 'data')], {
      cwd: folder,
      env: { ...cleanEnvironment(), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout.setEncoding('utf8').on('data', (text) => (this.output += text));
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.log += text));
    this.killWithUs = () => this.child.kill('SIGKILL');
    process.once('exit', this.killWithUs);
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => resolve(code ?? signal));
      this.child.once('error', (error) => resolve(error.message));
    });
    this.exited.then((how) => {
      this.ended = how;
      process.removeListener('exit', this.killWithUs);
    });
  }

  async until(what, found) {
    const deadline = Date.now() + START_LIMIT_MS;
    while (Date.now() < deadline) {
      const result = await found();
      if (result) return result;
      if (this.ended !== undefined) break;
      await sleep(20);
    }
    const state = this.ended === undefined ? 'is still running' : `ended with ${this.ended}`;
    throw new Error(`erpmax serve has no ${what} and ${state}\n${this.output}\n${this.log}`);
  }

  origin() {
    return this.until('address', () => API_LINE.exec(this.output)?.[1]);
  }

  ready(origin) {
    const asked = () => send(`${origin}/health/ready`).catch(() => ({ status: 0 }));
    return this.until('readiness', async () => (await asked()).status === 200);
  }

  async stop() {
    this.child.kill('SIGTERM');
    const timer = sleep(STOP_LIMIT_MS, 'late', { ref: false });
    if ((await Promise.race([this.exited, timer])) !== 'late') return;
    this.child.kill('SIGKILL');
    await this.exited;
    throw new Error(`erpmax serve did not stop within ${STOP_LIMIT_MS} ms of SIGTERM\n${this.log}`);
  }
}

/** Starts a server with `settings` (environment variables) on top of the suite's own; `stop()` removes every trace. */
export async function startServer(settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'erpmax-seed-client-'));
  const database = await chosenDatabase();
  const address = database ? { ERPMAX_DATABASE__URL: database.address } : {};
  const running = new Process(folder, { ...quickAndPatient, ...address, ...settings });
  const stop = async () => {
    try {
      await running.stop();
    } finally {
      await database?.drop();
      await rm(folder, { recursive: true, force: true });
    }
  };
  try {
    const origin = await running.origin();
    await running.ready(origin);
    return Object.assign(new Server(origin), { stop, log: () => running.log });
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** The server that the test files share; a file that is run alone starts its own. */
export async function sharedServer() {
  const origin = process.env[SHARED_SERVER];
  return origin ? Object.assign(new Server(origin), { stop: async () => undefined }) : startServer();
}
