// The whole journey of a company's owner: from sign-up to the open site, a backup, a payment, an invitation and the way out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ORIGIN, SETTINGS, arrive, close, leave, look, open, visitor } from '../lib/browser.js';
import { newCompany, signIn, signOut, signUp } from '../lib/company.js';

before(open);
after(close);

for (const { name, ...options } of SETTINGS) {
  test(`a company signs up, opens its site, pays and invites (${name})`, async () => {
    const visit = await visitor(options);
    const { page } = visit;
    const company = newCompany();
    const seen = (part) => look(page, `${name}-${part}`);

    await page.goto(`${ORIGIN}/`);
    assert.match(page.url(), /\/sign-in$/);
    await seen('sign-in');
    await page.goto(`${ORIGIN}/sign-up`);
    await page.fill('#company_name', 'Пекарня «Їжак»');
    await page.waitForSelector('text=pekarnia-izhak');
    await seen('sign-up');
    await signUp(page, { ...company, owner: 'Власниця' });

    const values = [];
    while (!(await page.$("form[action='/site/open'] button").catch(() => null))) {
      const value = await page.$eval('progress', (bar) => bar.value).catch(() => null);
      if (value !== null) values.push(value);
      if (values.length === 5) await seen('building');
      if (values.length === 10) await page.reload();
      await page.waitForTimeout(100);
    }
    assert.deepEqual(values, values.toSorted((one, other) => one - other), 'progress never falls');
    assert.ok(new Set(values).size > 3, `it is seen to move: ${values}`);
    await seen('built');
    await page.click("form[action='/site/open'] button");
    await arrive(page, /\.localhost:\d+\/app/);

    await page.goto(`${ORIGIN}/`);
    await seen('home');
    await page.click("form[action='/site/backup'] button");
    await page.waitForSelector('.steps .done >> nth=2');
    await seen('backed-up');
    await page.goto(`${ORIGIN}/notifications`);
    await seen('notifications');
    await page.click("form[action='/notifications'] button");
    await page.waitForSelector("form[action='/notifications']", { state: 'detached' });

    await page.goto(`${ORIGIN}/billing?period=yearly`);
    await seen('billing');
    await page.click("form[action='/billing/checkout'] button >> nth=0");
    await arrive(page, /\/sandbox\/checkout\//);
    await page.click("form[action$='/cancel'] button");
    await arrive(page, /\/billing\?given_up$/);
    await page.click("form[action='/billing/checkout'] button >> nth=0");
    await arrive(page, /\/sandbox\/checkout\//);
    await page.click("form[action$='/pay'] button");
    await arrive(page, /\/billing\?paid$/);
    await page.waitForSelector('#subscription .mark.good');
    await page.waitForSelector('#payments li');
    await page.click('details.card summary');
    await seen('paid');

    await page.goto(`${ORIGIN}/settings/members`);
    await page.fill('#email', `accountant@${company.email.split('@')[1]}`);
    await page.click("form[action='/settings/members'] button");
    await page.waitForSelector('#invitations li');
    await seen('members');
    for (const part of ['account', 'two-factor', 'company']) {
      await page.goto(`${ORIGIN}/settings/${part}`);
      await seen(part);
    }

    await signOut(page);
    await page.goto(`${ORIGIN}/settings/company`);
    await signIn(page, company);
    await arrive(page, /\/settings\/company$/);
    await leave(visit);
  });
}
