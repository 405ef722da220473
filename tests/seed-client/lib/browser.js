// A browser without JavaScript: follows redirects on our own hosts, keeps cookies for each host, submits forms.

import { send } from './http.js';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_HOPS = 8;

const ENTITIES = { amp: '&', quot: '"', lt: '<', gt: '>', '#34': '"', '#38': '&', '#39': "'", '#x27': "'" };
const unescapeHtml = (text) => text.replace(/&(#?\w+);/g, (whole, name) => ENTITIES[name] ?? whole);

const isOurs = (address) => /^(.+\.)?localhost$/.test(new URL(address).hostname);

function attribute(tag, name) {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  return match ? unescapeHtml(match[1] ?? match[2] ?? match[3]) : null;
}

/** Where a page moves on to by itself: `<meta http-equiv="refresh" content="1; url=…">`. */
function refreshOf(answer) {
  const [tag] = /<meta\b[^>]*http-equiv="refresh"[^>]*>/i.exec(answer.text) ?? [];
  const [, url] = /;\s*url=(.*)$/i.exec((tag && attribute(tag, 'content')) ?? '') ?? [];
  return url ?? null;
}

function fieldsOf(form) {
  const inputs = form.match(/<(?:input|button)\b[^>]*>/gi) ?? [];
  return inputs.map((tag) => [attribute(tag, 'name'), attribute(tag, 'value') ?? '']).filter(([name]) => name !== null);
}

/** A page as a person would see it; `location` is set when it sent the browser to a foreign address. */
export class Page {
  constructor({ address, status, headers, text, location = null }) {
    Object.assign(this, { address, status, headers, text, location });
  }

  get isHtml() {
    return (this.headers['content-type'] ?? '').startsWith('text/html');
  }

  /** The form whose action ends with `ending`. */
  form(ending) {
    const forms = this.text.match(/<form\b[\s\S]*?<\/form>/gi) ?? [];
    for (const form of forms) {
      const [tag] = /<form\b[^>]*>/i.exec(form);
      const action = new URL(attribute(tag, 'action') ?? '', this.address);
      const method = (attribute(tag, 'method') ?? 'get').toUpperCase();
      if (action.pathname.endsWith(ending)) return { action: action.href, method, fields: fieldsOf(form) };
    }
    throw new Error(`${this.address} has no form that leads to …${ending}:\n${this.text}`);
  }
}

export class Browser {
  constructor() {
    this.cookies = new Map();
  }

  open(address) {
    return this.visit(address, { method: 'GET', headers: {} }, MOST_HOPS);
  }

  submit(page, ending) {
    const { action, method, fields } = page.form(ending);
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      origin: new URL(page.address).origin,
      'sec-fetch-site': 'same-origin',
    };
    return this.visit(action, { method, headers, body: String(new URLSearchParams(fields)) }, MOST_HOPS);
  }

  async visit(address, request, hopsLeft) {
    if (hopsLeft === 0) throw new Error(`too many redirects, the last to ${address}`);
    const { host } = new URL(address);
    const cookie = this.cookies.get(host);
    const answer = await send(address, {
      ...request,
      headers: { accept: 'text/html', ...request.headers, ...(cookie && { cookie }) },
    });
    this.keepCookies(host, answer.headers['set-cookie']);
    const target = REDIRECTS.has(answer.status) ? answer.headers.location : refreshOf(answer);
    if (target === null) return new Page({ address, ...answer });
    const location = new URL(target, address).href;
    if (!isOurs(location)) return new Page({ address, ...answer, location });
    return this.visit(location, { method: 'GET', headers: {} }, hopsLeft - 1);
  }

  keepCookies(host, setCookies = []) {
    const pairs = setCookies.map((line) => line.split(';')[0]);
    if (pairs.length > 0) this.cookies.set(host, [this.cookies.get(host), ...pairs].filter(Boolean).join('; '));
  }
}
