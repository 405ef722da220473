// `FlutterSecureStorage`: one map for each device, behind an asynchronous platform channel.

const platformChannel = () => new Promise((resolve) => setImmediate(resolve));

export class SecureStorage {
  constructor() {
    this.values = new Map();
  }

  async read({ key }) {
    await platformChannel();
    return this.values.get(key) ?? null;
  }

  async write({ key, value }) {
    await platformChannel();
    if (value === null) this.values.delete(key);
    else this.values.set(key, value);
  }

  async deleteAll() {
    await platformChannel();
    this.values.clear();
  }
}
