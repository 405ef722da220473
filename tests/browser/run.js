// `npm test`: one server for all test files, then node's own test runner over them.
// Arguments go to the runner: `npm test -- test/journey.test.js`.

import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { startServer } from '../seed-client/lib/server.js';

const LOG_TAIL = 4_000;

const server = await startServer({ ERPMAX_SANDBOX__STEP_MILLISECONDS: '300' });
const runner = ['--test', '--test-concurrency=2', ...process.argv.slice(2)];
const child = spawn(process.execPath, runner, {
  cwd: fileURLToPath(new URL('.', import.meta.url)),
  env: { ...process.env, ERPMAX_WEB: server.origin },
  stdio: 'inherit',
});
const code = await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
if (code !== 0) process.stderr.write(`\nThe end of the server's log:\n${server.log().slice(-LOG_TAIL)}\n`);
if (code === 0 && process.env.ERPMAX_PROVE === 'full') {
  const pictures = await readdir(new URL('../../target/browser', import.meta.url));
  console.log(`proof: ${pictures.length} pages and states have no violation of WCAG 2.2 AA in light and dark, and fit 320 pixels`);
}
await server.stop();
process.exitCode = code;
