// The guide's `auth_service.dart`.

import { ApiEndpoints } from '../api_endpoints.js';
import { asMap, asString, at } from '../dart.js';
import { AuthResponse, SwitchTenantResponse, UserWithTenants } from '../models.js';

export class AuthService {
  constructor({ client, storage }) {
    this._client = client;
    this._storage = storage;
  }

  /** Register new user */
  async register({ email, password, fullName, companyName }) {
    const response = await this._client.post(ApiEndpoints.register, {
      data: { email, password, full_name: fullName, company_name: companyName },
    });
    return AuthResponse.fromJson(await this._saved(response));
  }

  /** Login user */
  async login({ email, password }) {
    const response = await this._client.post(ApiEndpoints.login, { data: { email, password } });
    return AuthResponse.fromJson(await this._saved(response));
  }

  /** Logout user */
  async logout() {
    try {
      await this._client.post(ApiEndpoints.logout);
    } catch {
      // The guide logs the error and goes on.
    } finally {
      await this._storage.deleteAll();
    }
  }

  /** Get current user info */
  async getCurrentUser() {
    const response = await this._client.get(ApiEndpoints.me);
    return UserWithTenants.fromJson(asMap(at(response.data, 'data')));
  }

  /** Switch tenant */
  async switchTenant(tenantId) {
    const response = await this._client.post(ApiEndpoints.switchTenant, { data: { tenant_id: tenantId } });
    return SwitchTenantResponse.fromJson(await this._saved(response));
  }

  /** Check if user is authenticated */
  async isAuthenticated() {
    const token = await this._storage.read({ key: 'access_token' });
    return token !== null;
  }

  async _saved(response) {
    const data = at(response.data, 'data');
    await this._saveTokens({
      accessToken: asString(at(data, 'access_token')),
      refreshToken: asString(at(data, 'refresh_token')),
    });
    return asMap(data);
  }

  async _saveTokens({ accessToken, refreshToken }) {
    await this._storage.write({ key: 'access_token', value: accessToken });
    await this._storage.write({ key: 'refresh_token', value: refreshToken });
  }
}
