/** A real Chromium against a whole Sparekey that listens on a free loopback port. Complaints of the page fail the test. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, type CDPSession, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type BuildOptions, type Built, build } from './build.ts';
import { freePort, requireProgram } from './servers/process.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function startBrowser(): Promise<Browser> {
  requireProgram('chromium', 'chromium');
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}

export interface Site extends Built {
  url: string;
  /** A fresh browser profile. Console errors, CSP violations and page errors are collected. */
  open(browser: Browser, options?: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }>;
}

/** `port`: where somebody else has to know the address beforehand. */
export async function startSite({ port: given, ...options }: BuildOptions & { port?: number } = {}): Promise<Site> {
  const port = given ?? (await freePort());
  const url = `http://localhost:${port}`;
  const built = await build({ ...options, publicUrl: url });
  await built.server.listen({ host: '127.0.0.1', port });
  return {
    ...built,
    url,
    async open(browser, context = {}) {
      const profile = await browser.newContext({ viewport: { width: 390, height: 844 }, ...context });
      onTestFinished(() => profile.close());
      const page = await profile.newPage();
      page.setDefaultTimeout(15_000);
      const complaints: string[] = [];
      page.on('console', (message) => {
        // A refused form answers 422 by design; browsers report every such status.
        if (message.type() === 'error' && !/status of 4(22|29)/.test(message.text())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      return { page, complaints };
    },
  };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 A and AA by axe: nothing serious or critical on the page as it is shown now. `debug`: a session that must stay. */
export async function expectAccessible(page: Page, debug?: CDPSession): Promise<void> {
  // Through the debugger, because the page's own policy forbids foreign script.
  const session = debug ?? (await page.context().newCDPSession(page));
  const { result } = await session.send('Runtime.evaluate', {
    expression: `${axeSource};axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21aa','wcag22aa']}).then((found) => JSON.stringify(found.violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.html).join(' | '))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  if (!debug) await session.detach();
  expect(JSON.parse(String(result.value)), await page.title()).toEqual([]);
}

/** WCAG 1.4.10: nothing sticks out to the side. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, `${await page.title()} is wider than the window`).toBe(0);
}
