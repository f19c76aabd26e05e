/**
 * Domain controllers found by DNS, for real: a Samba domain, a DNS server with SRV records, and two ways to the controller
 * under two names, each of which can be cut.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { accountOf } from '../contract/directory.ts';
import { startDns, type TestDns } from '../kit/servers/dns.ts';
import { until } from '../kit/servers/process.ts';
import { startProxy } from '../kit/servers/proxy.ts';
import { type Samba, startSamba } from '../kit/servers/samba.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { openOn, prepare } from './samba-fixture.ts';

const SITE = '_ldap._tcp.hq._sites.dc._msdcs.corp.test';
const DOMAIN = '_ldap._tcp.dc._msdcs.corp.test';
const HASTY = { connectTimeout: 1_500, operationTimeout: 1_500 };
const OLD = 'First-Passw0rd';
const NEW = 'Second-Passw0rd';
type Way = Awaited<ReturnType<typeof startProxy>>;
const secret = (text: string) => new Secret(text);

let ca: TestCa;
let samba: Samba;
let dns: TestDns;
let near: Way;
let far: Way;
let ahead = 0;
let made = 0;
const open: Directory[] = [];

beforeAll(async () => {
  ca = await createTestCa();
  samba = await startSamba({ ca, certificate: ca.issue(['DNS:dc1.corp.test', 'DNS:dc2.corp.test']) });
  await prepare(samba);
  near = await startProxy(samba.address, 389);
  far = await startProxy(samba.address, 389);
  dns = await startDns();
}, 120_000);
afterEach(async () => {
  await Promise.all(open.splice(0).map((directory) => directory.close()));
  near.heal();
  far.heal();
  dns.mood = 'answers';
  dns.srv.clear();
});
afterAll(async () => {
  await near?.close();
  await far?.close();
  await dns?.close();
  await samba?.stop();
  await ca?.remove();
});

/** dc1 in the site, dc2 elsewhere in the domain: two names, two ways, one controller behind both. */
function announce(): void {
  for (const name of ['dc1', 'dc2', 'dc3']) dns.a.set(`${name}.corp.test`, ['127.0.0.1']);
  const first = { target: 'dc1.corp.test', port: near.port };
  dns.srv.set(SITE, [first]);
  dns.srv.set(DOMAIN, [{ target: 'dc2.corp.test', port: far.port }, first]);
}

async function byDns(own: Record<string, unknown> = {}): Promise<Directory> {
  const config = { ...samba.config('starttls'), url: undefined, domain: 'corp.test', site: 'hq', ...HASTY, ...own };
  const directory = await openOn(samba, config, { now: () => Date.now() + ahead }, { resolver: dns.resolver });
  open.push(directory);
  return directory;
}
async function somebody(): Promise<string> {
  made += 1;
  const username = `person${made}`;
  await samba.addPerson({ username, password: OLD });
  return username;
}
const works = (username: string, password: string) => samba.bindAs(`${username}@corp.test`, password);

describe('Active Directory by DNS', { timeout: 60_000 }, () => {
  it('goes to the site, and to the rest of the domain when the site is cut off', async () => {
    announce();
    const directory = await byDns();
    const username = await somebody();
    const account = await accountOf(directory, username);
    // The controller has a name of its own; the marker knows both.
    expect(await directory.passwordMarker(account)).toMatch(/@dc1\.corp\.test:\d+$/);
    expect(far.connections()).toBe(0);
    near.breakAt(1, 'hang');
    expect((await directory.find(username)).is).toBe('found');
    expect(await directory.passwordMarker(account)).toMatch(/@dc2\.corp\.test:\d+#dc1\.corp\.test$/);
    expect(await directory.writePassword(account, secret(NEW))).toEqual({ is: 'applied' });
    expect(await works(username, NEW)).toBe(true);
  });

  it('connects by LDAPS to port 636 of the address, and compares the certificate with the name', async () => {
    dns.a.set('dc1.corp.test', [samba.address]);
    dns.srv.set(DOMAIN, [{ target: 'dc1.corp.test', port: 389 }]);
    const directory = await byDns({ startTls: false, site: undefined, canary: 'canary' });
    expect((await directory.find('canary')).is).toBe('found');
    const bad = (await directory.check()).filter(({ is }) => is !== 'ok');
    expect(bad).toEqual([]);
  });

  it('believes no name that the certificate does not list, and none outside of the domain', async () => {
    announce();
    dns.srv.set(SITE, [
      { target: 'dc3.corp.test', port: near.port, priority: 0 },
      { target: 'dc1.corp.test.evil.test', port: near.port, priority: 1 },
    ]);
    dns.srv.set(DOMAIN, [{ target: 'dc2.corp.test', port: far.port }]);
    const directory = await byDns({ canary: 'canary' });
    const account = await accountOf(directory, 'canary');
    expect(await directory.passwordMarker(account)).toMatch(/@dc2\.corp\.test/);
    const bad = (await directory.check()).filter(({ is }) => is !== 'ok');
    expect(bad).toContainEqual(
      expect.objectContaining({
        is: 'warning',
        key: 'domain',
        cause: expect.stringMatching(/evil\.test lies outside/),
      }),
    );
    expect(bad).toContainEqual(
      expect.objectContaining({ is: 'warning', cause: expect.stringMatching(/another name: .*not dc3\.corp\.test/) }),
    );
    expect(bad.filter(({ is }) => is === 'failed')).toEqual([]);
  });

  it('works on with the last answer while DNS is dead, and follows a new one', async () => {
    announce();
    dns.ttl = 5;
    const directory = await byDns({ site: undefined });
    const username = await somebody();
    dns.srv.set(DOMAIN, [{ target: 'dc1.corp.test', port: near.port }]);
    expect((await directory.find(username)).is).toBe('found');
    dns.mood = 'fails';
    ahead += 86_400_000;
    expect((await directory.find(username)).is).toBe('found');
    dns.mood = 'answers';
    dns.srv.set(DOMAIN, [{ target: 'dc2.corp.test', port: far.port }]);
    ahead += 60_000;
    await until(async () => {
      expect((await directory.find(username)).is).toBe('found');
      return far.connections() > 0;
    }, 'the new answer');
    await until(() => near.connections() === 0, 'the connections to the old one to end');
  });

  it('is unavailable, and says why, while DNS has never named a controller', async () => {
    const directory = await byDns();
    const cause = expect.stringMatching(/DNS names no domain controller/);
    expect(await directory.find('canary')).toEqual({ is: 'unavailable', cause });
    const failed = await directory.check();
    expect(failed).toMatchObject([{ is: 'failed', key: 'domain' }]);
  });

  it('wants url or domain, and not both', async () => {
    await expect(byDns({ domain: undefined })).rejects.toThrow(/Neither url nor domain/);
    await expect(byDns({ url: samba.ldapUrl })).rejects.toThrow(/Both url and domain/);
  });

  it('calls a reset unknown when the way breaks after it was sent, and another node settles it on the same controller', async () => {
    announce();
    const [directory, node] = [await byDns(), await byDns()];
    const outcomes = new Set<string>();
    for (let point = 1, reached = true; reached; point += 1) {
      const username = await somebody();
      const account = await accountOf(directory, username);
      const before = await directory.passwordMarker(account);
      near.breakAt(point, 'lost-answer');
      const outcome = await directory.writePassword(account, secret(NEW));
      reached = near.broken();
      const applied = await works(username, NEW);
      const where = `${point}: ${JSON.stringify(outcome)}`;
      expect(['applied', 'unavailable', 'unknown'], where).toContain(outcome.is);
      if (outcome.is !== 'unknown') expect(applied, where).toBe(outcome.is === 'applied');
      else {
        expect(await node.passwordMarker(account, before), where).toBeUndefined();
        near.heal();
        await until(
          async () => (await node.passwordMarker(account, before)) !== undefined,
          'the controller of the marker',
        );
        expect((await node.passwordMarker(account, before)) !== before, where).toBe(applied);
      }
      near.heal();
      outcomes.add(outcome.is);
      ahead += 60_000;
      await until(async () => {
        near.breakAt(Number.POSITIVE_INFINITY, 'hang');
        await directory.find(username);
        return near.counted() > 0 && near.connections() > 0;
      }, 'the site to be used again');
    }
    expect(outcomes).toEqual(new Set(['unavailable', 'unknown', 'applied']));
  });
});
