// What holds whatever is done: many tabs, no network, no script, choices that stay, and nothing of others.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ORIGIN, arrive, close, leave, look, open, visitor } from '../lib/browser.js';
import { newCompany, signIn, signUp, siteIsReady } from '../lib/company.js';

before(open);
after(close);

test('eight tabs see the site being built, and one that was away too', async () => {
  const visit = await visitor();
  await signUp(visit.page, newCompany());
  const address = visit.page.url();
  const tabs = await Promise.all(Array.from({ length: 7 }, () => visit.context.newPage()));
  await Promise.all(tabs.map((tab) => tab.goto(address)));
  await visit.context.setOffline(true);
  await visit.page.waitForTimeout(1_500);
  await visit.context.setOffline(false);
  await Promise.all([visit.page, ...tabs].map(siteIsReady));
  await leave(visit);
});

test('everything but live movement works without script', async () => {
  const visit = await visitor({ javaScriptEnabled: false });
  const { page } = visit;
  const company = newCompany();
  await signUp(page, company);
  while (!(await page.$("form[action='/site/open'] button"))) {
    await page.waitForTimeout(300);
    await page.reload();
  }
  await page.goto(`${ORIGIN}/`);
  await page.selectOption("select[name='language']", 'uk');
  await page.click('form.choices button');
  await page.waitForSelector("html[lang='uk']");
  await page.click('.account summary');
  await page.click("form[action='/sign-out'] button");
  await arrive(page, /\/sign-in$/);
  await signIn(page, company);
  await arrive(page, /:\d+\/$/);
  await leave(visit);
});

test('language and appearance are remembered', async () => {
  const visit = await visitor({ colorScheme: 'light' });
  const { page } = visit;
  await page.goto(`${ORIGIN}/sign-in`);
  await page.selectOption("select[name='theme']", 'dark');
  await page.waitForSelector("html[data-theme='dark']");
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  assert.equal(await paper(), 'rgb(16, 22, 20)');
  await page.selectOption("select[name='language']", 'uk');
  await page.waitForSelector("html[lang='uk'][data-theme='dark']");
  await page.goto(`${ORIGIN}/sign-up`);
  assert.match(await page.textContent('h1'), /Почніть/);
  await leave(visit);
});

test('what is wrong stands at the field, and what was typed stays', async () => {
  const visit = await visitor();
  const { page } = visit;
  const company = newCompany();
  await page.goto(`${ORIGIN}/sign-up`);
  await page.fill('#full_name', company.owner);
  await page.fill('#company_name', company.name);
  await page.fill('#email', company.email);
  await page.fill('#password', 'password');
  await page.click("form[action='/sign-up'] button");
  await page.waitForSelector('#password[aria-invalid] ~ div .problem');
  assert.equal(await page.inputValue('#company_name'), company.name);
  assert.equal(await page.inputValue('#password'), '');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'password');
  await look(page, 'wrong');
  await page.goto(`${ORIGIN}/sign-in`);
  await signIn(page, company);
  await page.waitForSelector('[role=alert]');
  assert.equal(await page.inputValue('#email'), company.email);
  await leave(visit);
});

test('another company and its jobs are not there', async () => {
  const [acme, globex] = [await visitor(), await visitor()];
  await signUp(acme.page, newCompany());
  await signUp(globex.page, newCompany());
  const answer = await globex.page.goto(acme.page.url());
  assert.equal(answer.status(), 404);
  await look(globex.page, 'not-there');
  await leave(acme);
  await leave(globex);
});

test('the way round the pages needs a keyboard alone', async () => {
  const visit = await visitor();
  const { page } = visit;
  await page.goto(`${ORIGIN}/sign-in`);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'email');
  const company = newCompany();
  await signUp(page, company);
  await siteIsReady(page);
  await page.goto(`${ORIGIN}/`);
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(() => document.activeElement.closest('form')?.getAttribute('action'));
    if (found === '/site/open') break;
    assert.ok(step < 39, 'the button is never reached');
  }
  await page.keyboard.press('Enter');
  await arrive(page, /\.localhost:\d+\/app/);
  await leave(visit);
});

test('the cookie is of no use to a script, and holds no token', async () => {
  const visit = await visitor();
  await signUp(visit.page, newCompany());
  const cookies = await visit.context.cookies(ORIGIN);
  const session = cookies.find(({ name }) => name.endsWith('session'));
  assert.ok(session.httpOnly && session.sameSite === 'Lax' && !session.value.includes('ert_'));
  assert.equal(await visit.page.evaluate(() => document.cookie), '');
  const stored = await visit.page.evaluate(() => [localStorage.length, sessionStorage.length]);
  assert.deepEqual(stored, [0, 0]);
  assert.ok(!(await visit.page.content()).match(/ert_|eyJ/), 'no token is on the page');
  await leave(visit);
});
