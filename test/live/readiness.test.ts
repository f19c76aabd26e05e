/** Readiness on a real slapd with some hundred people: the paged walk, what it notices the next time, and nested groups. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Directory } from '../../src/directory/directory.ts';
import { accountId } from '../../src/kernel/account.ts';
import { personLdif, type Slapd, SUFFIX, startSlapd } from '../kit/servers/slapd.ts';
import { groupLdif, openOn, PROTECTED, stateLdif } from './openldap-fixture.ts';

let slapd: Slapd;
let directory: Directory;
const folder = mkdtempSync(join(tmpdir(), 'sparekey-readiness-'));
const PEOPLE = 620;

/** As a fast machine loads them: the server's UUIDs begin with the time in 100 ns, so all but the last digits are the same. */
const loadedInOneGo = (n: number): string =>
  personLdif({ uid: `p${n}`, password: 'Quiet-Herons-7' }).replace(
    /\n\n$/,
    `\nentryUUID: 5eed0${n.toString(16).padStart(3, '0')}-5c0b-1041-8d3f-6b1f0a2c4e55\n\n`,
  );

beforeAll(async () => {
  slapd = await startSlapd({});
  slapd.ldif(Array.from({ length: PEOPLE }, (_, n) => loadedInOneGo(n)).join(''));
  slapd.ldif(groupLdif(PROTECTED, slapd.personDn('p1')));
  const inner = `cn=inner,ou=groups,${SUFFIX}`;
  slapd.ldif(groupLdif(inner, slapd.personDn('p2')) + groupLdif(`cn=outer,ou=groups,${SUFFIX}`, inner));
  directory = await openOn(slapd, { protectedGroups: [PROTECTED] });
}, 60_000);
afterAll(async () => {
  await directory?.close();
  await slapd?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const walk = () => {
  if (!directory.walk) throw new Error('This directory can not be walked through.');
  return directory.walk;
};

async function everybody(): Promise<{ pages: number[]; stamps: Map<string, string> }> {
  const pages: number[] = [];
  const stamps = new Map<string, string>();
  await walk().list(async (entries) => {
    pages.push(entries.length);
    for (const { key, stamp } of entries) stamps.set(key, stamp);
  });
  return { pages, stamps };
}

const keyOf = async (username: string): Promise<string> => {
  const found = await directory.find(username);
  if (found.is !== 'found') throw new Error(`${username} is missing.`);
  return found.account.key;
};

test('everybody is met, in pages below the limit of the server, each with a stamp', async () => {
  const { pages, stamps } = await everybody();
  expect(stamps.size).toBe(PEOPLE);
  expect(pages.length).toBeGreaterThan(1);
  expect(Math.max(...pages)).toBeLessThanOrEqual(500);
  expect([...stamps.values()].every((stamp) => /^\d{14}Z$/.test(stamp))).toBe(true);
});

test('single people are read as a sign-in finds them, nested groups included, with what stands against them', async () => {
  const nested = await walk().read(await keyOf('p2'));
  expect(nested).toMatchObject({ is: 'found', account: { id: accountId('corp', await keyOf('p2')), username: 'p2' } });
  if (nested.is !== 'found') throw new Error('unreachable');
  expect(nested.account.groups.map((dn) => dn.split(',')[0]).toSorted()).toEqual(['cn=inner', 'cn=outer']);
  expect(nested.blocked).toBeUndefined();
  expect(await walk().read(await keyOf('p1'))).toMatchObject({ blocked: { why: 'protected' } });
  slapd.ldif(stateLdif(slapd.personDn('p3'), 'account-expired'));
  expect(await walk().read(await keyOf('p3'))).toMatchObject({ blocked: { why: 'account-expired' } });
  expect(await walk().read('00000000-0000-0000-0000-000000000000')).toEqual({ is: 'none' });
});

test('a directory that is away is told as such, and breaks the walk off', async () => {
  const key = await keyOf('p4');
  await slapd.daemon.stop();
  expect((await walk().read(key)).is).toBe('unavailable');
  await expect(everybody()).rejects.toThrow();
  await slapd.restart();
  await expect.poll(async () => (await directory.find('p4')).is, { timeout: 20_000 }).toBe('found');
  expect((await everybody()).stamps.size).toBe(PEOPLE);
}, 60_000);
