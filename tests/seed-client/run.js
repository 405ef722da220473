// `npm test`: one server for most test files, then node's own test runner over all of them.
// Arguments go to the runner: `npm test -- test/auth.test.js`.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { SHARED_SERVER, startServer } from './lib/server.js';

const LOG_TAIL = 4_000;

function runTests(origin) {
  const runner = ['--test', '--test-concurrency=4', ...process.argv.slice(2)];
  const child = spawn(process.execPath, runner, {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, [SHARED_SERVER]: origin },
    stdio: 'inherit',
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

const server = await startServer();
const code = await runTests(server.origin);
if (code !== 0) process.stderr.write(`\nThe end of the shared server's log:\n${server.log().slice(-LOG_TAIL)}\n`);
await server.stop();
process.exitCode = code;
