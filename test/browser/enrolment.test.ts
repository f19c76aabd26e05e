import { Secret as OtpSecret, TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible, expectNoSidewaysScroll, type Site, startBrowser, startSite } from '../kit/browser.ts';
import { PASSWORD } from '../kit/build.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const press = async (page: Page, selector = 'main form button[type=submit]') => {
  const before = await page.locator('h1').textContent();
  await page.locator(selector).first().click();
  await page.waitForFunction((title) => document.querySelector('h1')?.textContent !== title, before);
};

/** The enrolment pages live one after another; each is looked at. */
async function enrol(site: Site, page: Page): Promise<{ seed: string; codes: string[] }> {
  const look = async () => {
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
  };
  await page.goto(`${site.url}/sign-in`);
  await look();
  await page.fill('input[name=username]', 'dmitri');
  await page.fill('input[name=password]', PASSWORD);
  await press(page);
  await look();

  await page.goto(`${site.url}/ways/add`);
  await look();
  await page.goto(`${site.url}/ways/add/email`);
  await look();
  await page.fill('input[name=address]', 'dmitri@private.example');
  await press(page);
  await look();
  await page.fill('input[name=code]', await site.codeFor('dmitri@private.example'));
  await press(page);
  await look();

  await page.goto(`${site.url}/ways/add/totp`);
  await look();
  expect(await page.locator('main svg[role=img]').count()).toBeGreaterThan(0);
  const seed = ((await page.locator('main code').first().textContent()) ?? '').replace(/\s/g, '');
  await page.fill(
    'input[name=code]',
    new TOTP({ secret: OtpSecret.fromBase32(seed) }).generate({ timestamp: site.clock.now() }),
  );
  await press(page);
  await look();

  await page.goto(`${site.url}/ways/add/recovery-code`);
  await look();
  const codes = await page.locator('main ol li').allTextContents();
  await page.locator('input[name=saved]').check();
  await press(page);
  await look();
  return { seed, codes };
}

test('from nothing to safe, then a practice run that changes nothing', async () => {
  const site = await startSite({ people: [{ username: 'dmitri' }] });
  const { page, complaints } = await site.open(browser, { viewport: { width: 320, height: 700 } });
  const { codes } = await enrol(site, page);
  expect(codes).toHaveLength(10);

  await page.locator('form[action="/practice"] button').click();
  await page.locator('input[name=method][value=email]').check();
  await press(page);
  await expectAccessible(page);
  await page.fill('input[name=code]', await site.codeFor('dmitri@private.example'));
  await press(page);
  await page.locator('input[name=method][value=recovery-code]').check();
  await press(page);
  await page.fill('input[name=code]', String(codes[0]));
  await press(page);
  await expectAccessible(page);
  expect(await page.locator('main').textContent()).toContain('Nothing was changed');

  // The code that was tried out still counts as unused.
  await page.goto(`${site.url}/safety`);
  expect(await page.locator('main').textContent()).toContain('10 left');
  expect(complaints).toEqual([]);
});
