/** A8, A17: after whole journeys no code, token, seed or password lies where it must not: answers, log, audit, database file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Built, build, PASSWORD, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import {
  answer,
  appCode,
  bySheet,
  choose,
  identify,
  linkToken,
  NEW,
  NEWER,
  setPassword,
  signIn,
} from '../kit/steps.ts';

/** Everything secret that came up, by what it is. */
async function wholeLife(built: Built): Promise<{ secrets: Map<string, string>; clients: Client[] }> {
  const secrets = new Map<string, string>([
    ['the old password', PASSWORD],
    ['the new password', NEW],
    ['the newest password', NEWER],
    ['a wrong password', 'a wrong password that was typed'],
    ['a refused password', 'shortish one'],
    ['the seed', SEED],
  ]);
  const clients: Client[] = [];
  const client = () => {
    const one = built.client();
    clients.push(one);
    return one;
  };
  const keepCookies = (one: Client, when: string) => {
    for (const [name, value] of one.cookies) if (!name.includes('csrf')) secrets.set(`${name} ${when}`, value);
  };
  const locked = await choose(await identify(client(), 'amina'), 'email');
  keepCookies(locked, 'before the first gate');
  secrets.set('the link token', await linkToken(built, 'amina@private.example'));
  const code = await built.codeFor('amina@private.example');
  secrets.set('the mailed code', code);
  secrets.set('the mailed code in groups', `${code.slice(0, 4)} ${code.slice(4)}`);
  await answer(locked, code);
  keepCookies(locked, 'after the first gate');
  const saved = built.sheets.get('amina')?.[2] as string;
  secrets.set('the saved code', saved);
  secrets.set('the saved code without hyphens', saved.replaceAll('-', ''));
  await bySheet(locked, saved);
  keepCookies(locked, 'after the last gate');
  await setPassword(locked, 'shortish one');
  await locked.post('/recover/password/rules', { ...locked.form('/recover/password').fields, password: NEWER });
  await locked.get('/recover');
  await setPassword(locked, NEW);
  const replacement = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}/.exec(locked.text())?.[0] as string;
  secrets.set('the replacement', replacement);

  await signIn(client(), 'amina', 'a wrong password that was typed');
  const inside = await signIn(client(), 'amina', NEW);
  await choose(inside, 'totp');
  const shown = appCode(built);
  secrets.set('the app code', shown);
  await answer(inside, shown);
  keepCookies(inside, 'of the session');
  await inside.get('/ways/add/totp');
  secrets.set(
    'the seed being added',
    (/<code class="secret"[^>]*>([A-Z2-7 ]+)</.exec(inside.html)?.[1] ?? '').replaceAll(' ', ''),
  );
  await inside.get('/ways/add/recovery-code');
  secrets.set('a code being added', /<li>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){4})<\/li>/.exec(inside.html)?.[1] as string);
  await inside.get('/ways/add/email');
  await inside.submit('/ways/add/email', { address: 'second@private.example' });
  secrets.set('the confirmation code', await built.codeFor('second@private.example'));
  await inside.get('/change');
  await inside.submit('/change', { current: NEW, password: NEWER, again: NEWER });
  expect(await built.bind('amina', NEWER)).toBe('correct');
  return { secrets, clients };
}

test('secrets stay where they belong', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sparekey-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const built = await build({
    file: join(folder, 'test.sqlite'),
    people: [{ username: 'amina', addresses: ['amina@private.example'], seed: SEED, sheet: true }],
  });
  const { secrets, clients } = await wholeLife(built);
  expect(secrets.size).toBeGreaterThan(18);
  for (const [what, secret] of secrets) expect(secret.length, what).toBeGreaterThanOrEqual(6);
  await built.mails();

  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString('latin1'));
  expect(files.join('').length).toBeGreaterThan(50_000);
  const log = built.log.join('');
  const audit = JSON.stringify(await built.audited());
  for (const [what, secret] of secrets) {
    for (const file of files)
      expect(file.includes(Buffer.from(secret).toString('latin1')), `${what} in the database`).toBe(false);
    expect(log.includes(secret), `${what} in the log`).toBe(false);
    // Six digits may well be part of a hash or a time.
    if (what !== 'the app code') expect(audit.includes(secret), `${what} in the audit`).toBe(false);
  }

  // What is shown on purpose: a seed while it is added, the codes of a new sheet, the replacement at the end.
  const onPurpose = ['the seed being added', 'a code being added', 'the replacement'];
  for (const { body, headers } of clients.flatMap(({ trace }) => trace)) {
    for (const [what, secret] of secrets) {
      if (!onPurpose.includes(what)) expect(body.includes(secret), `${what} in a page`).toBe(false);
      expect(String(headers.location ?? '').includes(secret), `${what} in an address`).toBe(false);
    }
  }
  for (const what of ['the saved code', 'the link token', 'the mailed code'])
    for (const { subject } of await built.mails()) expect(subject).not.toContain(secrets.get(what));
  const { html } = (await built.mails()).at(-1) ?? { html: '' };
  expect(html).not.toContain(NEWER);
});

test('the link’s token is in no log of the address bar: only the path is logged, without its query', async () => {
  const built = await build();
  await built.server.inject('/recover/link?token=verysecretverysecret&x=1');
  await built.server.inject('/nothing/here?password=verysecretverysecret');
  expect(built.log.join('')).toContain('/recover/link');
  expect(built.log.join('')).not.toContain('verysecret');
});
