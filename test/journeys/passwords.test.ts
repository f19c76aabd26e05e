/** Choosing a password: what is told while typing, suggestions, leaked ones, and characters that no keyboard makes. */
import { describe, expect, test } from 'vitest';
import type { BreachAnswer, BreachCorpus } from '../../src/breach/breach.ts';
import { createMeter } from '../../src/flow/strength/meter.ts';
import type { Secret } from '../../src/kernel/secret.ts';
import { type BuildOptions, type Built, build, PASSWORD, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { NEW, NEWER, passGates, setPassword } from '../kit/steps.ts';

const amina = {
  username: 'amina',
  displayName: 'Amina Haddad-Benali',
  addresses: ['amina@private.example'],
  seed: SEED,
  language: 'en',
};

/** A Sparekey with a corpus that knows `leaked` and notes what it is asked. */
async function house(options: BuildOptions & { leaked?: string[]; whenUnavailable?: 'accept' | 'refuse' } = {}) {
  const built = await build({ people: [amina], ...options });
  const asked: string[] = [];
  let down = false;
  const corpus: BreachCorpus = {
    whenUnavailable: options.whenUnavailable ?? 'accept',
    async lookUp(password: Secret): Promise<BreachAnswer> {
      asked.push(password.reveal());
      if (down) return { is: 'unavailable', cause: 'The test took it away.' };
      return options.leaked?.includes(password.reveal()) ? { is: 'breached', count: 7 } : { is: 'clean' };
    },
    check: async () => [],
    close: async () => {},
  };
  built.flow.breach = corpus;
  return {
    built,
    asked,
    takeAway: () => {
      down = true;
    },
  };
}

const atPassword = (built: Built): Promise<Client> => passGates(built, built.client(), 'amina');

interface Told {
  rules: { id: string; state: string; text: string }[];
  strength?: { level: number; text: string; help: string[] };
}

/** What the script of the page would be told; the page stays. */
async function tell(client: Client, password: string, path = '/recover/password/rules'): Promise<Told> {
  const page = client.html;
  const { fields } = client.form(path.replace('/rules', ''));
  const told = JSON.parse((await client.post(path, { ...fields, password })).html) as Told;
  client.html = page;
  return told;
}
const stateOf = (told: Told, id: string) => told.rules.find((rule) => rule.id === id)?.state;

const change = async (built: Built, password: string) => {
  const client = await built.client().get('/change');
  return client.submit('/change', { username: 'amina', current: PASSWORD, password, again: password });
};

describe('while somebody types', () => {
  test('they are told how every rule stands, in words, and how strong it is', async () => {
    const { built } = await house();
    built.flow.meter = createMeter({ clock: built.clock, log: built.flow.log, patience: 20_000 });
    const client = await atPassword(built);
    const weak = await tell(client, 'qwertyuiopasdfgh');
    expect(stateOf(weak, 'guessable')).toBe('no');
    expect(weak.rules.find(({ id }) => id === 'guessable')?.text).toContain('run of keys');
    expect(weak.strength).toMatchObject({ level: 1, text: 'Strength: weak' });
    expect(weak.strength?.help.join(' ')).toContain('much like a password that many people use');
    const good = await tell(client, NEW);
    expect(good.rules.every(({ state }) => state !== 'no')).toBe(true);
    expect(good.strength).toEqual({ level: 4, text: 'Strength: strong', help: [] });
    await built.flow.meter.close();
  });

  test('a broken meter takes nothing away but itself', async () => {
    const { built } = await house();
    built.flow.meter = createMeter({ clock: built.clock, log: built.flow.log, entry: new URL('file:///nowhere.mjs') });
    const client = await atPassword(built);
    const told = await tell(client, NEW);
    expect(told.strength).toBe(undefined);
    expect(told.rules.length).toBeGreaterThan(3);
    expect((await setPassword(client)).title).toContain('You’re back');
  });

  test('leaks are searched last, and only for somebody who proved who they are', async () => {
    const { built, asked } = await house({ leaked: [NEWER] });
    const client = await atPassword(built);
    expect(stateOf(await tell(client, 'short'), 'breached')).toBe('open');
    expect(asked).toEqual([]);
    expect(stateOf(await tell(client, NEW), 'breached')).toBe('ok');
    expect(stateOf(await tell(client, NEWER), 'breached')).toBe('no');
    expect(asked).toEqual([NEW, NEWER]);

    const stranger = await built.client().get('/change');
    expect(stateOf(await tell(stranger, NEWER, '/change/rules'), 'breached')).toBe('open');
    await stranger.submit('/change', { username: 'amina', current: 'not the one', password: NEWER, again: NEWER });
    expect(asked).toHaveLength(2);
  });
});

describe('a leaked password', () => {
  test('is refused with a sentence in a recovery, which goes on', async () => {
    const { built } = await house({ leaked: [NEW] });
    const client = await atPassword(built);
    await setPassword(client);
    expect(client.text()).toContain('in a list of stolen passwords');
    expect(client.text()).toContain('Nothing is lost');
    expect(await built.bind('amina', PASSWORD)).toBe('correct');
    expect((await setPassword(client, NEWER)).title).toContain('You’re back');
  });

  test('is refused when a known one is changed', async () => {
    const { built, asked } = await house({ leaked: [NEW] });
    expect((await change(built, NEW)).text()).toContain('in a list of stolen passwords');
    expect(asked).toEqual([NEW]);
    expect((await change(built, NEWER)).title).toBe('Your password is changed');
  });

  test('is taken when no leak can be searched, unless the configuration says otherwise', async () => {
    const lenient = await house();
    lenient.takeAway();
    expect((await change(lenient.built, NEW)).title).toBe('Your password is changed');
    const strict = await house({ whenUnavailable: 'refuse' });
    strict.takeAway();
    const client = await change(strict.built, NEW);
    expect(client.status).toBe(422);
    expect(client.text()).toContain('try again in a few minutes');
    expect(await strict.built.bind('amina', PASSWORD)).toBe('correct');
  });
});

/** What stands readable in the first field. */
const suggested = (client: Client): string =>
  /<input[^>]*id="password"[^>]*type="text"[^>]*>/.exec(client.html)?.[0].match(/ value="([^"]+)"/)?.[1] ?? '';

describe('a suggestion without script', () => {
  test('stands readable in the one field there is, and works', async () => {
    const { built } = await house();
    const client = await atPassword(built);
    await client.submit('/recover/password/suggest', { kind: 'words' });
    expect(client.status).toBe(200);
    const password = suggested(client);
    expect(password).toMatch(/^[a-z-]+( [a-z-]+){4}$/);
    expect(client.html).not.toContain('name="again"');
    expect(client.html, 'and the ticks are those of the suggestion').not.toContain(
      'data-rule="common" data-state="open"',
    );
    expect(client.html).toContain('data-rule="common" data-state="ok"');
    expect(client.last.headers['cache-control']).toBe('no-store');
    await client.submit('/recover/password', { password });
    expect(client.title).toContain('You’re back');
    expect(await built.bind('amina', password)).toBe('correct');
  });

  test('is in that answer and nowhere else: not in a later page, the log, the database or the audit', async () => {
    const { built } = await house();
    const client = await atPassword(built);
    await client.submit('/recover/password/suggest', { kind: 'random' });
    const password = suggested(client);
    expect(password).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
    expect((await client.get('/recover')).html).not.toContain(password);
    expect(built.log.join('')).not.toContain(password);
    expect(JSON.stringify(await built.storage.db.selectFrom('flows').selectAll().execute())).not.toContain(password);
    expect(JSON.stringify(await built.audited())).not.toContain(password);
  });

  test('fills no typed password in again', async () => {
    const { built } = await house();
    const client = await atPassword(built);
    const { fields } = client.form('/recover/password/suggest');
    await client.post('/recover/password/suggest', { ...fields, kind: 'words', password: NEW, again: NEW });
    expect(suggested(client)).not.toBe('');
    expect(client.html).not.toContain(NEW);
  });

  test('is in the language of the page, and random first where there is no list of words', async () => {
    const { built } = await house();
    const german = await built.client().get('/change?lang=de');
    await german.submit('/change/suggest', { kind: 'words' });
    expect(suggested(german)).toMatch(/^[a-z]{4,8}( [a-z]{4,8}){4}$/);
    const arabic = await built.client().get('/change?lang=ar');
    expect(arabic.html.indexOf('value="random"')).toBeLessThan(arabic.html.indexOf('value="words"'));
  });

  test('works where a known password is changed', async () => {
    const { built } = await house();
    const client = await built.client().get('/change');
    await client.submit('/change/suggest', { kind: 'words' });
    const password = suggested(client);
    await client.submit('/change', { username: 'amina', current: PASSWORD, password });
    expect(client.title).toBe('Your password is changed');
    expect(await built.bind('amina', password)).toBe('correct');
  });

  test('that no rules allow is said, and nothing breaks', async () => {
    const { built } = await house();
    const { readPolicy } = built.directory;
    built.directory.readPolicy = async (account) => ({ ...(await readPolicy(account)), maxLength: 10 });
    const client = await built.client().get('/change');
    await client.submit('/change/suggest', { kind: 'words' });
    expect(client.status).toBe(422);
    expect(client.text()).toContain('No password fulfils all rules');
  });

  test('is given to nobody whose journey has not come that far', async () => {
    const { built } = await house();
    const client = await atPassword(built);
    const { fields } = client.form('/recover/password/suggest');
    const stranger = built.client();
    await stranger.get('/');
    await stranger.post('/recover/password/suggest', { ...fields, ...stranger.form('/recover').fields, kind: 'words' });
    expect(suggested(stranger)).toBe('');
  });
});

test('a suggestion for the script is data', async () => {
  const { built } = await house({ leaked: [] });
  const client = await atPassword(built);
  const { fields } = client.form('/recover/password/suggest');
  const json = { accept: 'application/json' };
  await client.post('/recover/password/suggest', { ...fields, kind: 'random' }, json);
  expect(JSON.parse(client.html)).toEqual({ password: expect.stringMatching(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/) });
});

describe('every character', () => {
  test.each([
    ['signs', '@ # $ * & % ^ ( ) = + ~'],
    ['quotes', `It's "quoted" \`here\` and «there»`],
    ['blanks at both ends', '   seven quiet herons   '],
    ['emoji of many parts', '👩‍👩‍👧‍👦 🏳️‍🌈 🧑🏽‍🚀 on the 🌊 today'],
    ['right to left', 'مراكب ورقية عند الظهيرة'],
    ['marks in any order', 'o\u0302\u0323 quie\u0302\u0323t he\u0301rons sing'],
    ['128 code points', '🦩é字ж'.repeat(32).normalize('NFC')],
  ])('works: %s', async (_name, password) => {
    const { built } = await house();
    built.flow.breach = undefined;
    expect((await change(built, password)).title).toBe('Your password is changed');
    expect(await built.bind('amina', password.normalize('NFC'))).toBe('correct');
  });

  test.each([
    ['NUL', 'seven quiet\0 herons', 'characters'],
    ['a line end', 'seven quiet\r\nherons here', 'characters'],
    ['a tab', 'seven quiet\therons here', 'characters'],
    ['a C1 control', 'seven quiet\u0085herons', 'characters'],
    ['a noncharacter', 'seven quiet\uFFFEherons', 'characters'],
    ['129 code points', `${'🦩é字ж'.repeat(32)}x`, 'max-length'],
    ['a flood of marks', `seven quiet herons${'\u0301'.repeat(500)}`, 'max-length'],
  ])('but not what no keyboard makes: %s is refused with a sentence and never sent', async (_name, password, rule) => {
    const { built } = await house();
    let sent = 0;
    const { writePassword } = built.directory;
    built.directory.writePassword = (...given) => {
      sent += 1;
      return writePassword(...given);
    };
    const client = await change(built, password);
    expect(client.status).toBe(422);
    expect(client.text()).toContain(rule === 'characters' ? 'no keyboard can type' : 'at most 128 characters');
    expect(sent).toBe(0);
  });

  test('a lone surrogate, however it is encoded, is refused like that', async () => {
    const { built } = await house();
    const client = await built.client().get('/change');
    const { fields } = client.form('/change');
    const body = new URLSearchParams({ ...fields, username: 'amina', current: PASSWORD }).toString();
    // As CESU-8 bytes: a form can't carry it otherwise.
    const password = 'seven+quiet+herons+%ED%A0%80';
    await client.postBody('/change', `${body}&password=${password}&again=${password}`);
    expect(client.status).toBe(422);
    expect(client.text()).toContain('no keyboard can type');
  });
});

describe('substring mode', () => {
  test('refuses a word of the place or of the person anywhere', async () => {
    const { built } = await house({ env: { SPAREKEY_POLICY_PASSWORD_SUBSTRINGS: 'true' } });
    // compose.ts hands it on.
    built.flow.passwords.substrings = built.config.policy.password.substrings;
    for (const password of ['quiet Haddad at noon', 'owls of n0rthfield sing'])
      expect((await change(built, password)).text()).toContain('It holds your name or a word of this place');
    expect((await change(built, NEW)).title).toBe('Your password is changed');
  });
});
