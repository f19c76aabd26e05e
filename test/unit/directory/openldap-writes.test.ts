/** The race for pwdHistory (result code 16) that two resets of one person run on slapd: tried once more, and only once. */
import { NoSuchAttributeError } from 'ldapts';
import { describe, expect, it } from 'vitest';
import type { LdapConnection } from '../../../src/directory/ldap/connection.ts';
import type { Lookup } from '../../../src/directory/ldap/lookup.ts';
import type { Sessions } from '../../../src/directory/ldap/sessions.ts';
import type { OpenldapPreflight } from '../../../src/directory/openldap/preflight.ts';
import { createWrites } from '../../../src/directory/openldap/writes.ts';
import type { Account } from '../../../src/kernel/account.ts';
import { Secret } from '../../../src/kernel/secret.ts';

/** A server that loses the race so many times. */
function losing(times: number) {
  let asked = 0;
  const connection = {
    extended: async () => {
      asked += 1;
      if (asked <= times) throw new NoSuchAttributeError('modify/delete: pwdHistory: no such value');
    },
    search: async () => [{ dn: 'uid=a' }],
  } as unknown as LdapConnection;
  const sessions = { asService: (work: (c: LdapConnection) => unknown) => work(connection) } as unknown as Sessions;
  const lookup = { locate: async () => ({ dn: 'uid=a' }) } as unknown as Lookup;
  const preflight = {
    barrier: async () => undefined,
    readPolicy: async () => undefined,
  } as unknown as OpenldapPreflight;
  const writes = createWrites({ sessions, lookup, preflight });
  return { reset: () => writes.password({} as Account, new Secret('x'), undefined), asked: () => asked };
}

describe('the race for pwdHistory', () => {
  it('is run once more after it was lost', async () => {
    const server = losing(1);
    expect(await server.reset()).toEqual({ is: 'applied' });
    expect(server.asked()).toBe(2);
  });

  it('is given up when it was lost twice, with nothing changed', async () => {
    const server = losing(2);
    expect(await server.reset()).toMatchObject({
      is: 'failed',
      cause: expect.stringContaining('noSuchAttribute (16)'),
    });
    expect(server.asked()).toBe(2);
  });
});
