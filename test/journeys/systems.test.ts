/** Connected systems as people see them: real programs take the password, ask for later, refuse it or know nobody. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { minutes } from '../../src/kernel/clock.ts';
import { type Built, build, PASSWORD, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { byApp, NEW, passGates, setPassword, signIn, subjectsTo } from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED, language: 'en' };
let folder: string;

const programs: Record<string, string> = {
  mail: 'true',
  wifi: '[ -e "$0.open" ] || exit 75',
  library: '[ -e "$0.open" ] || { echo "shelf is full" >&2; exit 1; }',
  printers: 'exit 67',
};
const fileOf = (id: string): string => join(folder, id);
const arrived = (id: string): string[] =>
  existsSync(`${fileOf(id)}.log`)
    ? readFileSync(`${fileOf(id)}.log`, 'utf8')
        .trim()
        .split('\n')
    : [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sparekey-systems-'));
  for (const [id, decides] of Object.entries(programs)) {
    const keeps = `printf '%s %s %s\\n' "$1" "$2" "$password" >> "$0.log"`;
    writeFileSync(
      fileOf(id),
      `#!/bin/sh\n[ "$1" = password ] && { read -r password || exit 75; }\n${decides}\n${keeps}\n`,
    );
    chmodSync(fileOf(id), 0o755);
  }
});
beforeEach(() => {
  for (const id of Object.keys(programs))
    for (const end of ['log', 'open']) rmSync(`${fileOf(id)}.${end}`, { force: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const section = (id: string, label: string, more: object = {}) => ({
  type: 'command',
  id,
  label,
  file: fileOf(id),
  input: 'line',
  account: '{username|upper}',
  ...more,
});

const house = (): Promise<Built> =>
  build({
    people: [amina],
    env: {
      SPAREKEY_CONNECTORS: JSON.stringify([
        section('mail', 'Mail', { orders: ['password', 'unlock'] }),
        section('wifi', 'Wi-Fi'),
        section('library', 'Library'),
        section('printers', 'Printers'),
      ]),
    },
  });

async function recovered(built: Built): Promise<Client> {
  const client = await passGates(built, built.client(), 'amina');
  return setPassword(client, NEW);
}

/** What the browser script asks for. */
async function asked(client: Client, path = '/recover/systems') {
  await client.get(path, { accept: 'application/json' });
  return client.last.json() as { settled: boolean; systems: { id: string; is: string; text: string }[] };
}
const states = async (client: Client, path?: string) =>
  Object.fromEntries((await asked(client, path)).systems.map(({ id, is }) => [id, is]));

describe('connected systems', () => {
  test('the result page names each system of the person, and keeps up to date', async () => {
    const built = await house();
    const client = await recovered(built);
    expect(client.title).toContain('You’re back in');
    expect(client.text()).toContain('Where your new password works');
    expect(client.text()).toContain('Wi-Fi');
    await built.outbox.idle();
    expect(await asked(client)).toEqual({
      settled: false,
      systems: [
        { id: 'mail', is: 'done', text: '✓ works' },
        { id: 'wifi', is: 'retrying', text: 'trying again' },
        { id: 'library', is: 'failed', text: 'did not take it' },
      ],
    });
    expect(arrived('mail')).toEqual([`password AMINA ${NEW}`]);

    // The same as a page, for whoever has no script; it looks again by itself until all is settled.
    await client.get('/recover/systems');
    expect(client.text()).toContain('trying again');
    expect(client.text()).not.toContain('Printers');
    expect(client.last.headers['refresh']).toMatch(/^\d+;url=\/recover\/systems$/);
    writeFileSync(`${fileOf('wifi')}.open`, '');
    built.clock.advance(minutes(1));
    await built.outbox.idle();
    await client.get('/recover/systems');
    expect(client.last.headers['refresh']).toBeUndefined();
    expect(await states(client)).toEqual({ mail: 'done', wifi: 'done', library: 'failed' });
    expect(arrived('wifi')).toEqual([`password AMINA ${NEW}`]);
  });

  test('a refusal is told to the person, and its reason to operators only', async () => {
    const built = await house();
    const client = await recovered(built);
    await built.outbox.idle();
    expect(await subjectsTo(built, 'amina@private.example')).toContain('your new password is not everywhere yet');
    const mail = (await built.mails()).findLast(({ subject }) => subject.includes('not everywhere'));
    expect(mail?.text).toContain('Library');
    expect(mail?.text).not.toMatch(/shelf/);
    await client.get('/recover/systems');
    expect(client.text()).not.toMatch(/shelf/);
    expect(await built.flow.spread?.failures('library', 5)).toMatchObject([
      { system: 'library', cause: expect.stringContaining('shelf is full') },
    ]);
    writeFileSync(`${fileOf('library')}.open`, '');
    expect(await built.flow.spread?.retry({ system: 'library' }, 'operator:kim')).toBe(1);
    await built.outbox.idle();
    expect(await states(client)).toMatchObject({ library: 'done' });
    const events = (await built.audited()).map(
      ({ event, outcome, detail }) => `${event} ${outcome} ${detail?.['system'] ?? ''}`,
    );
    expect(events).toEqual(
      expect.arrayContaining([
        'system.password-set success mail',
        'system.password-set failure library',
        'system.retried success library',
        'system.password-set success library',
      ]),
    );
    expect(built.log.join('\n')).not.toContain(NEW);
  });

  test('a change shows them too, and so does "How safe am I?"', async () => {
    const built = await house();
    const client = await built.client().get('/change');
    await client.submit('/change', { username: 'amina', current: PASSWORD, password: NEW, again: NEW });
    expect(client.text()).toContain('Wi-Fi');
    await built.outbox.idle();
    expect(await states(client)).toEqual({ mail: 'done', wifi: 'retrying', library: 'failed' });
    const later = await signIn(built.client(), 'amina', NEW);
    await byApp(built, later);
    await later.get('/safety');
    expect(later.text()).toContain('Where your new password works');
    expect(await states(later, '/safety/systems')).toEqual({ mail: 'done', wifi: 'retrying', library: 'failed' });
  });

  test('nobody else sees them, and not for ever', async () => {
    const built = await house();
    const client = await recovered(built);
    await built.outbox.idle();
    expect(await asked(built.client())).toEqual({ settled: true, systems: [] });
    expect((await built.client().get('/recover/systems')).path).toBe('/');
    expect((await built.client().get('/safety/systems')).path).toBe('/sign-in');
    built.clock.advance(minutes(31));
    expect(await asked(client)).toEqual({ settled: true, systems: [] });
  });

  test('a refused password goes nowhere', async () => {
    const built = await house();
    const client = await passGates(built, built.client(), 'amina');
    await setPassword(client, 'short');
    await setPassword(client, PASSWORD);
    await built.outbox.idle();
    expect(arrived('mail')).toEqual([]);
    await setPassword(client, NEW);
    await built.outbox.idle();
    expect(arrived('mail')).toEqual([`password AMINA ${NEW}`]);
  });

  test('where no system is connected, nobody sees anything of it', async () => {
    const built = await build({ people: [amina] });
    const client = await recovered(built);
    expect(client.text()).not.toContain('Where your new password works');
    expect(await asked(client)).toEqual({ settled: true, systems: [] });
  });
});
