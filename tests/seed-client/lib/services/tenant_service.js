// The guide's `tenant_service.dart`.

import { ApiEndpoints } from '../api_endpoints.js';
import { asMap, at } from '../dart.js';
import { Tenant, TenantUser, listOf } from '../models.js';

export class TenantService {
  constructor({ client }) {
    this._client = client;
  }

  /** Get all user's tenants */
  async getTenants({ page = 1, size = 20 } = {}) {
    const response = await this._client.get(ApiEndpoints.tenants, { queryParameters: { page, size } });
    return listOf(Tenant, at(response.data, 'data'));
  }

  /** Get current tenant */
  async getCurrentTenant() {
    const response = await this._client.get(ApiEndpoints.currentTenant);
    return Tenant.fromJson(asMap(at(response.data, 'data')));
  }

  /** Get tenant by ID */
  async getTenantById(id) {
    const response = await this._client.get(ApiEndpoints.tenantById(id));
    return Tenant.fromJson(asMap(at(response.data, 'data')));
  }

  /** Update tenant */
  async updateTenant(id, { name, settings } = {}) {
    const response = await this._client.patch(ApiEndpoints.tenantById(id), {
      data: { ...(name !== undefined && { name }), ...(settings !== undefined && { settings }) },
    });
    return Tenant.fromJson(asMap(at(response.data, 'data')));
  }

  /** Get tenant users */
  async getTenantUsers(tenantId, { page = 1, size = 20 } = {}) {
    const response = await this._client.get(ApiEndpoints.tenantUsers(tenantId), { queryParameters: { page, size } });
    return listOf(TenantUser, at(response.data, 'data'));
  }

  /** Invite user to tenant */
  async inviteUser(tenantId, { email, role }) {
    await this._client.post(ApiEndpoints.inviteUser(tenantId), { data: { email, role } });
  }

  /** Update user role */
  async updateUserRole(tenantId, userId, { role }) {
    await this._client.patch(ApiEndpoints.updateUserRole(tenantId, userId), { data: { role } });
  }

  /** Remove user from tenant */
  async removeUser(tenantId, userId) {
    await this._client.delete(ApiEndpoints.updateUserRole(tenantId, userId));
  }
}
