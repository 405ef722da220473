// The guide's `provisioning_service.dart`.

import { ApiEndpoints } from '../api_endpoints.js';
import { asMap, at } from '../dart.js';
import { ProvisioningJob, listOf } from '../models.js';

export class ProvisioningService {
  constructor({ client }) {
    this._client = client;
  }

  /** Get all provisioning jobs */
  async getJobs({ page = 1, size = 20 } = {}) {
    const response = await this._client.get(ApiEndpoints.provisioningJobs, { queryParameters: { page, size } });
    return listOf(ProvisioningJob, at(response.data, 'data'));
  }

  /** Get job by ID */
  async getJobById(id) {
    const response = await this._client.get(ApiEndpoints.provisioningJobById(id));
    return ProvisioningJob.fromJson(asMap(at(response.data, 'data')));
  }

  /** Create new provisioning job */
  async createJob(jobType) {
    const response = await this._client.post(ApiEndpoints.provisioningJobs, { data: { job_type: jobType } });
    return ProvisioningJob.fromJson(asMap(at(response.data, 'data')));
  }

  /** Retry failed job */
  async retryJob(id) {
    const response = await this._client.post(ApiEndpoints.retryJob(id));
    return ProvisioningJob.fromJson(asMap(at(response.data, 'data')));
  }

  /** Cancel job */
  async cancelJob(id) {
    await this._client.post(ApiEndpoints.cancelJob(id));
  }
}
