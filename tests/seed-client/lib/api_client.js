// The guide's `api_client.dart`, line for line, with its recursion: the refresh and the retry pass through the same
// interceptor as every other request.

import { asString, at, nullable } from './dart.js';
import { Dio, guarded } from './dio.js';

const nullableString = nullable(asString);

export class ApiClient {
  constructor({ baseUrl, storage }) {
    this._storage = storage;
    this._dio = new Dio({
      baseUrl,
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
      },
    });
    this._setupInterceptors();
  }

  _setupInterceptors() {
    this._dio.interceptors.push({
      onRequest: async (options, handler) => {
        // Add JWT token to headers
        const token = await this._storage.read({ key: 'access_token' });
        if (token !== null) {
          options.headers.authorization = `Bearer ${token}`;
        }
        return handler.next(options);
      },
      onResponse: (response, handler) => handler.next(response),
      onError: async (error, handler) => {
        // Handle 401 - refresh token
        if (error.response?.statusCode === 401) {
          try {
            await this._refreshToken();
            // Retry original request
            return handler.resolve(await this._retry(error.requestOptions));
          } catch {
            // Refresh failed - logout
            await this._storage.deleteAll();
            return handler.reject(error);
          }
        }
        return handler.next(error);
      },
    });
  }

  async _refreshToken() {
    const refreshToken = await this._storage.read({ key: 'refresh_token' });
    if (refreshToken === null) throw new Error('No refresh token');

    const response = await this._dio.post('/auth/refresh', { data: { refresh_token: refreshToken } });

    const data = at(response.data, 'data');
    await this._storage.write({ key: 'access_token', value: nullableString(at(data, 'access_token')) });
    await this._storage.write({ key: 'refresh_token', value: nullableString(at(data, 'refresh_token')) });
  }

  async _retry(requestOptions) {
    const options = { method: requestOptions.method, headers: requestOptions.headers };
    return this._dio.request(requestOptions.path, {
      data: requestOptions.data,
      queryParameters: requestOptions.queryParameters,
      options,
    });
  }

  // HTTP methods
  async get(path, { queryParameters } = {}) {
    return guarded(`GET ${path}`, () => this._dio.get(path, { queryParameters }));
  }

  async post(path, { data, queryParameters } = {}) {
    return guarded(`POST ${path}`, () => this._dio.post(path, { data, queryParameters }));
  }

  async patch(path, { data } = {}) {
    return guarded(`PATCH ${path}`, () => this._dio.patch(path, { data }));
  }

  async delete(path) {
    return guarded(`DELETE ${path}`, () => this._dio.delete(path));
  }
}
