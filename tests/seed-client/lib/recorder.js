// Listens to every event of a socket and lets a test wait for one.

import { io } from 'socket.io-client';

const WAIT_MS = 15_000;

export class Recorder {
  /** Records from now on; attach it in the tick that made the socket, to miss nothing. */
  constructor(socket) {
    this.socket = socket;
    this.events = [];
    this.waiting = new Set();
    socket.onAny((name, ...args) => this.add(name, args));
    socket.on('connect', () => this.add('(connect)', []));
    socket.on('connect_error', (error) => this.add('(connect_error)', [error]));
    socket.on('disconnect', (reason) => this.add('(disconnect)', [reason]));
  }

  add(name, args) {
    this.events.push({ name, data: args[0], args });
    for (const check of this.waiting) check();
  }

  /** The payloads of all events called `name`. */
  all(name) {
    return this.events.filter((event) => event.name === name).map((event) => event.data);
  }

  names() {
    return this.events.map((event) => event.name);
  }

  /** Resolves to the payload of the first event called `name` that fits, also one that has come already. */
  next(name, fits = () => true) {
    return this.when(
      `${name}`,
      () => this.all(name).find(fits),
      (found) => found !== undefined,
    );
  }

  /** Resolves once `look()` gives a value that is `enough`. */
  when(what, look, enough = Boolean) {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = look();
        if (!enough(found)) return;
        this.waiting.delete(check);
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.waiting.delete(check);
        reject(new Error(`No ${what} within ${WAIT_MS} ms; heard: ${JSON.stringify(this.events, null, 1)}`));
      }, WAIT_MS);
      this.waiting.add(check);
      check();
    });
  }

  /** Resolves when the server greeted the socket. */
  connected() {
    return this.next('connected');
  }

  /** Resolves when the server turned the socket away: at the handshake, or by `error` and a disconnect. */
  async refused() {
    const turnedAway = () => this.names().includes('(connect_error)') || this.names().includes('(disconnect)');
    await this.when('refusal', turnedAway);
    if (this.names().includes('connected')) throw new Error('the socket was greeted before it was turned away');
  }

  close() {
    this.socket.disconnect();
  }
}

/** Opens a socket of its own connection and records it; closed when the test ends. */
export function listen(t, server, token, { namespace = '/ws', transports = ['websocket'], ...options } = {}) {
  const socket = io(`${server.origin}${namespace}`, {
    path: '/socket.io',
    auth: { token },
    transports,
    forceNew: true,
    ...options,
  });
  const recorder = new Recorder(socket);
  t.after(() => recorder.close());
  return recorder;
}
