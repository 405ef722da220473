// A browser as people have it, in sizes, languages and themes. Whatever a page complains of fails the test.

import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

export const ORIGIN = process.env.ERPMAX_WEB;
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const PICTURES = fileURLToPath(new URL('../../../target/browser', import.meta.url));
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const PATIENCE = 60_000;
export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1280, height: 900 };

/** Sizes and languages: one of each in every run, all in the full one. */
export const isFull = process.env.ERPMAX_PROVE === 'full';
export const SETTINGS = isFull
  ? [
      { name: 'phone-uk', viewport: PHONE, locale: 'uk-UA' },
      { name: 'phone-en', viewport: PHONE, locale: 'en-GB' },
      { name: 'desk-uk', viewport: DESK, locale: 'uk-UA' },
      { name: 'desk-en', viewport: DESK, locale: 'en-GB' },
    ]
  : [{ name: 'phone-uk', viewport: PHONE, locale: 'uk-UA' }];

let browser;

/** Starts the browser of a test file. */
export async function open() {
  browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] });
}

export async function close() {
  await browser.close();
}

/** A window with nothing remembered. `expected` are statuses of answers that are meant to be refusals. */
export async function visitor(options = {}) {
  const context = await browser.newContext({ viewport: PHONE, locale: 'en-GB', timezoneId: 'Europe/Kyiv', ...options });
  context.setDefaultTimeout(PATIENCE);
  const complaints = [];
  context.on('weberror', (problem) => complaints.push(problem.error().message));
  context.on('console', (message) => {
    const isRefusal = /status of 4\d\d/.test(message.text()) || /net::ERR_INTERNET_DISCONNECTED/.test(message.text());
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
  });
  context.on('request', (request) => {
    const { hostname } = new URL(request.url());
    if (hostname !== 'localhost' && !hostname.endsWith('.localhost')) complaints.push(`asked ${hostname}`);
  });
  return { context, page: await context.newPage(), complaints };
}

/** Ends a visit: nothing was refused by the policy, nothing broke, nobody else was asked. */
export async function leave({ context, complaints }) {
  await context.close();
  assert.deepEqual(complaints, []);
}

/** Waits until the page is where it is to be; pages on the way may move on before they are whole. */
export async function arrive(page, address) {
  const until = Date.now() + PATIENCE;
  while (!address.test(page.url())) {
    assert.ok(Date.now() < until, `${page.url()} is not ${address}`);
    await sleep(50);
  }
  await page.waitForLoadState('domcontentloaded');
}

/** A page's picture, to be looked at. */
export async function picture(page, name) {
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
}

/** No violation of WCAG 2.2 AA in either theme, and nothing wider than the window, down to 320 pixels. */
export async function look(page, name) {
  await picture(page, name);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Scripts are the page's own alone; this one is let in by the protocol of the developer tools.
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    assert.deepEqual(found, [], `${name}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const { wide, element } = await page.evaluate(() => {
    const all = [...document.querySelectorAll('body *')];
    const widest = all.find((one) => one.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(one).position !== 'absolute');
    return { wide: document.documentElement.scrollWidth, element: widest?.outerHTML.slice(0, 200) };
  });
  assert.ok(wide <= 320, `${name} is ${wide} pixels wide: ${element}`);
  await page.setViewportSize(size);
}
