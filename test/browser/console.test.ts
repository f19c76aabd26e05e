/** The door of the console, an incident, senders and systems in a real Chromium: with and without script, in Arabic, by keyboard. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId } from '../../src/kernel/account.ts';
import * as incidents from '../../src/storage/repositories/incidents.ts';
import { expectAccessible, expectNoSidewaysScroll, type Site, startBrowser, startSite } from '../kit/browser.ts';
import { PASSWORD, SEED } from '../kit/build.ts';
import { STAFF, STAFF_PEOPLE } from '../kit/staff.ts';
import { appCode } from '../kit/steps.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED };

const open = async (options: Parameters<Site['open']>[1] = {}) => {
  const site = await startSite({ people: [...STAFF_PEOPLE, amina], env: STAFF });
  await site.storage.transaction((trx) =>
    incidents.open(
      trx,
      { accountId: accountId('builtin', 'amina'), kind: 'not-me', says: 'Somebody pressed the button.' },
      site.clock.now(),
    ),
  );
  return { site, ...(await site.open(browser, options)) };
};

const look = async (page: Page) => {
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
};

async function enter(page: Page, site: Site): Promise<void> {
  await page.goto(`${site.url}/console/incidents`);
  await page.fill('[name=username]', 'olga');
  await page.fill('[name=password]', PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/recover/);
  if (await page.locator('[name=method][value=totp]').count()) {
    await page.check('[name=method][value=totp]');
    await page.locator('main form button[type=submit]').first().click();
  }
  await page.fill('[name=code]', appCode(site));
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/console\/incidents/);
}

describe('the console', () => {
  test('leads from the sign-in to an incident and what can be done about it', async () => {
    const { site, page, complaints } = await open();
    await enter(page, site);
    await look(page);
    await page.locator('table.data a').first().click();
    await look(page);
    await page.fill('[name=note]', 'Called her: it was not her.');
    await page.locator('button[value=freeze]').click();
    await page.waitForURL(/done=1/);
    await look(page);
    expect(await page.textContent('main')).toContain('stopped since');
    await page.goto(`${site.url}/console/systems`);
    await look(page);
    await page.goto(`${site.url}/console`);
    await look(page);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('without script', async () => {
    const { site, page } = await open({ javaScriptEnabled: false });
    await enter(page, site);
    await page.locator('table.data a').first().click();
    await page.fill('[name=note]', 'Nothing to it.');
    await page.locator('button[value=close]').click();
    await page.waitForURL(/done=1/);
    expect(await page.textContent('main')).toContain('closed by');
  }, 60_000);
});
