/** Domain controllers found by DNS, against a real DNS server on this machine. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDiscovery } from '../../../src/directory/ldap/discovery.ts';
import { turnOrder } from '../../../src/directory/ldap/turn-order.ts';
import { type SrvAnswer, startDns, type TestDns } from '../../kit/servers/dns.ts';
import { until } from '../../kit/servers/process.ts';

const DOMAIN = '_ldap._tcp.dc._msdcs.corp.test';
const SITE = '_ldap._tcp.hq._sites.dc._msdcs.corp.test';

let dns: TestDns;
let now = 0;
beforeEach(async () => {
  dns = await startDns();
  now = 1_000_000;
});
afterEach(() => dns.close());

const dc = (name: string, more: Partial<SrvAnswer> = {}): SrvAnswer => {
  dns.a.set(`${name}.corp.test`, ['127.0.0.9']);
  return { target: `${name}.corp.test`, port: 389, ...more };
};
const discovery = (own: { site?: string; startTls?: boolean } = {}) =>
  createDiscovery({
    domain: 'Corp.Test.',
    site: own.site,
    seed: 'corp',
    shared: { startTls: own.startTls ?? false, ca: undefined, connectTimeout: 1 },
    resolver: dns.resolver,
    clock: { now: () => now },
  });
const hosts = async (source: ReturnType<typeof discovery>) => (await source.endpoints()).map(({ host }) => host);

describe('domain controllers by DNS', () => {
  it('are tried by priority, with their addresses, and by LDAPS whatever port DNS names', async () => {
    dns.srv.set(DOMAIN, [dc('late', { priority: 9 }), dc('early', { priority: 1, port: 1389 })]);
    const found = await discovery().endpoints();
    expect(found).toMatchObject([
      { host: 'early.corp.test', port: 636, addresses: ['127.0.0.9'] },
      { host: 'late.corp.test', port: 636 },
    ]);
  });

  it('are asked for StartTLS on the port that DNS names', async () => {
    dns.srv.set(DOMAIN, [dc('dc1', { port: 1389 })]);
    expect(await discovery({ startTls: true }).endpoints()).toMatchObject([{ port: 1389, startTls: true }]);
  });

  it('of the site come first, whatever their priority, and the others stand in for them', async () => {
    dns.srv.set(SITE, [dc('near', { priority: 9 })]);
    dns.srv.set(DOMAIN, [dc('far', { priority: 1 }), dc('near', { priority: 9 })]);
    expect(await hosts(discovery({ site: 'hq' }))).toEqual(['near.corp.test', 'far.corp.test']);
    expect(await hosts(discovery({ site: 'unknown' }))).toEqual(['far.corp.test', 'near.corp.test']);
  });

  it('outside of the domain are left out, and the check names them', async () => {
    const foreign = ['dc.evil.test', 'corp.test', 'corp.test.evil.test', 'xcorp.test'];
    for (const target of foreign) dns.a.set(target, ['127.0.0.6']);
    dns.srv.set(DOMAIN, [dc('dc1'), ...foreign.map((target) => ({ target, port: 389, priority: 0 }))]);
    const source = discovery();
    expect(await hosts(source)).toEqual(['dc1.corp.test']);
    const [finding] = await source.check();
    expect(finding).toMatchObject({ is: 'warning', key: 'domain' });
    for (const name of foreign) expect(finding?.cause).toContain(`${name} lies outside of corp.test`);
  });

  it('that all lie outside, or have no address, are none', async () => {
    dns.a.set('dc.evil.test', ['127.0.0.6']);
    dns.srv.set(DOMAIN, [{ target: 'dc.evil.test', port: 389 }]);
    await expect(discovery().endpoints()).rejects.toThrow(/outside of the domain: dc\.evil\.test/);
    dns.srv.set(DOMAIN, [{ target: 'nowhere.corp.test', port: 389 }]);
    await expect(discovery().endpoints()).rejects.toThrow(/No address for nowhere\.corp\.test/);
    dns.srv.delete(DOMAIN);
    await expect(discovery().endpoints()).rejects.toThrow(/No SRV record for _ldap/);
  });

  it('are asked for again when their time to live is over, and nobody waits for that', async () => {
    dns.ttl = 30;
    dns.srv.set(DOMAIN, [dc('old')]);
    const source = discovery();
    const first = await source.endpoints();
    dns.srv.set(DOMAIN, [dc('new')]);
    now += 29_000;
    const asked = dns.asked.length;
    expect(await source.endpoints()).toBe(first);
    expect(dns.asked).toHaveLength(asked);
    now += 2_000;
    expect(await source.endpoints(), 'the old answer, at once').toBe(first);
    await until(async () => (await hosts(source))[0] === 'new.corp.test', 'the new answer');
  });

  it('are the same array as long as DNS says the same', async () => {
    dns.srv.set(DOMAIN, [dc('dc1')]);
    const source = discovery();
    const first = await source.endpoints();
    now += 3_600_000;
    const asked = dns.asked.length;
    await source.endpoints();
    await until(() => dns.asked.length > asked + 1, 'the second question');
    await source.check();
    expect(await source.endpoints()).toBe(first);
  });

  it.each(['fails', 'silent'] as const)('stay the last known ones while DNS %s, and the check warns', async (mood) => {
    dns.srv.set(DOMAIN, [dc('dc1')]);
    const source = discovery();
    const first = await source.endpoints();
    dns.mood = mood;
    now += 86_400_000;
    expect(await source.endpoints()).toBe(first);
    expect(await source.check()).toMatchObject([{ is: 'warning', cause: expect.stringMatching(/last good answer/) }]);
    expect(await source.endpoints()).toBe(first);
    dns.mood = 'answers';
    dns.srv.set(DOMAIN, [dc('dc2')]);
    now += 10_000;
    await until(async () => (await hosts(source))[0] === 'dc2.corp.test', 'DNS to be heard again');
  });

  it('stay the last known ones when DNS suddenly names none', async () => {
    dns.srv.set(DOMAIN, [dc('dc1')]);
    const source = discovery();
    const first = await source.endpoints();
    dns.srv.set(DOMAIN, []);
    now += 86_400_000;
    await source.check();
    expect(await source.endpoints()).toBe(first);
  });

  it('are none while DNS has never answered, and are found once it does', async () => {
    dns.mood = 'fails';
    dns.srv.set(DOMAIN, [dc('dc1')]);
    const source = discovery();
    await expect(source.endpoints()).rejects.toMatchObject({ name: 'ConnectError', key: 'domain' });
    const asked = dns.asked.length;
    await expect(source.endpoints(), 'not asked with every request').rejects.toThrow();
    expect(dns.asked).toHaveLength(asked);
    dns.mood = 'answers';
    now += 5_000;
    expect(await hosts(source)).toEqual(['dc1.corp.test']);
  });
});

describe('the turn of servers with one priority', () => {
  const server = (name: string, weight: number, priority = 0) => ({ name, port: 389, priority, weight });

  it('is the same on every node, in whatever order DNS tells them', () => {
    const all = ['a', 'b', 'c', 'd'].map((name) => server(name, 10));
    const order = turnOrder(all, 'seed').map(({ name }) => name);
    expect(turnOrder(all.toReversed(), 'seed').map(({ name }) => name)).toEqual(order);
  });

  it('follows the weights over many installations', () => {
    const firsts = { heavy: 0, light: 0, none: 0 };
    for (let seed = 0; seed < 4_000; seed += 1) {
      const [first] = turnOrder([server('light', 10), server('none', 0), server('heavy', 30)], `installation ${seed}`);
      firsts[first?.name as keyof typeof firsts] += 1;
    }
    expect(firsts.heavy / 4_000).toBeCloseTo(0.75, 1);
    expect(firsts.none).toBe(0);
  });

  it('never beats the priority', () => {
    expect(turnOrder([server('a', 65_535, 1), server('b', 0, 0)], 'x').map(({ name }) => name)).toEqual(['b', 'a']);
  });
});
