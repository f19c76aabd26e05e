/**
 * Several OpenLDAP servers for real: two that replicate to each other and a read-only copy, each behind a proxy that cuts,
 * swallows and hangs. Whatever happens to one of them, no answer may be worth less than with a single server.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.ts';
import type { Account } from '../../src/kernel/account.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { accountOf } from '../contract/directory.ts';
import { until } from '../kit/servers/process.ts';
import { startProxy } from '../kit/servers/proxy.ts';
import { personLdif, type Slapd, startSlapd } from '../kit/servers/slapd.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { openOn, POLICIES } from './openldap-fixture.ts';

const HASTY = { connectTimeout: 700, operationTimeout: 700 };
const OLD = 'First-Passw0rd';
const NEW = 'Second-Passw0rd';
type Way = Awaited<ReturnType<typeof startProxy>>;
const secret = (text: string) => new Secret(text);

let ca: TestCa;
let first: Slapd;
let second: Slapd;
let copy: Slapd;
let toFirst: Way;
let toSecond: Way;
let toCopy: Way;
let made = 0;
const open: Directory[] = [];

beforeAll(async () => {
  ca = await createTestCa();
  first = await startSlapd({ ca, serverId: 1, ldif: POLICIES, people: [{ uid: 'canary', password: OLD }] });
  second = await startSlapd({ ca, serverId: 2, empty: true });
  await second.replicateFrom(first, 'mirror');
  await replicated('canary', second);
  await first.replicateFrom(second, 'mirror');
  copy = await startSlapd({ ca, empty: true });
  await copy.replicateFrom(first, 'copy');
  await replicated('canary', copy);
  toFirst = await startProxy('127.0.0.1', first.securePort);
  toSecond = await startProxy('127.0.0.1', second.securePort);
  toCopy = await startProxy('127.0.0.1', copy.securePort);
}, 120_000);
afterEach(async () => {
  await Promise.all(open.splice(0).map((directory) => directory.close()));
  for (const proxy of [toFirst, toSecond, toCopy]) proxy.heal();
  for (const server of [first, second, copy]) {
    server.resume();
    if (!server.daemon.running()) await server.restart();
  }
});
afterAll(async () => {
  for (const proxy of [toFirst, toSecond, toCopy]) await proxy?.close();
  for (const server of [first, second, copy]) await server?.stop();
  await ca?.remove();
});

const replicated = (uid: string, ...servers: Slapd[]) =>
  until(async () => {
    const seen = await Promise.all(servers.map((server) => server.read(server.personDn(uid), 'uid').catch(() => [])));
    return seen.every((values) => values.length > 0);
  }, `${uid} on all servers`);

const urlOf = (...proxies: Way[]) => proxies.map(({ port }) => `ldaps://127.0.0.1:${port}`).join(' ');

/** Another node, as it were: nothing in memory is shared. */
async function directoryOn(proxies: Way[], own: Record<string, unknown> = {}): Promise<Directory> {
  const directory = await openOn(first, { url: urlOf(...proxies), ...HASTY, ...own });
  open.push(directory);
  return directory;
}
const both = (own?: Record<string, unknown>) => directoryOn([toFirst, toSecond], own);

async function somebody(): Promise<string> {
  made += 1;
  const uid = `person${made}`;
  first.ldif(personLdif({ uid, password: OLD, mail: `${uid}@people.test` }));
  await replicated(uid, second, copy);
  return uid;
}
const works = (server: Slapd, uid: string, password: string) => server.bindAs(server.personDn(uid), password);
/** One for each password that was ever set, but the first. */
const history = (server: Slapd, uid: string) => server.read(server.personDn(uid), 'pwdHistory');
const reset = (directory: Directory, account: Account, password = NEW) =>
  directory.writePassword(account, secret(password));

describe('the first server of two', { timeout: 60_000 }, () => {
  it('serves alone while it is well, and the second hears nothing', async () => {
    const directory = await both();
    const uid = await somebody();
    toSecond.breakAt(Number.POSITIVE_INFINITY, 'hang');
    const account = await accountOf(directory, uid);
    expect(await directory.preflight(account)).toMatchObject({ is: 'ready' });
    expect(await reset(directory, account)).toEqual({ is: 'applied' });
    expect(await directory.verifyPassword(account, secret(NEW))).toEqual({ is: 'correct' });
    expect(toSecond.counted()).toBe(0);
  });

  it.each([
    ['refuses connections', () => first.daemon.stop()],
    ['swallows everything', async () => toFirst.breakAt(1, 'hang')],
    ['hangs', async () => first.pause()],
    ['was killed', () => first.kill()],
  ])('%s: the second does everything, and only the first request waits', async (_, fail) => {
    const directory = await both();
    const uid = await somebody();
    const account = await accountOf(directory, uid);
    await fail();
    expect(await directory.find(uid)).toEqual({ is: 'found', account });
    const started = performance.now();
    expect(await directory.preflight(account)).toMatchObject({ is: 'ready' });
    expect(await directory.passwordMarker(account)).toEqual(expect.any(String));
    expect(await reset(directory, account)).toEqual({ is: 'applied' });
    expect(await directory.verifyPassword(account, secret(NEW))).toEqual({ is: 'correct' });
    expect(performance.now() - started, 'nobody asks the dead one again').toBeLessThan(HASTY.connectTimeout);
    expect(await works(second, uid, NEW)).toBe(true);
  });

  it('dies before it was ever asked: the second serves from the start', async () => {
    const uid = await somebody();
    await first.daemon.stop();
    const directory = await both();
    expect((await directory.find(uid)).is).toBe('found');
  });

  it('dies in the middle of a search: the person notices nothing', async () => {
    const uid = await somebody();
    for (const how of ['lost-request', 'lost-answer', 'hang'] as const) {
      const directory = await both();
      await accountOf(directory, uid);
      toFirst.breakAt(1, how);
      expect((await directory.find(uid)).is, how).toBe('found');
      expect(toFirst.broken(), how).toBe(true);
      toFirst.heal();
    }
  });

  it('dies between find and write: the write is done by the second', async () => {
    const directory = await both();
    const uid = await somebody();
    const account = await accountOf(directory, uid);
    await first.kill();
    expect(await reset(directory, account)).toEqual({ is: 'applied' });
    expect(await works(second, uid, NEW)).toBe(true);
  });

  it('dies between marker and write: nothing is written anywhere, and the next try goes through', async () => {
    const directory = await both();
    const uid = await somebody();
    const account = await accountOf(directory, uid);
    const marker = await directory.passwordMarker(account);
    await first.kill();
    expect(await reset(directory, account)).toMatchObject({ is: 'unavailable' });
    expect(await works(second, uid, OLD)).toBe(true);
    const again = await directory.passwordMarker(account);
    expect(again).not.toBe(marker);
    expect(await reset(directory, account)).toEqual({ is: 'applied' });
    expect(await directory.passwordMarker(account, again)).not.toBe(again);
  });

  it('dies after the write was sent: unknown, never sent again, and settled by the first alone, on whichever node', async () => {
    const directory = await both();
    const node = await both();
    const uid = await somebody();
    const account = await accountOf(directory, uid);
    const before = await directory.passwordMarker(account);
    second.pause();
    // One request for each: the entry, its policy, and then the write.
    toFirst.breakAt(3, 'lost-answer');
    expect(await reset(directory, account)).toMatchObject({ is: 'unknown' });
    expect(toFirst.broken()).toBe(true);
    second.resume();
    expect(await node.passwordMarker(account, before), 'the second must not answer for the first').toBeUndefined();
    toFirst.heal();
    const after = await node.passwordMarker(account, before);
    expect(after).toEqual(expect.any(String));
    expect(after).not.toBe(before);
    expect(await node.verifyPassword(account, secret(NEW))).toEqual({ is: 'correct' });
    expect(await works(first, uid, NEW)).toBe(true);
    await until(async () => (await history(second, uid)).length > 0, 'the write on the second');
    expect(await history(first, uid)).toHaveLength(1);
    expect(await history(second, uid)).toHaveLength(1);
  });

  it('gave the marker and dies: a sign-in that goes by the marker is not done at an older copy', async () => {
    const directory = await both();
    const uid = await somebody();
    const account = await accountOf(directory, uid);
    await directory.passwordMarker(account);
    await first.kill();
    expect(await directory.verifyPassword(account, secret(NEW))).toMatchObject({ is: 'unavailable' });
    expect(await directory.verifyPassword(account, secret(NEW)), 'without a marker').toEqual({ is: 'wrong' });
  });

  it('never makes of a broken reset what it is not, wherever it breaks', async () => {
    const outcomes: string[] = [];
    for (const how of ['lost-request', 'lost-answer'] as const) {
      for (let point = 1, reached = true; reached; point += 1) {
        const uid = await somebody();
        const directory = await both();
        const account = await accountOf(directory, uid);
        toFirst.breakAt(point, how);
        const outcome = await reset(directory, account);
        reached = toFirst.broken();
        toFirst.heal();
        const where = `${how} at ${point}: ${JSON.stringify(outcome)}`;
        const written = async () => (await works(first, uid, NEW)) || (await works(second, uid, NEW));
        expect(['applied', 'unknown'], where).toContain(outcome.is);
        if (outcome.is === 'applied') expect(await written(), where).toBe(true);
        for (const server of [first, second])
          expect((await history(server, uid)).length, `${where}: done twice`).toBeLessThanOrEqual(1);
        outcomes.push(outcome.is);
        await directory.close();
      }
    }
    expect(outcomes).toContain('unknown');
    expect(outcomes.filter((is) => is === 'applied').length).toBeGreaterThan(outcomes.length / 2);
  });

  it('comes back: it is preferred again, but not for whom the second was written', async () => {
    const directory = await both();
    const [moved, other] = [await somebody(), await somebody()];
    const account = await accountOf(directory, moved);
    await first.kill();
    expect(await reset(directory, account)).toEqual({ is: 'applied' });
    await first.restart();
    await until(async () => {
      toSecond.breakAt(Number.POSITIVE_INFINITY, 'hang');
      await directory.find(other);
      return toSecond.counted() === 0;
    }, 'the first server to serve again');
    toFirst.breakAt(Number.POSITIVE_INFINITY, 'hang');
    expect((await directory.load(account.key)).is).toBe('found');
    expect(await directory.verifyPassword(account, secret(NEW))).toEqual({ is: 'correct' });
    expect(await directory.passwordMarker(account)).toMatch(new RegExp(`@127\\.0\\.0\\.1:${toSecond.port}$`));
    expect(toFirst.counted()).toBe(0);
  });
});

describe('sixteen at a time', { timeout: 120_000 }, () => {
  it('lose no acknowledged write when the first server is killed in the middle, and none is done twice', async () => {
    const directory = await both();
    const people: Account[] = [];
    for (let n = 0; n < 16; n += 1) people.push(await accountOf(directory, await somebody()));
    const acknowledged = new Map<string, { password: string; writes: number; unknown: string[] }>();
    let writes = 0;
    let killed: Promise<void> | undefined;
    await Promise.all(
      people.map(async (account) => {
        const own = { password: OLD, writes: 0, unknown: [] as string[] };
        acknowledged.set(account.username, own);
        for (let round = 1; round <= 6; round += 1) {
          const password = `Round-${round}-Passw0rd-${account.username}`;
          const outcome = await reset(directory, account, password);
          if (outcome.is === 'applied') Object.assign(own, { password, writes: own.writes + 1, unknown: [] });
          else if (outcome.is === 'unknown') own.unknown.push(password);
          // A password that was sent twice would be refused as one of before.
          else expect(outcome.is).toBe('unavailable');
          writes += 1;
          if (writes === 32) killed = first.kill();
        }
      }),
    );
    await killed;
    await first.restart();
    for (const [uid, { password, unknown }] of acknowledged) {
      await until(async () => {
        const same = await Promise.all([first, second].map((server) => server.read(server.personDn(uid), 'entryCSN')));
        return same[0]?.[0] !== undefined && same[0]?.[0] === same[1]?.[0];
      }, `${uid} to be the same on both`);
      for (const server of [first, second]) {
        const inForce = [];
        for (const candidate of [password, ...unknown])
          if (await works(server, uid, candidate)) inForce.push(candidate);
        expect(inForce, uid).toHaveLength(1);
      }
    }
    const applied = [...acknowledged.values()].reduce((sum, own) => sum + own.writes, 0);
    expect(applied).toBeGreaterThanOrEqual(16 * 6 - 16);
  });

  it('use no more connections than they may, and none is opened for each request', async () => {
    const directory = await both({ poolSize: 2 });
    const uid = await somebody();
    const account = await accountOf(directory, uid);
    let most = 0;
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        expect((await directory.load(account.key)).is).toBe('found');
        most = Math.max(most, toFirst.connections());
      }),
    );
    expect(most).toBe(2);
    expect(toFirst.connections()).toBe(2);
  });
});

describe('a read-only copy', { timeout: 60_000 }, () => {
  it.each([
    ['without a referral', undefined],
    ['with a referral', () => first.ldapsUrl],
  ])('%s, even as the first in the list, is given no write', async (_, referral) => {
    if (referral) await copy.replicateFrom(first, 'copy', referral());
    const directory = await directoryOn([toCopy, toFirst]);
    const uid = await somebody();
    const account = await accountOf(directory, uid);
    expect(await directory.passwordMarker(account)).toMatch(new RegExp(`:${toFirst.port}$`));
    expect(await reset(directory, account)).toEqual({ is: 'applied' });
    expect(await directory.unlock(account)).toEqual({ is: 'applied' });
    expect(await directory.writePassword(account, secret('Third-Passw0rd'), { old: secret(NEW) })).toEqual({
      is: 'applied',
    });
    expect(await directory.verifyPassword(account, secret('Third-Passw0rd'))).toEqual({ is: 'correct' });
  });

  it('serves reads while no provider answers, and a write is unavailable, not unknown', async () => {
    const directory = await directoryOn([toFirst, toCopy]);
    const uid = await somebody();
    const account = await accountOf(directory, uid);
    await first.kill();
    expect((await directory.find(uid)).is).toBe('found');
    expect(await directory.preflight(account)).toMatchObject({ is: 'ready' });
    expect(await directory.verifyPassword(account, secret(OLD))).toEqual({ is: 'correct' });
    expect(await directory.passwordMarker(account)).toBeUndefined();
    expect(await reset(directory, account)).toMatchObject({ is: 'unavailable', cause: expect.stringMatching(/copy/) });
  });
});

describe('check', { timeout: 60_000 }, () => {
  const canary = { canary: 'canary' };
  const bad = async (directory: Directory) => (await directory.check()).filter(({ is }) => is !== 'ok');

  it('tells of each server by itself, and which one is in use', async () => {
    const directory = await directoryOn([toCopy, toFirst, toSecond], canary);
    const findings = await directory.check();
    expect(findings.filter(({ is }) => is !== 'ok')).toEqual([]);
    const role = (proxy: Way) => findings.find(({ what }) => what === `127.0.0.1:${proxy.port}: role`)?.cause;
    expect(role(toCopy)).toMatch(/^a read-only copy/);
    expect([role(toFirst), role(toSecond)]).toEqual(['takes writes', 'takes writes']);
    expect(findings).toContainEqual({ is: 'ok', what: 'server in use', cause: `127.0.0.1:${toFirst.port}` });
  });

  it('makes a warning of a dead server while another one works, and a failure when none does', async () => {
    const directory = await both(canary);
    await second.kill();
    expect(await bad(directory)).toEqual([
      expect.objectContaining({ is: 'warning', what: `127.0.0.1:${toSecond.port}: TLS connection`, key: 'url' }),
    ]);
    await first.kill();
    const all = await bad(directory);
    expect(all).toHaveLength(2);
    expect(all.every(({ is }) => is === 'failed')).toBe(true);
  });

  it('fails when only copies answer', async () => {
    const directory = await directoryOn([toFirst, toCopy], canary);
    await first.kill();
    expect(await bad(directory)).toContainEqual(
      expect.objectContaining({ is: 'failed', what: 'server in use', cause: expect.stringMatching(/read-only/) }),
    );
  });

  it('tries the password of a service account that is refused once on each server, and not with every request', async () => {
    const directory = await both({ bindPassword: 'Wr0ng-Service-Secret' });
    expect((await directory.find('canary')).is).toBe('unavailable');
    for (const proxy of [toFirst, toSecond]) proxy.breakAt(Number.POSITIVE_INFINITY, 'hang');
    expect(await directory.find('canary')).toMatchObject({
      is: 'unavailable',
      cause: expect.stringMatching(/invalidCredentials/),
    });
    expect(toFirst.counted() + toSecond.counted()).toBe(0);
  });
});
