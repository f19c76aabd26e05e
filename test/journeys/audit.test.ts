/** Every event that the journeys can write is written, by somebody, with who, whom and where. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { VerificationMethod } from '../../src/methods/method.ts';
import * as accounts from '../../src/storage/repositories/builtin-accounts.ts';
import { type Built, build, PASSWORD, PHONES, SEED } from '../kit/build.ts';
import {
  answer,
  appCode,
  byApp,
  byEmail,
  choose,
  identify,
  NEW,
  NEWER,
  passGates,
  setPassword,
  signIn,
  wrongAppCode,
} from '../kit/steps.ts';

const MINUTE = 60_000;

/** Names in the sources; steps of a journey as those of a recovery. */
function emitted(): string[] {
  const sources = readdirSync('src/flow', { recursive: true, withFileTypes: true })
    // What staff do is exercised by the tests of the console.
    .filter((entry) => entry.isFile() && !/flow\/(assisted|incidents|staff)/.test(entry.parentPath))
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'))
    .join('\n');
  const found = [
    ...[...sources.matchAll(/'((?:enrolment|authenticator|sign-in|session|recovery)\.[a-z-]+)'/g)].map(
      ([, name]) => name,
    ),
    ...[...sources.matchAll(/noted\(journey, '([a-z-]+)'\)/g)].map(([, step]) => `recovery.${step}`),
    'recovery.cancelled',
    'recovery.expired',
  ];
  // A recovery is complete with its password; only the journeys that end at the gates say so.
  return [...new Set(found as string[])]
    .map((name) => (name === 'recovery.completed' ? 'sign-in.completed' : name))
    .sort();
}

/** A way that nobody serves, an unlock that fails, patience that risk asks for, a stop button, a year that passes. */
async function unusual(built: Built): Promise<void> {
  const totp = built.flow.methods.get('totp') as VerificationMethod;
  const { challenge } = totp;
  totp.challenge = async () => ({ is: 'unavailable', cause: 'The test took it away.' });
  await choose(await identify(built.client(), 'frida'), 'totp');
  Object.assign(totp, { challenge });

  const lockUntil = built.clock.now() + 60 * MINUTE;
  await accounts.recordFailedBind(built.storage.db, 'frida', { threshold: 1, lockUntil });
  const { unlock } = built.directory;
  built.directory.unlock = async () => ({ is: 'failed', cause: 'The test wanted it.' });
  const locked = await built.client().get('/unlock');
  await locked.submit('/unlock', { identifier: 'frida' });
  await byEmail(built, locked, 'frida@private.example');
  await byApp(built, locked);
  await locked.submit('/recover/unlock');
  Object.assign(built.directory, { unlock });

  built.clock.advance(120 * MINUTE);
  await built.mails();
  const { assess } = built.flow.risk;
  built.flow.risk.assess = async () => ({ is: 'wait', says: 'The test wanted it.' }) as never;
  await passGates(built, built.client(), 'frida');
  Object.assign(built.flow.risk, { assess });
  const stop = /\/stop#([\w-]+)/.exec(
    (await built.mails()).findLast(({ text }) => text.includes('/stop#'))?.text ?? '',
  );
  const owner = await built.client().get('/stop');
  await owner.submit('/stop', { token: stop?.[1] ?? '' });

  built.clock.advance(366 * 24 * 60 * MINUTE);
  const later = await byApp(built, await signIn(built.client(), 'amina', NEW));
  await later.submit('/safety/reconfirm');
}

test('every event is exercised, and the chain holds', async () => {
  const built = await build({
    people: [
      { username: 'amina', addresses: ['amina@private.example'], seed: SEED },
      { username: 'dmitri', addresses: ['dmitri@private.example'] },
      { username: 'eve', seed: SEED, addresses: ['eve@private.example'] },
      { username: 'frida', seed: SEED, addresses: ['frida@private.example'], phones: ['+4915112345678'] },
    ],
    env: {
      ...PHONES,
      SPAREKEY_POLICY_SHARED_PHONE: 'flag',
      SPAREKEY_LIMITS_STARTS_PER_IDENTIFIER_PER_HOUR: '100',
      SPAREKEY_LIMITS_STARTS_PER_IP_PER_HOUR: '1000',
      SPAREKEY_LIMITS_LADDER_FREE_TRIES: '3',
      SPAREKEY_LIMITS_LADDER_DISABLE_AT: '11',
    },
  });
  const cause = 'The test wanted it.';
  const { writePassword, verifyPassword } = built.directory;
  const write = async (outcome: Awaited<ReturnType<typeof writePassword>>) => {
    built.clock.advance(31_000);
    const client = await passGates(built, built.client(), 'amina');
    built.directory.writePassword = async () => outcome;
    built.directory.verifyPassword = async () => ({ is: 'wrong' });
    await setPassword(client, NEWER);
    Object.assign(built.directory, { writePassword, verifyPassword });
    built.clock.advance(MINUTE);
    await built.mails();
  };

  // A recovery that succeeds and ends a session; one of each kind that does not.
  const inside = await signIn(built.client(), 'amina');
  await byApp(built, inside);
  await write({ is: 'refused', rules: ['quality'], cause });
  await write({ is: 'failed', cause });
  await write({ is: 'unknown', cause });
  built.clock.advance(31_000);
  await setPassword(await passGates(built, built.client(), 'amina'), NEW);

  const stuck = await identify(built.client(), 'dmitri');
  await byEmail(built, stuck, 'dmitri@private.example');
  await (await identify(built.client(), 'dmitri')).submit('/recover/cancel');

  for (let failures = 0; failures < 12; failures += 1) {
    const guesses = await choose(await identify(built.client(), 'eve'), 'totp');
    await answer(guesses, wrongAppCode(built));
    await answer(guesses, wrongAppCode(built));
    built.clock.advance(failures < 3 ? 1_000 : 60 * MINUTE);
  }
  const voided = await choose(await identify(built.client(), 'nobody'), 'email');
  built.clock.advance(5 * MINUTE);
  await voided.get('/recover/link');
  await voided.submit('/recover/link', { token: 'A'.repeat(43) });
  built.clock.advance(5 * MINUTE + 1);
  await answer(voided, '00000000');

  const client = await signIn(built.client(), 'dmitri');
  await client.get('/ways/add/totp');
  const seed = (/<code class="secret"[^>]*>([A-Z2-7 ]+)</.exec(client.html)?.[1] ?? '').replaceAll(' ', '');
  await client.submit('/ways/add/totp/confirm', { code: wrongAppCode(built, seed) });
  await client.submit('/ways/add/totp/confirm', { code: appCode(built, seed) });
  await client.get('/ways/add/sms');
  await client.submit('/ways/add/sms', { address: '+4915112345678' });
  await client.submit('/ways/add/sms/confirm', { code: await built.textCodeFor('+4915112345678') });
  const rename = /\/ways\/[\w-]+\/rename/.exec(client.html)?.[0] as string;
  await client.get(rename);
  await client.submit(rename, { name: 'Old phone' });
  const link = /\/ways\/[\w-]+\/remove/.exec(client.html)?.[0] as string;
  await client.get(link);
  await client.submit(link);
  await client.submit('/sign-out');
  for (let n = 0; n < 6; n += 1) await signIn(built.client(), 'dmitri', `${PASSWORD}, not`);
  built.clock.advance(120 * MINUTE);
  await built.mails();
  await unusual(built);

  const audited = await built.audited();
  // One machine serves all journeys: what one of them can write under its own name, the others can, too.
  const seen = new Set<string>(
    audited.map(({ event }) => event.replace(/^(practice|change|unlock|lost-factor)\./, 'recovery.')),
  );
  expect(emitted().filter((name) => !seen.has(name))).toEqual([]);
  for (const { event, actor, subject, ip } of audited) {
    expect(actor, event).toBeTruthy();
    expect(subject, event).toBeTruthy();
    if (!['session.ended', 'recovery.expired', 'recovery.password-not-set'].includes(event))
      expect(ip, event).toBe('192.0.2.10');
  }
  expect((await built.audit.verify(built.storage.db)).faults).toEqual([]);
});
