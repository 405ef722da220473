// A fresh PostgreSQL database for each server, when the suite is run on PostgreSQL.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

const withDatabase = (address, name) =>
  address.replace(/^(postgres(?:ql)?:\/\/[^/?]*)(\/[^?]*)?/, (_whole, server) => `${server}/${name}`);

const execute = (address, statement) =>
  run('psql', ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '--command', statement, address]);

/** Creates a database on the server at `address` and resolves to `{ address, drop }`. */
export async function createDatabase(address) {
  const name = `seed_client_${randomBytes(8).toString('hex')}`;
  await execute(address, `CREATE DATABASE ${name}`);
  return {
    address: withDatabase(address, name),
    drop: () => execute(address, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}
