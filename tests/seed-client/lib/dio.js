// What the guide's client uses of Dio 5: base options, interceptors, `request`, and exceptions on statuses outside 2xx.
// Requests look as dart:io sends them: a body has its length; a POST, PATCH or DELETE without one is chunked and empty.
//
// The one addition is a guard for tests: a call of the client that causes more than `LOOP_LIMIT` requests has fallen
// into the refresh loop, which in the real client would never end.

import { AsyncLocalStorage } from 'node:async_hooks';

import { jsonDecode } from './dart.js';
import { send } from './http.js';

export const LOOP_LIMIT = 20;

/** Every loop that was met, also where the guide's code swallows the exception. */
export const loopsMet = [];

const currentCall = new AsyncLocalStorage();

export class LoopError extends Error {}

export class DioException extends Error {
  constructor(message, { requestOptions, response = null, cause }) {
    super(message, { cause });
    this.requestOptions = requestOptions;
    this.response = response;
  }
}

/** Runs one call of the client; fails it with "401 loop" when it does not come to an end by itself. */
export async function guarded(name, call) {
  const count = { requests: 0 };
  try {
    return await currentCall.run(count, call);
  } finally {
    if (count.requests > LOOP_LIMIT) {
      loopsMet.push(name);
      throw new LoopError(`401 loop: ${name} caused more than ${LOOP_LIMIT} requests`);
    }
  }
}

function countRequest() {
  const count = currentCall.getStore();
  if (!count) return;
  count.requests += 1;
  if (count.requests > LOOP_LIMIT) throw new LoopError('401 loop');
}

const lowerCaseKeys = (headers) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** What an `onError` interceptor decides with. */
const errorHandler = {
  next(error) {
    throw error;
  },
  reject(error) {
    throw error;
  },
  resolve(response) {
    return response;
  },
};

const passHandler = { next: (value) => value };

function framing(method, body) {
  if (body !== undefined) return { 'content-length': String(Buffer.byteLength(body)) };
  return ['GET', 'HEAD'].includes(method) ? {} : { 'transfer-encoding': 'chunked' };
}

function decodeBody({ headers, text }) {
  const isJson = /^application\/(.*\+)?json\b/.test(headers['content-type'] ?? '');
  if (!isJson) return text;
  return text === '' ? null : jsonDecode(text);
}

export class Dio {
  constructor({ baseUrl, headers }) {
    this.baseUrl = baseUrl;
    this.headers = lowerCaseKeys(headers);
    this.interceptors = [];
    /** For tests: each exchange as `{ method, path, status }`, oldest first. */
    this.exchanges = [];
  }

  get(path, { queryParameters } = {}) {
    return this.request(path, { queryParameters, options: { method: 'GET' } });
  }

  post(path, { data, queryParameters } = {}) {
    return this.request(path, { data, queryParameters, options: { method: 'POST' } });
  }

  patch(path, { data } = {}) {
    return this.request(path, { data, options: { method: 'PATCH' } });
  }

  delete(path) {
    return this.request(path, { options: { method: 'DELETE' } });
  }

  request(path, { data, queryParameters, options }) {
    const headers = { ...this.headers, ...lowerCaseKeys(options.headers ?? {}) };
    return this.fetch({ path, data, queryParameters, method: options.method, headers });
  }

  async fetch(options) {
    try {
      for (const { onRequest } of this.interceptors) await onRequest(options, passHandler);
      const response = await this.dispatch(options);
      for (const { onResponse } of this.interceptors) await onResponse(response, passHandler);
      return response;
    } catch (error) {
      return this.recover(this.assureDioException(error, options));
    }
  }

  async recover(error) {
    const [interceptor] = this.interceptors;
    if (!interceptor) throw error;
    return interceptor.onError(error, errorHandler);
  }

  assureDioException(error, requestOptions) {
    if (error instanceof DioException) return error;
    return new DioException(error.message, { requestOptions, cause: error });
  }

  async dispatch(options) {
    countRequest();
    const body = options.data === undefined || options.data === null ? undefined : JSON.stringify(options.data);
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...kept } = options.headers;
    options.headers = { ...kept, ...framing(options.method, body) };
    const response = await send(this.addressOf(options), {
      method: options.method,
      headers: { 'user-agent': 'Dart/3.5 (dart:io)', 'accept-encoding': 'gzip', ...options.headers },
      body,
    });
    this.exchanges.push({ method: options.method, path: options.path, status: response.status });
    return this.validated(response, options);
  }

  validated({ status, headers, text }, requestOptions) {
    const response = { statusCode: status, headers, data: decodeBody({ headers, text }), requestOptions };
    if (status >= 200 && status < 300) return response;
    throw new DioException(`This exception was thrown because the response has a status code of ${status}`, {
      requestOptions,
      response,
    });
  }

  addressOf({ path, queryParameters }) {
    const query = queryParameters ? `?${new URLSearchParams(queryParameters)}` : '';
    return `${this.baseUrl}${path}${query}`;
  }
}
