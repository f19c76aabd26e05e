/** Choosing a password with a real browser: ticks, meter, suggestions, copying; and the same page without script. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createMeter } from '../../src/flow/strength/meter.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { expectAccessible, expectNoSidewaysScroll, type Site, startBrowser, startSite } from '../kit/browser.ts';
import { PASSWORD } from '../kit/build.ts';

const amina = { username: 'amina', displayName: 'Amina Haddad', addresses: ['amina@private.example'] };

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

async function site(): Promise<Site> {
  const started = await startSite({ people: [amina] });
  started.flow.meter ??= createMeter({ clock: started.clock, log: started.flow.log });
  onTestFinished(() => started.flow.meter?.close());
  return started;
}

const signsIn = async (on: Site, password: string): Promise<string> => {
  const found = await on.directory.find('amina');
  if (found.is !== 'found') throw new Error(found.is);
  return (await on.directory.verifyPassword(found.account, new Secret(password))).is;
};

const level = (page: Page, wanted: RegExp) =>
  page.waitForFunction(
    (source) => new RegExp(source).test(document.querySelector('[data-strength]')?.getAttribute('data-level') ?? ''),
    wanted.source,
  );
const rule = (page: Page, id: string) => page.locator(`[data-rule="${id}"]`);

describe('with script', () => {
  test('ticks and meter follow what is typed, and are told to a screen reader', async () => {
    const on = await site();
    const { page, complaints } = await on.open(browser);
    await page.goto(`${on.url}/change`);
    expect(await page.locator('[data-strength]').isVisible()).toBe(false);

    await page.locator('#password').fill('qwertyuiopasdfgh');
    await level(page, /[01]/);
    expect(await rule(page, 'min-length').getAttribute('data-state')).toBe('ok');
    expect(await rule(page, 'guessable').getAttribute('data-state'), 'a line of its own, once it is broken').toBe('no');
    expect(await rule(page, 'guessable').textContent()).toContain('run of keys');
    expect(await page.locator('[role=status]').first().textContent()).toMatch(
      /rules fulfilled\. Strength: (very )?weak/,
    );
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);

    await page.locator('#password').fill('a lantern over the harbour');
    await level(page, /4/);
    expect(await rule(page, 'guessable').count()).toBe(0);
    await page.locator('#password').fill('');
    await level(page, /^$/);
    expect(await page.locator('[data-strength]').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  test('a suggestion comes without a reload, readable, and can be copied, replaced and used', async () => {
    const on = await site();
    const { page, complaints } = await on.open(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.goto(`${on.url}/change`);
    await page.locator('#username').fill('amina');
    await page.locator('#current').fill(PASSWORD);
    await page.locator('.suggest summary').click();
    const seen = new Set<string>();
    for (const kind of ['words', 'words', 'random']) {
      await page.locator(`.suggest button[value=${kind}]`).click();
      await page.waitForFunction(
        (old) => {
          const { value } = document.querySelector('#password') as HTMLInputElement;
          return value !== '' && !old.includes(value);
        },
        [...seen],
      );
      seen.add(await page.locator('#password').inputValue());
    }
    expect(seen.size).toBe(3);
    const password = [...seen].at(-1) ?? '';
    expect(await page.locator('#password').getAttribute('type')).toBe('text');
    expect(await page.locator('.suggested code').textContent()).toBe(password);
    expect(await page.locator('#current').inputValue(), 'nothing typed is lost').toBe(PASSWORD);
    await level(page, /4/);
    await page.locator('.suggested button').click();
    await page.waitForFunction(() => document.querySelector('.suggested')?.textContent?.includes('Copied.'));
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(password);
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);

    await page.locator('main form button[type=submit]').first().click();
    await page.waitForURL((url) => url.pathname === '/change');
    await page.getByText('Your password is changed').waitFor();
    expect(await signsIn(on, password)).toBe('correct');
    expect(complaints).toEqual([]);
  });

  test('what is typed in its place takes the suggestion away', async () => {
    const on = await site();
    const { page } = await on.open(browser, { locale: 'ar' });
    await page.goto(`${on.url}/change`);
    await page.locator('.suggest summary').click();
    await page.locator('.suggest button').first().click();
    await page.locator('.suggested').waitFor();
    expect(await page.locator('.suggested code').textContent()).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
    await expectNoSidewaysScroll(page);
    await page.locator('#password').pressSequentially('x');
    expect(await page.locator('.suggested').count()).toBe(0);
  });
});

test('without script a suggestion is one press and one more to use it', async () => {
  const on = await site();
  const { page } = await on.open(browser, { javaScriptEnabled: false });
  await page.goto(`${on.url}/change`);
  await page.locator('.suggest summary').click();
  await Promise.all([page.waitForEvent('load'), page.locator('.suggest button[value=words]').click()]);
  const password = await page.locator('#password').inputValue();
  expect(password.split(' ')).toHaveLength(5);
  expect(await page.locator('.suggested code').textContent()).toBe(password);
  expect(await page.locator('#again').count()).toBe(0);
  await page.locator('#username').fill('amina');
  await page.locator('#current').fill(PASSWORD);
  await Promise.all([page.waitForEvent('load'), page.locator('main form button[type=submit]').first().click()]);
  expect(await page.locator('h1').textContent()).toBe('Your password is changed');
  expect(await signsIn(on, password)).toBe('correct');
});
