// The guide's `ProvisioningScreen` (§5) without the widgets: it looks at neither job id nor job type, and never
// re-reads the job.

import { toDouble } from './dart.js';
import { JobType } from './models.js';
import { RealtimeService } from './realtime_service.js';
import { ProvisioningService } from './services/provisioning_service.js';

export class ProvisioningScreen {
  constructor(device) {
    this._realtime = new RealtimeService({ baseUrl: device.server.realtime, storage: device.storage });
    this._apiClient = device.client;
    this._progress = 0.0;
    this._message = 'Starting provisioning...';
    /** For tests: what was shown, and the addresses that were launched. */
    this.shown = [];
    this.launched = [];
  }

  initState() {
    this._setupRealtime();
    this._started = this._startProvisioning();
  }

  _setState(change) {
    change();
    this.shown.push(this.build());
  }

  _setupRealtime() {
    this._realtime.onProvisioningUpdate = (data) => {
      this._setState(() => {
        this._progress = toDouble(data.progress) / 100;
        this._message = data.message ?? '';
      });
    };

    this._realtime.onProvisioningCompleted = (data) => {
      this._setState(() => {
        this._progress = 1.0;
        this._message = 'Site ready!';
      });

      // Navigate to ERPNext
      this.launched.push(data.erpnext_url);
    };

    this._realtime.onProvisioningFailed = (data) => {
      this._setState(() => {
        this._message = `Failed: ${data.error}`;
      });
    };

    this._realtime.connect();
  }

  async _startProvisioning() {
    const service = new ProvisioningService({ client: this._apiClient });
    await service.createJob(JobType.createSite);
  }

  dispose() {
    this._realtime.disconnect();
  }

  build() {
    return `${this._message} ${Math.trunc(this._progress * 100)}%`;
  }
}
