// What people do on the pages.

import { ORIGIN, arrive } from './browser.js';

export const PASSWORD = 'blue horse on a fence';
let number = 0;

/** A company that nobody else has. */
export function newCompany() {
  number += 1;
  const word = `${process.pid}-${number}`;
  return { name: `Acme ${word}`, email: `owner@acme-${word}.example`, owner: 'The Owner' };
}

export async function signUp(page, company) {
  await page.goto(`${ORIGIN}/sign-up`);
  await page.fill('#full_name', company.owner);
  await page.fill('#company_name', company.name);
  await page.fill('#email', company.email);
  await page.fill('#password', PASSWORD);
  await page.click("form[action='/sign-up'] button");
  await arrive(page, /\/jobs\/[^/]+$/);
}

export async function siteIsReady(page) {
  await page.waitForSelector("form[action='/site/open'] button");
}

export async function signIn(page, company) {
  await page.fill('#email', company.email);
  await page.fill('#password', PASSWORD);
  await page.click("form[action='/sign-in'] button");
}

export async function signOut(page) {
  await page.click('.account summary');
  await page.click("form[action='/sign-out'] button");
  await arrive(page, /\/sign-in$/);
}
