/** Passkeys in a real Chromium, with the authenticator that its debugger brings (WebDriver extension of WebAuthn L3 §11). */
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId } from '../../src/kernel/account.ts';
import { expectAccessible, expectNoSidewaysScroll, type Site, startBrowser, startSite } from '../kit/browser.ts';
import { PASSWORD } from '../kit/build.ts';
import { PASSKEYS } from '../kit/passkeys.ts';
import { NEW } from '../kit/steps.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const PASSWORD_PAGE = 'Choose a new password';

/** A device with fingerprint reader, that does as it is told. */
async function device(page: Page, options: object = {}) {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      ...options,
    },
  });
  return {
    /** A session that is closed takes the authenticators with it. */
    cdp,
    /** Whether the finger is the right one. */
    recognise: (isUserVerified: boolean) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    keys: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  };
}

const title = (page: Page, wanted: string) =>
  page.waitForFunction((text) => document.querySelector('h1')?.textContent === text, wanted);
const look = async (page: Page, debug?: CDPSession) => {
  await expectAccessible(page, debug);
  await expectNoSidewaysScroll(page);
};
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/**
 * `offered`: the browser offers passkeys where a name is typed. There is nobody here to choose one from the list, so the
 * authenticator takes every offer at once.
 */
const open = async (options: object = {}, offered = false) => {
  const people = [{ username: 'dmitri', addresses: ['dmitri@private.example'] }];
  const site = await startSite({ people, env: PASSKEYS });
  const { page, complaints } = await site.open(browser);
  if (!offered)
    await page.addInitScript(() =>
      Object.assign(PublicKeyCredential, { isConditionalMediationAvailable: async () => false }),
    );
  return { site, page, complaints, key: await device(page, options) };
};

async function signIn(site: Site, page: Page): Promise<void> {
  await page.goto(`${site.url}/sign-in`);
  await page.fill('input[name=username]', 'dmitri');
  await page.fill('input[name=password]', PASSWORD);
  await press(page, 'Sign in');
}

async function make(site: Site, page: Page, label = 'Blue phone'): Promise<void> {
  await page.goto(`${site.url}/ways/add/passkey`);
  await page.fill('input[name=label]', label);
  await press(page, 'Make the passkey');
}

/** Signed in, with one passkey. */
async function enrolled(options: object = {}, offered = false) {
  const all = await open(options, offered);
  await signIn(all.site, all.page);
  await title(all.page, 'How safe am I?');
  await make(all.site, all.page);
  await title(all.page, 'How safe am I?');
  return all;
}

/** Without waiting by script. */
async function chooseWithoutScript({ url }: Site, page: Page): Promise<void> {
  await page.goto(url);
  await page.fill('input[name=identifier]', 'dmitri');
  await press(page, 'Continue');
  await page.locator('input[name=method][value=passkey]').check();
  await press(page, 'Continue');
}

async function chooseByName(site: Site, page: Page): Promise<void> {
  await chooseWithoutScript(site, page);
  await title(page, 'Use your passkey');
}

async function newPassword(page: Page): Promise<void> {
  await title(page, PASSWORD_PAGE);
  await page.fill('input#password', NEW);
  await page.locator('form[action="/recover/password"] button[type=submit]').click();
}

describe('a passkey in the browser', () => {
  test('is made and named; the same device is not asked twice; each page is clean', async () => {
    const { site, page, complaints, key } = await open();
    await signIn(site, page);
    await title(page, 'How safe am I?');
    await page.goto(`${site.url}/ways/add`);
    await page.locator('input[name=method][value=passkey]').check();
    await press(page, 'Continue');
    await title(page, 'Make a passkey');
    await look(page, key.cdp);

    await key.recognise(false);
    await press(page, 'Make the passkey');
    await page.getByText('Nothing happened: no passkey was made.').waitFor();
    await look(page, key.cdp);
    await key.recognise(true);
    await page.fill('input[name=label]', 'Blue phone');
    // The name is kept, and the Enter key does what the button does.
    await page.locator('input[name=label]').press('Enter');
    await title(page, 'How safe am I?');
    expect(await page.locator('main').textContent()).toContain('Blue phone');
    const [made] = await key.keys();
    expect(made).toMatchObject({ isResidentCredential: true, rpId: 'localhost' });
    expect(Buffer.from(made?.userHandle ?? '', 'base64').toString()).not.toContain('dmitri');

    await make(site, page, 'Again');
    await page.getByText('This device already has a passkey').waitFor();
    await look(page, key.cdp);
    const failed = (await site.audited()).filter(({ event }) => event === 'enrolment.failed');
    expect(failed).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('recovers by name, with one press; a cancelled one costs nothing', async () => {
    const { site, page, complaints, key } = await enrolled();
    await chooseByName(site, page);
    await look(page, key.cdp);
    await key.recognise(false);
    await press(page, 'Use my passkey');
    await page.getByText('no passkey was used, and no try is lost').waitFor();
    await look(page, key.cdp);
    await key.recognise(true);
    await press(page, 'Use my passkey');
    await newPassword(page);
    await expect.poll(() => site.bind('dmitri', NEW)).toBe('correct');
    const events = (await site.audited()).map(({ event }) => event);
    expect(events).not.toContain('recovery.mismatched');
    expect(complaints).toEqual([]);
  });

  test('recovers without a name: the button of the first page', async () => {
    const { site, page, complaints, key } = await enrolled();
    await page.goto(site.url);
    await look(page, key.cdp);
    expect(await page.getAttribute('input[name=identifier]', 'autocomplete')).toBe('username webauthn');
    await press(page, 'Use a passkey');
    await newPassword(page);
    await expect.poll(() => site.bind('dmitri', NEW)).toBe('correct');
    expect(complaints).toEqual([]);
  });

  test('recovers without a name: picked from the list where the name would be typed', async () => {
    const { site, page, complaints, key } = await enrolled({}, true);
    await page.goto(site.url);
    await newPassword(page);
    await expect.poll(() => site.bind('dmitri', NEW)).toBe('correct');
    expect(await key.keys()).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  test('one that nobody here knows gets a sentence on the first page', async () => {
    const { site, page, complaints, key } = await enrolled();
    const own = await site.flow.authenticators.list(site.storage.db, accountId('builtin', 'dmitri'));
    for (const { id, method } of own)
      if (method === 'passkey') await site.flow.authenticators.remove(site.storage.db, id);
    await page.goto(site.url);
    await press(page, 'Use a passkey');
    await page.getByText('That passkey opens nothing here').waitFor();
    await look(page, key.cdp);
    expect(complaints).toEqual([]);
  });

  test('is the second factor of a sign-in, and fails at once when it is revoked', async () => {
    const { site, page, complaints, key } = await enrolled();
    await page.locator('form[action="/sign-out"] button').click();
    await title(page, 'Sign in');
    await signIn(site, page);
    await page.locator('input[name=method][value=passkey]').check();
    await press(page, 'Continue');
    await look(page, key.cdp);
    await press(page, 'Use my passkey');
    await title(page, 'How safe am I?');

    await page.getByRole('link', { name: /Remove.*Passkey/ }).click();
    await page.locator('main form button[type=submit]').click();
    await title(page, 'How safe am I?');
    expect(await page.locator('main').textContent()).not.toContain('Blue phone');
    await chooseByName(site, page);
    await press(page, 'Use my passkey');
    await page.getByText('That passkey didn’t work').waitFor();
    await look(page, key.cdp);
    expect(complaints).toEqual([]);
  });

  test('a device without fingerprint or PIN holds none, because it could not be found without a name; that costs nothing', async () => {
    const bare = { transport: 'usb', hasUserVerification: false, isUserVerified: false };
    const { site, page, complaints, key } = await open(bare);
    await signIn(site, page);
    await title(page, 'How safe am I?');
    await make(site, page);
    await page.getByText('Nothing happened: no passkey was made.').waitFor();
    expect(await page.inputValue('input[name=label]')).toBe('Blue phone');
    expect(await key.keys()).toEqual([]);
    await page.getByRole('link', { name: 'Add something else instead' }).click();
    await page.waitForURL(/\/ways\/add$/);
    expect(complaints).toEqual([]);
  });

  test('without script, and in a browser that knows no passkeys, words say what else there is', async () => {
    const site = await startSite({ people: [{ username: 'dmitri' }], env: PASSKEYS });
    const plain = await site.open(browser, { javaScriptEnabled: false });
    await plain.page.goto(site.url);
    expect(await plain.page.getByRole('button', { name: 'Use a passkey' }).isVisible()).toBe(false);
    await chooseWithoutScript(site, plain.page);
    expect(await plain.page.getByText('This browser can’t use passkeys here.').isVisible()).toBe(true);
    expect(await plain.page.getByRole('button', { name: 'Use my passkey' }).isVisible()).toBe(false);
    await press(plain.page, 'Try another way');
    expect(await plain.page.locator('h1').textContent()).toBe('How can we check that it’s you?');

    const old = await site.open(browser);
    await old.page.addInitScript(() => Reflect.deleteProperty(globalThis, 'PublicKeyCredential'));
    await old.page.goto(site.url);
    expect(await old.page.getByRole('button', { name: 'Use a passkey' }).isVisible()).toBe(false);
    await chooseWithoutScript(site, old.page);
    await look(old.page);
    expect(await old.page.getByText('This browser can’t use passkeys here.').isVisible()).toBe(true);
    expect(old.complaints).toEqual([]);
  });
});
