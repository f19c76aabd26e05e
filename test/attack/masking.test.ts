/**
 * Addresses and numbers of people are masked wherever somebody else reads: every page of the console that a link leads to, every
 * command that lists something, the log and the audit. In clear they stand in the person's own file only.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import { createKeysFile } from '../../src/config/keys-file.ts';
import { accountId } from '../../src/kernel/account.ts';
import { maskAddress } from '../../src/methods/mask.ts';
import { openReadiness } from '../../src/readiness.ts';
import * as incidents from '../../src/storage/repositories/incidents.ts';
import { type Built, build, PHONES, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { STAFF, STAFF_PEOPLE, staffClient } from '../kit/staff.ts';
import { answer, choose, passGates, setPassword } from '../kit/steps.ts';

const amina = {
  username: 'amina',
  displayName: 'Amina Haddad',
  mail: 'amina.haddad@northfield.example',
  addresses: ['amina@private.example'],
  phones: ['+4915112345678'],
  seed: SEED,
};
const AMINA = accountId('builtin', 'amina');
const CLEAR = [amina.mail, 'amina@private.example', '+4915112345678', '15112345678', '0151 12345678'];

interface House {
  built: Built;
  config: string;
}

/** One database for the node and for the command line. */
async function house(): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'sparekey-masking-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const keysFile = join(folder, 'keys.json');
  const keys = createKeysFile(keysFile, createFakeClock());
  if (keys.is !== 'opened') throw new Error('No keys.');
  const file = join(folder, 'sparekey.db');
  const config = join(folder, 'sparekey.yaml');
  const text = {
    publicUrl: 'http://localhost:8080',
    organisation: { name: 'Northfield College' },
    directory: { type: 'builtin' },
    mail: { type: 'demo-inbox', from: 'it@northfield.example' },
    storage: { engine: 'sqlite', file },
    keysFile,
  };
  writeFileSync(config, JSON.stringify(text), { mode: 0o600 });
  const built = await build({ people: [...STAFF_PEOPLE, amina], env: { ...STAFF, ...PHONES }, file, keys: keys.keys });
  // As an enrolment writes them.
  for (const { id, version, data } of await built.flow.authenticators.list(built.storage.db, AMINA))
    if (typeof data['address'] === 'string')
      await built.flow.authenticators.update(built.storage.db, id, version, { label: maskAddress(data['address']) });
  return { built, config };
}

/** Wrong and right answers, texts, a call of the help desk, an incident, a walk: whatever leaves traces. */
async function traces(built: Built): Promise<void> {
  const wrong = await built.client().get('/');
  await wrong.submit('/recover', { identifier: amina.mail });
  await choose(wrong, 'sms');
  await answer(wrong, '000000');
  await setPassword(await passGates(built, built.client(), 'amina'));
  await incidents.open(built.storage.db, { accountId: AMINA, kind: 'risk', says: 'Unusual.' }, built.clock.now());
  await (await openReadiness(built.config, built.flow)).work({ force: true });
  await built.mails();
  await built.texts();
}

const clearIn = (text: string): string[] => CLEAR.filter((one) => text.includes(one));

/** Every page of the console that can be come to by links, and those of amina. */
async function crawl(client: Client, from: readonly string[], at: string[]): Promise<number> {
  const open = [...from];
  const seen = new Set<string>();
  while (open.length > 0 && seen.size < 150) {
    const path = open.shift() as string;
    // Pages of one shape are looked at a few times only.
    if (seen.has(path) || [...seen].filter((one) => one.replace(/\d+/g, 'N') === path.replace(/\d+/g, 'N')).length > 5)
      continue;
    seen.add(path);
    await client.get(path);
    for (const found of clearIn(client.last.body)) at.push(`${path}: ${found}`);
    for (const [, link = ''] of client.html.matchAll(/href="(\/console[^"]*)"/g))
      open.push(link.replaceAll('&amp;', '&'));
  }
  return seen.size;
}

async function said(config: string, ...args: string[]): Promise<string> {
  let text = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((piece) => {
      text += piece;
      return true;
    }),
  );
  try {
    await runCli(['node', 'sparekey', ...args, '--config', config]);
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = 0;
  }
  return text;
}

test('no page, command, log or record shows an address or a number of a person in clear', {
  timeout: 120_000,
}, async () => {
  const { built, config } = await house();
  await traces(built);
  const at: string[] = [];
  const client = await staffClient(built, 'olga');
  await client.get('/console/desk?who=amina');
  expect(client.text()).toContain('a•••@private.example');
  const begun = await client.submit('/console/desk/open', { ticket: 'T-1' });
  const starts = ['/console', begun.path, '/console/desk?who=amina', '/console/privacy?who=amina'];
  const pages = await crawl(client, [...starts, '/console/audit?who=amina', '/console/audit.jsonl'], at);
  expect(pages).toBeGreaterThan(25);
  const commands = [
    ['audit', 'search', '--limit', '5000', '--json'],
    ['audit', 'export', '--format', 'csv'],
    ['incidents', '--all', '--json'],
    ['readiness', '--json'],
    ['rules', 'try', 'amina', '--json'],
    ['privacy', 'classes', '--json'],
    ['privacy', 'erase', 'amina', '--reason', 'Asked for it.', '--json'],
    ['console', 'grants'],
  ];
  for (const command of commands) {
    const text = await said(config, ...command);
    expect(text.length, command.join(' ')).toBeGreaterThan(5);
    for (const found of clearIn(text)) at.push(`sparekey ${command.join(' ')}: ${found}`);
  }
  expect(built.log.length).toBeGreaterThan(0);
  for (const found of clearIn(built.log.join('\n'))) at.push(`log: ${found}`);
  for (const found of clearIn(JSON.stringify(await built.audited()))) at.push(`audit: ${found}`);
  expect(at).toEqual([]);
});

test('the person’s own file has them in clear: there the test above would fail', async () => {
  const { built, config } = await house();
  const text = await said(config, 'privacy', 'export', 'amina');
  expect(clearIn(text)).toEqual(expect.arrayContaining([amina.mail, 'amina@private.example', '+4915112345678']));
  expect(text).not.toContain(SEED);
  expect((await built.audited()).at(-1)).toMatchObject({ event: 'data.exported', actor: 'system' });
});
