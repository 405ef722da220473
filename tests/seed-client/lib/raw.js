// Requests that the guide's client does not make: raw bodies, additive endpoints, other headers.

import assert from 'node:assert/strict';

import { send } from './http.js';

function bodyOf(body) {
  if (body === undefined || typeof body === 'string') return body;
  return JSON.stringify(body);
}

/** Sends `body` (an object is sent as JSON) to `path` under `/api/v1`; resolves to `{ status, headers, json }`. */
export async function raw(server, method, path, { token, body, headers = {} } = {}) {
  const text = bodyOf(body);
  const answer = await send(`${server.api}${path}`, {
    method,
    body: text,
    headers: {
      'content-type': 'application/json',
      ...(text !== undefined && { 'content-length': Buffer.byteLength(text) }),
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  return { status: answer.status, headers: answer.headers, json: envelope(answer, `${method} ${path}`) };
}

/** Parses an answer of the API and asserts that it wears the envelope. */
function envelope({ status, headers, text }, request) {
  const said = `${request} answered ${status} ${headers['content-type']}: ${text.slice(0, 400)}`;
  assert.match(headers['content-type'] ?? '', /^application\/json/, said);
  assert.ok(headers['x-request-id'], `${said}, without X-Request-Id`);
  const json = JSON.parse(text);
  if (status < 400) {
    assert.equal(json.status, 'success', said);
    assert.ok(Object.hasOwn(json, 'data'), said);
  } else {
    assert.equal(json.status, 'error', said);
    assert.ok(!Object.hasOwn(json, 'data'), said);
    assert.ok(typeof json.error.message === 'string' && json.error.message.length > 0, said);
    assert.match(json.error.code, /^[a-z]+(_[a-z]+)*$/, said);
    if (Object.hasOwn(json.error, 'details')) assertDetails(json.error.details, said);
  }
  return json;
}

function assertDetails(details, said) {
  assert.ok(details !== null && typeof details === 'object' && !Array.isArray(details), said);
  for (const messages of Object.values(details)) {
    assert.ok(Array.isArray(messages) && messages.every((message) => typeof message === 'string'), said);
  }
}
