// The guide's `realtime_service.dart`, on socket.io's own JavaScript client.

import { io } from 'socket.io-client';

import { asMap } from './dart.js';

/** What the Dart client hands to a listener: the one argument, or the list of them. */
const dataOf = (args) => (args.length === 1 ? args[0] : args);

export class RealtimeService {
  constructor({ baseUrl, storage }) {
    this.baseUrl = baseUrl;
    this._storage = storage;
    this._socket = null;

    // Callbacks
    this.onProvisioningUpdate = null;
    this.onProvisioningCompleted = null;
    this.onProvisioningFailed = null;
    this.onNotification = null;
    this.onSubscriptionUpdated = null;
    this.onPaymentReceived = null;
  }

  /** Connect to Socket.IO server */
  async connect() {
    const token = await this._storage.read({ key: 'access_token' });
    if (token === null) return;

    this._socket = io(this.baseUrl, {
      transports: ['websocket'],
      path: '/socket.io',
      auth: { token },
      autoConnect: true,
    });

    this._setupListeners();
    this._socket.connect();
  }

  _setupListeners() {
    // Each callback is a `Function(Map<String, dynamic>)`: anything but a map is a type error.
    const on = (event, callback) =>
      this._socket.on(event, (...args) => {
        const data = dataOf(args);
        callback()?.(asMap(data));
      });

    // Provisioning events
    on('status:update', () => this.onProvisioningUpdate);
    on('status:completed', () => this.onProvisioningCompleted);
    on('status:failed', () => this.onProvisioningFailed);

    // Notification events
    on('notification:new', () => this.onNotification);

    // Billing events
    on('subscription:updated', () => this.onSubscriptionUpdated);
    on('payment:received', () => this.onPaymentReceived);
  }

  /** Mark notification as read */
  markNotificationRead(notificationId) {
    this._socket?.emit('notification_read', { notification_id: notificationId });
  }

  /** Disconnect from Socket.IO server */
  disconnect() {
    this._socket?.disconnect();
    this._socket?.removeAllListeners();
    this._socket = null;
  }

  /** Check if connected */
  get isConnected() {
    return this._socket?.connected ?? false;
  }
}
