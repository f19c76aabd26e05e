import { Secret as OtpSecret, TOTP } from 'otpauth';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../src/kernel/secret.ts';
import { expectAccessible, expectNoSidewaysScroll, type Site, startBrowser, startSite } from '../kit/browser.ts';
import { PASSWORD, SEED } from '../kit/build.ts';

const NEW = 'a lantern over the harbour';
const amina = { username: 'amina', displayName: 'Amina Haddad', addresses: ['amina@private.example'], seed: SEED };

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const appCode = (site: Site) =>
  new TOTP({ secret: OtpSecret.fromBase32(SEED) }).generate({ timestamp: site.clock.now() });

async function expectPassword(site: Site, password: string, outcome: string) {
  const found = await site.directory.find('amina');
  if (found.is !== 'found') throw new Error(found.is);
  expect((await site.directory.verifyPassword(found.account, new Secret(password))).is).toBe(outcome);
}

/** The whole journey; `look` is called on every page, `type` and `press` say how the person works. */
async function recover(
  site: Site,
  page: Page,
  hand: {
    type(field: string, text: string): Promise<void>;
    choose(method: string): Promise<void>;
    press(): Promise<void>;
  },
  look: () => Promise<void>,
) {
  await page.goto(site.url);
  await look();
  await hand.type('identifier', 'amina');
  await hand.press();
  await look();
  await hand.choose('email');
  await hand.press();
  await look();
  await hand.type('code', await site.codeFor('amina@private.example'));
  await hand.press();
  await look();
  await hand.choose('totp');
  await hand.press();
  await look();
  await hand.type('code', appCode(site));
  await hand.press();
  await look();
  await hand.type('password', NEW);
  if (await page.locator('input[name=again]').isVisible()) await hand.type('again', NEW);
  await hand.press();
  await look();
  await expectPassword(site, NEW, 'correct');
  await expectPassword(site, PASSWORD, 'wrong');
}

/** A person with a mouse or a finger. */
const withPointer = (page: Page) => ({
  type: (field: string, text: string) => page.locator(`input[name=${field}]`).fill(text),
  choose: (method: string) => page.locator(`input[name=method][value="${method}"]`).check(),
  press: async () => {
    const before = await page.locator('h1').textContent();
    await page.locator('main form button[type=submit]').first().click();
    await page.waitForFunction((title) => document.querySelector('h1')?.textContent !== title, before).catch(() => {});
  },
});

describe('recovery in a real browser', () => {
  const ways: [string, BrowserContextOptions][] = [
    ['on a phone', {}],
    ['with JavaScript switched off', { javaScriptEnabled: false }],
    ['at 320 px, in dark mode', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
    ['in Arabic, right to left', { locale: 'ar' }],
    [
      'on a desktop, in German, with more contrast',
      { viewport: { width: 1280, height: 900 }, locale: 'de', contrast: 'more' },
    ],
  ];

  test.each(ways)('%s', async (_name, options) => {
    const site = await startSite({ people: [amina] });
    const { page, complaints } = await site.open(browser, options);
    const script = options.javaScriptEnabled !== false;
    const hand = script
      ? withPointer(page)
      : {
          ...withPointer(page),
          press: async () => {
            await Promise.all([
              page.waitForEvent('load'),
              page.locator('main form button[type=submit]').first().click(),
            ]);
          },
        };
    await recover(site, page, hand, async () => {
      if (script) {
        await expectAccessible(page);
        await expectNoSidewaysScroll(page);
      }
      expect(await page.locator('html').getAttribute('dir')).toBe(options.locale === 'ar' ? 'rtl' : 'ltr');
    });
    expect(complaints).toEqual([]);
  });

  test('with the keyboard alone, focus always visible', async () => {
    const site = await startSite({ people: [amina] });
    const { page, complaints } = await site.open(browser);
    const focused = () =>
      page.evaluate(() => {
        const at = document.activeElement as HTMLInputElement | null;
        return { name: at?.getAttribute('name') ?? '', value: at?.value ?? '', type: at?.getAttribute('type') ?? '' };
      });
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 40; presses += 1) {
        if ((await focused()).name === name) return;
        await page.keyboard.press('Tab');
        const ring = await page.evaluate(() => {
          const at = document.activeElement;
          if (!at || at === document.body) return 'nothing focused';
          // A radio card shows its ring around the whole card.
          const rings = [at, at.closest('label')].some((one) => {
            if (!one) return false;
            const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
            return boxShadow !== 'none' || (outlineStyle !== 'none' && outlineWidth !== '0px');
          });
          return rings ? 'ring' : at.outerHTML;
        });
        expect(['ring', 'nothing focused']).toContain(ring);
      }
      throw new Error(`The keyboard does not reach ${name}.`);
    };
    const hand = {
      type: async (field: string, text: string) => {
        await tabTo(field);
        await page.keyboard.type(text);
      },
      choose: async (method: string) => {
        await tabTo('method');
        for (let presses = 0; (await focused()).value !== method; presses += 1) {
          if (presses > 10) throw new Error(`The arrow keys do not reach ${method}.`);
          await page.keyboard.press('ArrowDown');
        }
      },
      press: async () => {
        const before = await page.locator('h1').textContent();
        await page.keyboard.press('Enter');
        await page.waitForFunction((title) => document.querySelector('h1')?.textContent !== title, before);
      },
    };
    await recover(site, page, hand, async () => {});
    expect(complaints).toEqual([]);
  });

  test('the link of the mail opens the gate; the token leaves the address bar', async () => {
    const site = await startSite({ people: [amina] });
    const { page, complaints } = await site.open(browser);
    const hand = withPointer(page);
    await page.goto(site.url);
    await hand.type('identifier', 'amina');
    await hand.press();
    await hand.choose('email');
    await hand.press();
    const mail = (await site.mails()).at(-1);
    const link = /http:\/\/localhost:\d+\/recover\/link#\S+/.exec(mail?.text ?? '')?.[0];
    const second = await page.context().newPage();
    await second.goto(String(link));
    await second.waitForURL(`${site.url}/recover`);
    expect(second.url()).not.toContain('#');
    expect(
      await second
        .locator('input[name=method]')
        .evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value)),
    ).toEqual(['totp']);
    expect(complaints).toEqual([]);
  });

  test('rules tick while typing, and what is typed can be shown', async () => {
    const site = await startSite({ people: [amina] });
    const { page } = await site.open(browser);
    const hand = withPointer(page);
    await page.goto(site.url);
    await hand.type('identifier', 'amina');
    await hand.press();
    await hand.choose('email');
    await hand.press();
    await hand.type('code', await site.codeFor('amina@private.example'));
    await hand.press();
    await hand.choose('totp');
    await hand.press();
    await hand.type('code', appCode(site));
    await hand.press();
    await hand.type('password', 'amina');
    await page.locator('[data-rule=min-length][data-state=no]').waitFor();
    await page.locator('[data-rule=personal][data-state=no]').waitFor();
    await hand.type('password', NEW);
    await page.locator('[data-rule=min-length][data-state=ok]').waitFor();
    expect(await page.locator('input[name=password]').getAttribute('type')).toBe('password');
    await page.locator('.peek button').first().click();
    expect(await page.locator('input[name=password]').getAttribute('type')).toBe('text');
  });

  test('the first page weighs at most 30 KB on the wire, style and script included', async () => {
    const site = await startSite();
    const { page } = await site.open(browser);
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(site.url, { waitUntil: 'networkidle' });
    expect(bytes).toBeGreaterThan(1_000);
    expect(bytes).toBeLessThanOrEqual(30 * 1_024);
  });
});
