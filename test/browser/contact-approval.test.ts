/** Two people, two browsers: one reads a number, the other types it, and the first page goes on by itself. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible, expectNoSidewaysScroll, startBrowser, startSite } from '../kit/browser.ts';
import { PASSWORD } from '../kit/build.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

test.each([
  ['by themselves with script', true],
  ['by buttons and a pasted link without', false],
])('a manager confirms, and the pages go on %s', async (_name, javaScriptEnabled) => {
  const site = await startSite({
    people: [
      {
        username: 'amina',
        displayName: 'Amina Haddad',
        addresses: ['amina@private.example'],
        attributes: { manager: ['grace'] },
      },
      { username: 'grace', addresses: ['grace@private.example'] },
    ],
    env: {
      SPAREKEY_POLICY_RECOVERY_METHODS: 'email,totp,contact-approval',
      SPAREKEY_METHODS_CONTACT_APPROVAL_MANAGER_ATTRIBUTE: 'manager',
    },
  });
  const amina = await site.open(browser, { javaScriptEnabled });
  const grace = await site.open(browser, { javaScriptEnabled });
  const title = (page: typeof amina.page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

  await amina.page.goto(site.url);
  await amina.page.fill('input[name=identifier]', 'amina');
  await amina.page.locator('main form button[type=submit]').first().click();
  await amina.page.locator('input[name=method][value=contact-approval]').check({ force: true });
  await amina.page.getByRole('button', { name: 'Continue' }).click();
  await title(amina.page, 'Tell them this number');
  if (javaScriptEnabled) await expectAccessible(amina.page);
  await expectNoSidewaysScroll(amina.page);
  const number = /\d{3}/.exec((await amina.page.locator('.number').textContent()) ?? '')?.[0] ?? '';

  const mail = (await site.mails()).findLast(({ to }) => to === 'grace@private.example');
  const link = /http\S+\/approve#[\w-]+/.exec(mail?.text ?? '')?.[0] ?? '';
  await grace.page.goto(link);
  if (!javaScriptEnabled) {
    await grace.page.locator('[data-token-missing] input[name=token]').fill(link);
    await grace.page.getByRole('button', { name: 'Continue' }).last().click();
  }
  await title(grace.page, 'Please sign in first');
  await grace.page.getByRole('link', { name: 'Sign in' }).click();
  await grace.page.fill('input[name=username]', 'grace');
  await grace.page.fill('input[name=password]', PASSWORD);
  await grace.page.locator('main form button[type=submit]').first().click();
  await title(grace.page, 'Is this really Amina Haddad?');
  expect(grace.page.url()).not.toContain('#');
  if (javaScriptEnabled) await expectAccessible(grace.page);
  await expectNoSidewaysScroll(grace.page);
  await grace.page.fill('input[name=number]', number);
  await grace.page.keyboard.press('Enter');
  await title(grace.page, 'Thank you');

  if (!javaScriptEnabled) await amina.page.getByRole('button', { name: 'Look again' }).click();
  await title(amina.page, 'One more check');
  expect([...amina.complaints, ...grace.complaints]).toEqual([]);
});
