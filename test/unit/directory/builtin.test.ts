/** The built-in directory on an in-memory store: who is found, what locks, what a write leaves behind. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createSignIn } from '../../../src/directory/builtin/sign-in.ts';
import { type BuiltinConfig, builtinDirectory, foldIdentifier } from '../../../src/directory/builtin.ts';
import type { Directory } from '../../../src/directory/directory.ts';
import type { Account } from '../../../src/kernel/account.ts';
import { argon2Hash } from '../../../src/kernel/argon2.ts';
import { days, minutes } from '../../../src/kernel/clock.ts';
import { Secret } from '../../../src/kernel/secret.ts';
import { createMemoryBuiltinStore, type MemoryBuiltinStore } from '../../kit/memory-builtin-store.ts';

const cost = { memory: 64, passes: 1, parallelism: 1 };
const pepper = Buffer.alloc(32, 7);
const good = new Secret('correct horse battery');
const fresh = new Secret('a wholly new pass phrase');
const bad = new Secret('not it at all, sorry');

let store: MemoryBuiltinStore;
let now: number;
const open = (config: Partial<BuiltinConfig> = {}): Promise<Directory> =>
  Promise.resolve(
    builtinDirectory.open(
      { minPasswordLength: 15, lockAfter: 3, lockFor: minutes(10), protectedGroups: [], ...config },
      { id: 'people', store, pepper, clock: { now: () => now }, cost },
    ),
  );

let directory: Directory;
let anna: Account;

beforeEach(async () => {
  store = createMemoryBuiltinStore();
  now = Date.UTC(2026, 10, 23);
  store.add({
    id: 'a1',
    username: 'Anna',
    mail: 'anna@north.example',
    displayName: 'Anna Berg',
    groups: ['Staff'],
    passwordHash: await argon2Hash(good.reveal(), pepper, cost),
    passwordChangedAt: now - days(3),
  });
  directory = await open();
  anna = await found(directory, 'anna');
});

async function found(where: Directory, identifier: string): Promise<Account> {
  const outcome = await where.find(identifier);
  if (outcome.is !== 'found') throw new Error(`${identifier}: ${outcome.is}`);
  return outcome.account;
}

describe('find', () => {
  it.each(['anna', 'ANNA', ' Anna ', 'anna@north.example', 'Anna@North.Example'])('finds %j', async (typed) => {
    expect(await directory.find(typed)).toMatchObject({ is: 'found', account: { key: 'a1', username: 'Anna' } });
  });

  it.each([
    ['nobody', 'bela'],
    ['nothing', ''],
    ['a NUL', 'anna\0'],
    ['a line break', 'anna\r\nx'],
    ['a very long text', 'a'.repeat(400)],
    ['a full-width letter', 'ａnna'],
    ['a list', 'anna@north.example,eve@evil.example'],
  ])('finds nobody for %s', async (_, typed) => {
    expect(await directory.find(typed)).toEqual({ is: 'none' });
  });

  it('compares composed and decomposed letters as the same, in any case', async () => {
    store.add({ id: 'j1', username: 'jörg' });
    expect(await directory.find('JO\u0308RG')).toMatchObject({ is: 'found', account: { key: 'j1' } });
  });

  it.each([
    ['Kelvin sign', '\u212Aim@north.example', 'kim@north.example'],
    ['dotted capital I', 'm\u0130ke@north.example', 'mike@north.example'],
    ['dotless i', 'm\u0131ke@north.example', 'mike@north.example'],
  ])('does not take a %s for an ASCII letter (A5)', async (_, typed, mail) => {
    store.add({ id: 'm1', username: 'somebody', mail });
    expect(await directory.find(mail.toUpperCase())).toMatchObject({ is: 'found' });
    expect(await directory.find(typed)).toEqual({ is: 'none' });
  });

  it('finds nobody when two accounts share the address, and says why', async () => {
    store.add({ id: 'b1', username: 'berta', mail: 'ANNA@north.example' });
    const outcome = await directory.find('anna@north.example');
    expect(outcome).toEqual({ is: 'none', cause: expect.stringMatching(/more than one/i) });
  });

  it('lets a username win over the same text as an address of somebody else', async () => {
    store.add({ id: 'e1', username: 'eve', mail: 'anna' });
    expect(await directory.find('anna')).toMatchObject({ is: 'found', account: { key: 'a1' } });
  });

  it('tells its rules', async () => {
    expect(await directory.readPolicy()).toMatchObject({ minLength: 15, maxLength: 128, lockoutThreshold: 3 });
    expect(directory.can).toEqual({ resetHistory: false, unlock: true, mustChange: true });
  });

  it('says unavailable when the database does not answer', async () => {
    store.fail('findByUsername', 'connection refused');
    expect(await directory.find('anna')).toMatchObject({
      is: 'unavailable',
      cause: expect.stringContaining('refused'),
    });
  });
});

describe('verifyPassword', () => {
  it('tells right from wrong', async () => {
    expect(await directory.verifyPassword(anna, good)).toEqual({ is: 'correct' });
    expect(await directory.verifyPassword(anna, bad)).toEqual({ is: 'wrong' });
  });

  it.each(['', '\0', '\0\0'])('refuses an empty password (%j) without counting it', async (text) => {
    expect(await directory.verifyPassword(anna, new Secret(text))).toEqual({ is: 'wrong' });
    expect(store.row('a1').failedBinds).toBe(0);
  });

  it('says wrong for an account that is not there, and for one without a password', async () => {
    store.add({ id: 'n1', username: 'new' });
    expect(await directory.verifyPassword({ ...anna, key: 'gone' }, good)).toEqual({ is: 'wrong' });
    expect(await directory.verifyPassword(await found(directory, 'new'), good)).toEqual({ is: 'wrong' });
  });

  it('locks after lockAfter failures, also for the right password, and opens again after lockFor', async () => {
    for (let i = 0; i < 3; i += 1) expect(await directory.verifyPassword(anna, bad)).toEqual({ is: 'wrong' });
    expect(await directory.verifyPassword(anna, good)).toMatchObject({ is: 'refused', why: 'locked' });
    now += minutes(10) - 1;
    expect(await directory.verifyPassword(anna, good)).toMatchObject({ is: 'refused', why: 'locked' });
    now += 1;
    expect(await directory.verifyPassword(anna, bad)).toEqual({ is: 'wrong' });
    expect(await directory.verifyPassword(anna, good)).toEqual({ is: 'correct' });
    expect(store.row('a1').failedBinds).toBe(0);
  });

  it('lets no more than lockAfter of many parallel guesses be looked at', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => directory.verifyPassword(anna, bad)));
    expect(answers.filter((answer) => answer.is === 'wrong')).toHaveLength(3);
    expect(answers.filter((answer) => answer.is === 'refused')).toHaveLength(17);
  });

  it('keeps that limit for parallel guesses at the instant a lock runs out', async () => {
    Object.assign(store.row('a1'), { failedBinds: 3, lockedUntil: now });
    const answers = await Promise.all(Array.from({ length: 20 }, () => directory.verifyPassword(anna, bad)));
    const looked = answers.filter((answer) => answer.is === 'wrong').length;
    expect(looked).toBeGreaterThan(0);
    expect(looked).toBeLessThanOrEqual(3);
  });

  it('gives attempts that all saw the lock run out no fresh count each', async () => {
    const limits = { lockAfter: 10, lockFor: minutes(10) };
    const signIn = await createSignIn({ store, pepper, clock: { now: () => now }, cost, ...limits });
    const seen = { ...Object.assign(store.row('a1'), { failedBinds: 10, lockedUntil: now }) };
    const proofs: string[] = [];
    for (let n = 0; n < 20; n += 1) proofs.push(await signIn.prove(seen, bad));
    expect(proofs[0]).toBe('wrong');
    expect(proofs.filter((proof) => proof === 'wrong').length).toBeLessThanOrEqual(2);
  });

  it('does not lock for ever when a process died in the middle of an attempt', async () => {
    store.row('a1').failedBinds = 3;
    expect(await directory.verifyPassword(anna, good)).toMatchObject({ is: 'refused', why: 'locked' });
    now += minutes(10);
    expect(await directory.verifyPassword(anna, good)).toEqual({ is: 'correct' });
  });

  it('takes the right password at the last try that is left', async () => {
    await directory.verifyPassword(anna, bad);
    await directory.verifyPassword(anna, bad);
    expect(await directory.verifyPassword(anna, good)).toEqual({ is: 'correct' });
    expect(store.row('a1')).toMatchObject({ failedBinds: 0, lockedUntil: undefined });
  });

  it('starts counting anew after a success', async () => {
    for (let round = 0; round < 3; round += 1) {
      await directory.verifyPassword(anna, bad);
      await directory.verifyPassword(anna, bad);
      expect(await directory.verifyPassword(anna, good)).toEqual({ is: 'correct' });
    }
  });

  it.each([
    ['disabled', { disabled: true }, { is: 'refused', why: 'disabled' }],
    ['ended', { expiresAt: 1 }, { is: 'refused', why: 'account-expired' }],
    ['must change', { mustChange: true }, { is: 'correct-but', why: 'must-change' }],
  ])('says %s only to the one who knows the password', async (_, change, answer) => {
    Object.assign(store.row('a1'), change);
    expect(await directory.verifyPassword(anna, bad)).toEqual({ is: 'wrong' });
    expect(await directory.verifyPassword(anna, good)).toMatchObject(answer);
  });

  it('says expired where a password has an age', async () => {
    const strict = await open({ maxPasswordAge: days(3) });
    expect(await strict.verifyPassword(anna, good)).toEqual({ is: 'correct-but', why: 'expired' });
    expect(await strict.preflight(anna)).toMatchObject({ is: 'ready', expired: true });
  });

  it('says unavailable when the database fails', async () => {
    store.fail('recordFailedBind', 'disk full');
    expect(await directory.verifyPassword(anna, good)).toMatchObject({ is: 'unavailable' });
  });
});

describe('writePassword', () => {
  it('resets: the new one works, the old one does not, lock and must-change are gone, the marker moved', async () => {
    Object.assign(store.row('a1'), { failedBinds: 3, lockedUntil: now + minutes(5), mustChange: true });
    const before = await directory.passwordMarker(anna);
    expect(await directory.writePassword(anna, fresh)).toEqual({ is: 'applied' });
    expect(await directory.verifyPassword(anna, fresh)).toEqual({ is: 'correct' });
    expect(await directory.verifyPassword(anna, good)).toEqual({ is: 'wrong' });
    expect(await directory.passwordMarker(anna)).not.toBe(before);
  });

  it('moves the marker even when clock and time stand still', async () => {
    store.row('a1').passwordChangedAt = now;
    const before = await directory.passwordMarker(anna);
    await directory.writePassword(anna, fresh);
    expect(await directory.passwordMarker(anna)).not.toBe(before);
  });

  it('keeps the marker over sign-ins, right and wrong', async () => {
    const before = await directory.passwordMarker(anna);
    await directory.verifyPassword(anna, bad);
    await directory.verifyPassword(anna, good);
    expect(await directory.passwordMarker(anna)).toBe(before);
  });

  it('changes with the old password, and only with it; a wrong one counts', async () => {
    expect(await directory.writePassword(anna, fresh, { old: bad })).toEqual({ is: 'wrong-password' });
    expect(store.row('a1').failedBinds).toBe(1);
    expect(await directory.writePassword(anna, fresh, { old: new Secret('') })).toEqual({ is: 'wrong-password' });
    expect(await directory.writePassword(anna, fresh, { old: good })).toEqual({ is: 'applied' });
    expect(await directory.verifyPassword(anna, fresh)).toEqual({ is: 'correct' });
  });

  it('can not be used to guess on a locked account', async () => {
    store.row('a1').lockedUntil = now + 1;
    expect(await directory.writePassword(anna, fresh, { old: good })).toMatchObject({ is: 'failed' });
    expect(await directory.verifyPassword(anna, fresh)).toMatchObject({ why: 'locked' });
  });

  it('counts length in code points of the NFC form', async () => {
    expect(await directory.writePassword(anna, new Secret('🔑'.repeat(14)))).toMatchObject({ rules: ['too-short'] });
    expect(await directory.writePassword(anna, new Secret('e\u0301'.repeat(14)))).toMatchObject({
      rules: ['too-short'],
    });
    expect(await directory.writePassword(anna, new Secret('x'.repeat(129)))).toMatchObject({ rules: ['too-long'] });
    expect(await directory.writePassword(anna, new Secret('🔑'.repeat(15)))).toEqual({ is: 'applied' });
    expect(await directory.writePassword(anna, new Secret('ab'.repeat(64)))).toEqual({ is: 'applied' });
  });

  it('verifies the whole of a long password', async () => {
    await directory.writePassword(anna, new Secret(`${'x'.repeat(127)}a`));
    expect(await directory.verifyPassword(anna, new Secret(`${'x'.repeat(127)}b`))).toEqual({ is: 'wrong' });
  });

  it('takes both spellings of one letter for the same password', async () => {
    await directory.writePassword(anna, new Secret('caf\u00e9 au lait, please'));
    expect(await directory.verifyPassword(anna, new Secret('cafe\u0301 au lait, please'))).toEqual({ is: 'correct' });
  });

  it('refuses the present password', async () => {
    expect(await directory.writePassword(anna, good)).toMatchObject({ is: 'refused', rules: ['unchanged'] });
  });

  it.each([
    ['protected', 'protected', { groups: ['DOMAIN ADMINS'] }],
    ['disabled', 'disabled', { disabled: true }],
    ['ended', 'account-expired', { expiresAt: 1 }],
    ['fixed', 'cannot-change-password', { cannotChange: true }],
  ])('leaves a %s account alone and says so before the gates', async (_, why, change) => {
    Object.assign(store.row('a1'), change);
    const guarded = await open({ protectedGroups: ['Domain Admins'] });
    expect(await guarded.preflight(anna)).toMatchObject({ is: 'blocked', why });
    const before = store.row('a1').passwordHash;
    expect(await guarded.writePassword(anna, fresh)).toMatchObject({ is: 'failed' });
    expect(store.row('a1').passwordHash).toBe(before);
  });

  it('lets one of two parallel changes win', async () => {
    const outcomes = await Promise.all([
      directory.writePassword(anna, fresh, { old: good }),
      directory.writePassword(anna, new Secret('quite another phrase'), { old: good }),
    ]);
    expect(outcomes.map((outcome) => outcome.is).sort()).toEqual(['applied', 'failed']);
  });

  it('is applied even when the unlock after it gets no answer', async () => {
    store.fail('unlock', 'connection lost');
    expect(await directory.writePassword(anna, fresh)).toEqual({ is: 'applied' });
  });

  it('says unknown when the write itself gets no answer, unavailable when it had not begun', async () => {
    store.fail('setPassword', 'connection lost');
    expect(await directory.writePassword(anna, fresh)).toMatchObject({ is: 'unknown' });
    store.fail('findById', 'connection lost');
    expect(await directory.writePassword(anna, fresh)).toMatchObject({ is: 'unavailable' });
    expect(await directory.passwordMarker(anna)).toBeUndefined();
  });
});

it('unlocks without touching the password', async () => {
  Object.assign(store.row('a1'), { failedBinds: 3, lockedUntil: now + minutes(5) });
  expect(await directory.preflight(anna)).toEqual({ is: 'ready', locked: true, mustChange: false, expired: false });
  expect(await directory.unlock(anna)).toEqual({ is: 'applied' });
  expect(await directory.verifyPassword(anna, good)).toEqual({ is: 'correct' });
});

it('does exactly one hash of the same cost per sign-in, known or unknown', async () => {
  const heavy = { memory: 16_384, passes: 2, parallelism: 1 };
  const slow = await Promise.resolve(
    builtinDirectory.open(
      { minPasswordLength: 15, lockAfter: 100, lockFor: minutes(1), protectedGroups: [] },
      { id: 'people', store, pepper, clock: { now: () => now }, cost: heavy },
    ),
  );
  store.row('a1').passwordHash = await argon2Hash(good.reveal(), pepper, heavy);
  const time = async (account: Account): Promise<number> => {
    const from = process.cpuUsage();
    for (let i = 0; i < 5; i += 1) await slow.verifyPassword(account, bad);
    return process.cpuUsage(from).user;
  };
  await time(anna);
  const ratio = (await time({ ...anna, key: 'gone' })) / (await time(anna));
  // Without the dummy hash it is below 0.05; with two it is about 2.
  expect(ratio).toBeGreaterThan(0.6);
  expect(ratio).toBeLessThan(1.6);
});

describe('check', () => {
  it('is fine without a canary, and with one that can be reset', async () => {
    expect(await directory.check()).toEqual([{ is: 'ok', what: expect.any(String) }]);
    const findings = await (await open({ canary: 'anna' })).check();
    expect(findings.map((finding) => finding.is)).toEqual(['ok', 'ok']);
  });

  it.each([
    ['is missing', 'ghost', {}],
    ['is disabled', 'anna', { disabled: true }],
  ])('names the key when the canary %s', async (_, canary, change) => {
    Object.assign(store.row('a1'), change);
    const [, finding] = await (await open({ canary })).check();
    expect(finding).toMatchObject({ is: 'failed', key: 'canary', cause: expect.any(String), fix: expect.any(String) });
  });

  it('turns a broken database into a finding', async () => {
    store.fail('findByUsername', 'no such table');
    expect(await directory.check()).toMatchObject([{ is: 'failed', cause: expect.stringContaining('no such table') }]);
  });
});

it('folds look-up names without ever turning another letter into an ASCII one', () => {
  for (let code = 0x80; code < 0x3000; code += 1) {
    expect(foldIdentifier(String.fromCodePoint(code))).not.toMatch(/[a-z]/);
  }
});
