// One HTTP exchange. It always connects to 127.0.0.1 and names the address in `Host`, because not every resolver knows
// `*.localhost`.

import http from 'node:http';
import { gunzipSync } from 'node:zlib';

function textOf(chunks, headers) {
  const bytes = Buffer.concat(chunks);
  const unpacked = headers['content-encoding'] === 'gzip' && bytes.length > 0 ? gunzipSync(bytes) : bytes;
  return unpacked.toString('utf8');
}

/** Sends a request and resolves to `{ status, headers, text }`, whatever the status. */
export function send(address, { method = 'GET', headers = {}, body, timeout = 30_000 } = {}) {
  const { host, port, pathname, search } = new URL(address);
  const options = { host: '127.0.0.1', port, method, path: pathname + search, headers: { host, ...headers } };
  return new Promise((resolve, reject) => {
    const request = http.request({ ...options, agent: false, timeout }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, text: textOf(chunks, response.headers) });
      });
    });
    request.on('timeout', () => request.destroy(new Error(`${method} ${address} got no answer in ${timeout} ms`)));
    request.on('error', reject);
    request.end(body);
  });
}
