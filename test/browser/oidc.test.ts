/** To another identity provider and back, in a real browser: cookies, policies and the way back across sites. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible, startBrowser, startSite } from '../kit/browser.ts';
import { PASSWORD, SEED } from '../kit/build.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { CLIENT, startOidcProvider } from '../kit/servers/oidc-provider.ts';
import { freePort } from '../kit/servers/process.ts';
import { appCode } from '../kit/steps.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

async function house() {
  const port = await freePort();
  const redirectUri = `http://localhost:${port}/oidc/return`;
  // Another site for the browser: 127.0.0.1 is not localhost.
  const provider = await startOidcProvider({ redirectUri, secret: CLIENT.clientSecret });
  const site = await startSite({
    port,
    people: [{ username: 'amina', addresses: ['amina@private.example'], seed: SEED }],
    clock: createFakeClock(Date.now()),
    env: {
      SPAREKEY_POLICY_RECOVERY_METHODS: 'email,totp,oidc',
      SPAREKEY_METHODS_OIDC_NAME: 'State ID',
      SPAREKEY_METHODS_OIDC_ISSUER: provider.issuer,
      SPAREKEY_METHODS_OIDC_CLIENT_ID: CLIENT.clientId,
      SPAREKEY_METHODS_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
    },
  });
  return { provider, site };
}

test.each([
  ['with script the answer hands itself in', true],
  ['without script one button does', false],
])('linking and recovering by another account: %s', async (_name, javaScriptEnabled) => {
  const { provider, site } = await house();
  const { page, complaints } = await site.open(browser, { javaScriptEnabled });
  const back = async (title: string) => {
    await page.getByRole('link', { name: 'Continue to State ID' }).click();
    await page.getByRole('button', { name: 'Sign in' }).click();
    if (!javaScriptEnabled) {
      await page.waitForURL(/\/oidc\/return/);
      await page.getByRole('button', { name: 'Continue' }).click();
    }
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    // Neither code nor state stays where somebody could read it over a shoulder.
    expect(page.url()).not.toContain('code=');
  };

  await page.goto(`${site.url}/sign-in`);
  await page.fill('input[name=username]', 'amina');
  await page.fill('input[name=password]', PASSWORD);
  await page.locator('main form button[type=submit]').first().click();
  await page.locator('input[name=method][value=totp]').check({ force: true });
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.fill('input[name=code]', appCode(site));
  await page.getByRole('button', { name: 'Check the code' }).click();
  await page.getByRole('heading', { level: 1, name: 'How safe am I?' }).waitFor();
  await page.goto(`${site.url}/ways/add/oidc`);
  if (javaScriptEnabled) await expectAccessible(page);
  await back('How safe am I?');
  expect(await page.locator('main').textContent()).toContain('State ID');

  await page.goto(site.url);
  await page.fill('input[name=identifier]', 'amina');
  await page.locator('main form button[type=submit]').first().click();
  await page.locator('input[name=method][value=oidc]').check({ force: true });
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in at State ID' }).waitFor();
  if (javaScriptEnabled) await expectAccessible(page);
  await back('One more check');
  expect(complaints).toEqual([]);
  await provider.close();
});
