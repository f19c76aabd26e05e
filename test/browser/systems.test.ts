/** The last page keeps up with the connected systems by itself, in a real browser. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { minutes } from '../../src/kernel/clock.ts';
import { expectAccessible, startBrowser, startSite } from '../kit/browser.ts';
import { PASSWORD } from '../kit/build.ts';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await startBrowser();
  folder = mkdtempSync(join(tmpdir(), 'sparekey-systems-'));
  writeFileSync(join(folder, 'wifi'), '#!/bin/sh\nread -r password || exit 75\n[ -e "$0.open" ] || exit 75\n');
  chmodSync(join(folder, 'wifi'), 0o755);
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('lines of systems turn without a reload, and are told to screen readers', async () => {
  const site = await startSite({
    people: [{ username: 'amina', addresses: ['amina@private.example'] }],
    env: {
      SPAREKEY_CONNECTORS: JSON.stringify([
        { type: 'command', id: 'wifi', label: 'Wi-Fi', file: join(folder, 'wifi'), input: 'line' },
      ]),
    },
  });
  const page = await browser.newPage();
  await page.goto(`${site.url}/change`);
  await page.locator('input[name=username]').fill('amina');
  await page.locator('input[name=current]').fill(PASSWORD);
  await page.locator('input[name=password]').fill('a lantern over the harbour');
  if (await page.locator('input[name=again]').isVisible())
    await page.locator('input[name=again]').fill('a lantern over the harbour');
  await page.keyboard.press('Enter');
  const state = page.locator('[data-line=wifi] .state');
  await state.waitFor();
  await expect.poll(() => state.textContent(), { timeout: 15_000 }).toBe('trying again');
  await expectAccessible(page);
  writeFileSync(join(folder, 'wifi.open'), '');
  site.clock.advance(minutes(1));
  site.outbox.nudge();
  await expect.poll(() => state.textContent(), { timeout: 15_000 }).toBe('✓ works');
  expect(await page.locator('[data-systems] [role=status]').textContent()).toBe('Wi-Fi: ✓ works');
  await page.close();
});
