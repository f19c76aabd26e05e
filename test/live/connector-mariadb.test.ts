/** MariaDB for real: the contract of connectors with every statement logged, for both kinds of hash, and what only MariaDB does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '../../src/connectors/connector.ts';
import { ed25519Hash, nativeHash } from '../../src/connectors/mariadb/hashes.ts';
import { type MariadbConfig, mariadb } from '../../src/connectors/mariadb.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { connectorContract } from '../contract/connector.ts';
import { type MariadbServer, startMariadb } from '../kit/servers/mariadb.ts';

const clock = { now: () => Date.now() };
const person = (link: string): Person => ({ link, username: link, displayName: link, mail: undefined });
const attempt = { idempotencyKey: 'k', number: 1 };
const to = (password: string) => ({ is: 'password', password: new Secret(password), mustChange: false }) as const;
const SERVICE_PASSWORD = 'Service-Passw0rd-1!';

const configOf = (server: MariadbServer, own: Partial<MariadbConfig> = {}): MariadbConfig => ({
  host: '127.0.0.1',
  port: server.port,
  username: 'sparekey',
  password: SERVICE_PASSWORD,
  caFile: server.caFile,
  sendPlain: false,
  protected: ['listed'],
  timeout: 5_000,
  ...own,
});

/** As docs/how-to/mariadb.md has them. */
const RIGHTS = `
grant create user on *.* to sparekey@'127.0.0.1';
grant select (User, Host, plugin, is_role, Super_priv, Grant_priv, Create_user_priv, Insert_priv, Update_priv, Delete_priv,
  File_priv) on mysql.user to sparekey@'127.0.0.1';
grant select on mysql.roles_mapping to sparekey@'127.0.0.1';`;

async function started(options: string[] = []) {
  const server = await startMariadb(['--max-password-errors=3', ...options]);
  server.sql(`
create user sparekey@'127.0.0.1' identified via mysql_native_password using '${nativeHash(SERVICE_PASSWORD)}';${RIGHTS}
create user \`anna o'hara\`@'127.0.0.1' identified by 'First-Passw0rd-1!';
create user edda@'127.0.0.1' identified via ed25519 using password('First-Passw0rd-1!');
create user twin@'127.0.0.1' identified by 'First-Passw0rd-1!';
create user twin@'10.%' identified by 'First-Passw0rd-1!';
create user boss@'127.0.0.1' identified by 'First-Passw0rd-1!';
grant all on *.* to boss@'127.0.0.1';
create user deputy@'127.0.0.1' identified by 'First-Passw0rd-1!';
create role inner_admin; grant super on *.* to inner_admin; create role outer_role; grant inner_admin to outer_role;
grant outer_role to deputy@'127.0.0.1';
create user listed@'127.0.0.1' identified by 'First-Passw0rd-1!';
create user local@localhost identified via unix_socket;`);
  return server;
}

for (const link of ["anna o'hara", 'edda@127.0.0.1'])
  connectorContract(`MariaDB (${link})`, async () => {
    const server = await started();
    const user = link.replace('@127.0.0.1', '');
    const works = async (password: string) => server.signIn(user, password, 'select 1') === '';
    return {
      connector: await mariadb.open(configOf(server), { id: 'db', clock }),
      person: person(link),
      unknown: person('nobody'),
      guarded: person('boss'),
      shared: person('twin'),
      works: async (who, password) =>
        who.link === link ? works(password) : server.signIn(who.link.replace(/@.*/, ''), password) === '',
      lock: {
        set: async () => {
          for (const wrong of ['a', 'b', 'c']) server.signIn(user, wrong);
        },
        isSet: async () => /is blocked/.test(server.signIn(user, 'whatever')),
      },
      mustChange: {
        isSet: async () => {
          const { password_expired: expired } = JSON.parse(
            server.sql(
              `select json_object('password_expired', password_expired) from mysql.user where User = '${user.replaceAll("'", "''")}'`,
            ),
          ) as { password_expired: string };
          return expired === 'Y';
        },
      },
      faults: { disappear: () => server.kill(), heal: () => server.restart() },
      withWrongCredentials: async () => mariadb.open(configOf(server, { password: 'wrong' }), { id: 'db', clock }),
      log: async () => server.log(),
      close: () => server.stop(),
    };
  });

describe('MariaDB', { timeout: 60_000 }, () => {
  let server: MariadbServer;
  beforeAll(async () => {
    server = await started(['--plugin-load-add=simple_password_check', '--strict-password-validation=0']);
  }, 60_000);
  afterAll(() => server?.stop());
  const open = (own: Partial<MariadbConfig> = {}) => mariadb.open(configOf(server, own), { id: 'db', clock });

  it('makes the hashes that the server makes', () => {
    for (const password of ['secret', 'Straße 🔑', `it's "odd" \\ here`]) {
      const quoted = `'${password.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
      server.sql(`set names utf8mb4; set global simple_password_check_minimal_length=0, global simple_password_check_digits=0,
        global simple_password_check_letters_same_case=0, global simple_password_check_other_characters=0;
        create or replace user h1 identified by ${quoted}; create or replace user h2 identified via ed25519 using password(${quoted});`);
      const hashOf = (user: string) =>
        server
          .sql(`select json_value(Priv, '$.authentication_string') from mysql.global_priv where User = '${user}'`)
          .trim();
      expect(nativeHash(password)).toBe(hashOf('h1'));
      expect(ed25519Hash(password)).toBe(hashOf('h2'));
    }
    server.sql(`drop user h1, h2; set global simple_password_check_minimal_length=8, global simple_password_check_digits=1,
      global simple_password_check_letters_same_case=1, global simple_password_check_other_characters=1;`);
    expect(ed25519Hash('secret')).toBe('ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY');
  });

  it.each(['root', 'boss', 'deputy', 'listed', 'local', 'sparekey', 'mariadb.sys'])('never writes %s', async (user) => {
    const connector = await open();
    const found = await connector.find(person(user));
    expect(['protected', 'several']).toContain(found.is);
    expect(await connector.deliver(person(user), to('Never-Written-1!'), attempt)).toMatchObject({ is: 'rejected' });
    expect(await connector.deliver(person(user), { is: 'must-change' }, attempt)).toMatchObject({ is: 'rejected' });
  });

  it('writes one of two accounts of a name when the link has its host', async () => {
    const connector = await open();
    expect(await connector.find(person('twin@127.0.0.1'))).toEqual({ is: 'found', name: 'twin@127.0.0.1' });
    expect(await connector.deliver(person('twin@127.0.0.1'), to('Twin-Harbour-1!'), attempt)).toEqual({
      is: 'delivered',
    });
    expect(server.signIn('twin', 'Twin-Harbour-1!')).toBe('');
    for (const near of ['TWIN@127.0.0.1', 'twin ', 'twin@', '@127.0.0.1', 'outer_role', 'PUBLIC', ''])
      expect((await connector.find(person(near))).is).toBe('none');
  });

  it('never opens a lock that an administrator set', async () => {
    const connector = await open();
    server.sql(`alter user edda@'127.0.0.1' account lock`);
    expect(await connector.deliver(person('edda'), to('Edda-Harbour-1!'), attempt)).toEqual({ is: 'delivered' });
    expect(await connector.deliver(person('edda'), { is: 'unlock' }, attempt)).toEqual({ is: 'delivered' });
    expect(server.signIn('edda', 'Edda-Harbour-1!')).toMatch(/account is locked/);
    server.sql(`alter user edda@'127.0.0.1' account unlock`);
    expect(server.signIn('edda', 'Edda-Harbour-1!')).toBe('');
  });

  it('says what to set where the server takes no hashes, and then brings the rules of the server back', async () => {
    server.sql('set global strict_password_validation = 1');
    const hashes = await open();
    expect(await hashes.deliver(person('edda'), to('Edda-Harbour-2!'), attempt)).toMatchObject({
      is: 'retry',
      whole: true,
      cause: expect.stringMatching(/^sendPlain/),
    });
    const plain = await open({ sendPlain: true });
    const refused = await plain.deliver(person("anna o'hara"), to('short'), attempt);
    expect(refused).toMatchObject({
      is: 'rejected',
      cause: expect.stringContaining('Too short'),
      hint: expect.any(String),
    });
    for (const link of ['edda', "anna o'hara"]) {
      expect(await plain.deliver(person(link), to('Plain-Harbour-3!'), attempt)).toEqual({ is: 'delivered' });
      expect(server.signIn(link, 'Plain-Harbour-3!')).toBe('');
    }
    // The reason why it is not the default.
    expect(server.log()).toContain('Plain-Harbour-3!');
    server.sql('set global strict_password_validation = 0');
  });

  it('gives up in time when the server hangs, and names a right that is missing', async () => {
    const connector = await open({ timeout: 1_000 });
    server.pause();
    try {
      const begun = Date.now();
      expect(await connector.find(person('edda'))).toMatchObject({ is: 'retry', whole: true });
      expect(Date.now() - begun).toBeLessThan(3_000);
    } finally {
      server.resume();
    }
    server.sql(`revoke create user on *.* from sparekey@'127.0.0.1'`);
    const unable = await open();
    expect(await unable.check()).toContainEqual(expect.objectContaining({ is: 'failed', key: 'username' }));
    expect(await unable.deliver(person('edda'), to('Edda-Harbour-4!'), attempt)).toMatchObject({
      is: 'retry',
      whole: true,
    });
  });
});
