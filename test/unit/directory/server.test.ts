/** What is known of one server: how long it stands aside, and who finds out whether it is back. Nobody listens at its port. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectError } from '../../../src/directory/ldap/failure.ts';
import { createServer, type Server } from '../../../src/directory/ldap/server.ts';
import { Secret } from '../../../src/kernel/secret.ts';
import { freePort } from '../../kit/servers/process.ts';

let now = 0;
let server: Server;
beforeEach(async () => {
  now = 1_000_000;
  server = createServer(
    { host: '127.0.0.1', port: await freePort(), startTls: false, ca: undefined, connectTimeout: 1_000 },
    { bindDn: 'cn=x', bindPassword: new Secret('x'), operationTimeout: 1_000, poolSize: 2, clock: { now: () => now } },
  );
});

/** ms until somebody may look again. */
function pause(): number {
  const from = now;
  while (!server.due()) now += 250;
  return now - from;
}

describe('a server that fails', () => {
  it('is taken for a good one until it was asked', () => {
    expect([server.standing(), server.due()]).toEqual(['writes', false]);
  });

  it('stands aside longer after each failure, and never for ever', async () => {
    await expect(server.take('service')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const pauses: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      expect(server.standing()).toBe('aside');
      pauses.push(pause());
      await expect(server.probe()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('counts requests that failed together as one failure', async () => {
    await Promise.allSettled(Array.from({ length: 16 }, () => server.take('service')));
    expect(pause()).toBe(1_000);
  });

  it('is looked at once for all who ask at the same time', async () => {
    server.setAside(new Error('down'));
    now += 1_000;
    const looks = [server.probe(), server.probe()];
    expect(server.due(), 'while somebody looks').toBe(false);
    const [one, two] = await Promise.allSettled(looks);
    expect(one).toEqual(two);
  });

  it('that refused the service account is left alone for a minute, also by those who have no other', async () => {
    const refused = new ConnectError('LDAP_49', 'invalidCredentials (49)', 'x', 'bindPassword');
    server.setAside(refused);
    await expect(server.probe()).rejects.toBe(refused);
    expect(pause()).toBe(60_000);
    await expect(server.probe()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('that turns out to be a read-only copy is asked again after a minute, in case it was promoted', () => {
    server.demote();
    expect(server.standing()).toBe('reads');
    expect(pause()).toBe(60_000);
  });
});
