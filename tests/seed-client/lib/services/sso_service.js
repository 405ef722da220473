// The guide's `sso_service.dart`.

import { ApiEndpoints } from '../api_endpoints.js';
import { asMap, at } from '../dart.js';
import { SSOTokenResponse } from '../models.js';

export class SSOService {
  constructor({ client }) {
    this._client = client;
  }

  /** Generate SSO token for ERPNext login */
  async generateToken() {
    const response = await this._client.post(ApiEndpoints.ssoToken);
    return SSOTokenResponse.fromJson(asMap(at(response.data, 'data')));
  }
}
