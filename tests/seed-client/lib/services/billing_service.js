// The guide's `billing_service.dart`.

import { ApiEndpoints } from '../api_endpoints.js';
import { asMap, at } from '../dart.js';
import { CheckoutResponse, PaymentEvent, Plan, Subscription, listOf } from '../models.js';

export class BillingService {
  constructor({ client }) {
    this._client = client;
  }

  /** Get all available plans */
  async getPlans() {
    const response = await this._client.get(ApiEndpoints.plans);
    return listOf(Plan, at(response.data, 'data'));
  }

  /** Get current subscription */
  async getSubscription() {
    const response = await this._client.get(ApiEndpoints.subscription);
    return Subscription.fromJson(asMap(at(response.data, 'data')));
  }

  /** Create checkout session */
  async createCheckout({ planId, billingPeriod, successUrl, cancelUrl }) {
    const response = await this._client.post(ApiEndpoints.checkout, {
      data: {
        plan_id: planId,
        billing_period: billingPeriod,
        payment_provider: 'stripe',
        success_url: successUrl,
        cancel_url: cancelUrl,
      },
    });
    return CheckoutResponse.fromJson(asMap(at(response.data, 'data')));
  }

  /** Cancel subscription */
  async cancelSubscription({ reason, cancelAtPeriodEnd = true } = {}) {
    await this._client.post(ApiEndpoints.cancelSubscription, {
      data: { ...(reason !== undefined && { reason }), cancel_at_period_end: cancelAtPeriodEnd },
    });
  }

  /** Get payment history */
  async getInvoices({ page = 1, size = 20 } = {}) {
    const response = await this._client.get(ApiEndpoints.invoices, { queryParameters: { page, size } });
    return listOf(PaymentEvent, at(response.data, 'data'));
  }
}
