/** What all LDAP directories share, without a server: names, times, failures, and the first bytes of a StartTLS connection. */
import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { checkDebugging } from '../../../src/directory/ldap/check.ts';
import { createConnection } from '../../../src/directory/ldap/connection.ts';
import { type EndpointConfig, endpointsOf } from '../../../src/directory/ldap/endpoints.ts';
import { texts, time } from '../../../src/directory/ldap/entry.ts';
import { ConnectError, failureOf } from '../../../src/directory/ldap/failure.ts';
import { identifierOf, sameName } from '../../../src/directory/ldap/names.ts';
import { openTransport } from '../../../src/directory/ldap/transport.ts';
import { sameDn } from '../../../src/kernel/dn.ts';
import { Secret } from '../../../src/kernel/secret.ts';

describe('names', () => {
  it('compares DNs by meaning, not by spelling', () => {
    expect(sameDn('CN=A B,OU=x,DC=t', 'cn=a  b, ou=X , dc=T')).toBe(true);
    expect(sameDn('cn=a\\,b,dc=t', 'CN=a\\2cb,DC=t')).toBe(true);
    expect(sameDn('cn=a+sn=b,dc=t', 'sn=b+cn=a,dc=t')).toBe(true);
    expect(sameDn('cn=m\\c3\\bcller,dc=t', 'cn=müller,dc=t')).toBe(true);
    expect(sameDn('cn=a,cn=b,dc=t', 'cn=a\\,cn=b,dc=t')).toBe(false);
    expect(sameDn('cn=a,dc=t', 'cn=a,ou=x,dc=t')).toBe(false);
  });

  it('takes no look-alike for the same name', () => {
    expect(sameName('ALICE', 'alice')).toBe(true);
    expect(sameName('mu\u0308ller', 'Müller')).toBe(true);
    expect(sameName('\u212aelvin', 'kelvin')).toBe(false);
    expect(sameName('ａlice', 'alice')).toBe(false);
    expect(sameName('jose', 'josé')).toBe(false);
    expect(sameName('\u0131van', 'ivan')).toBe(false);
  });

  it('drops what can name nobody before a server is asked', () => {
    expect(identifierOf('  alice ')).toBe('alice');
    for (const hostile of ['', ' ', 'a\0b', 'a\nb', '\ud800', 'a'.repeat(321)]) {
      expect(identifierOf(hostile), JSON.stringify(hostile)).toBeUndefined();
    }
  });
});

it('reads attribute values in any shape', () => {
  const entry = { dn: 'x', one: 'a', many: ['a', 'b'], none: [], Mixed: 'c', at: '20261123154550.5Z', bad: '2026' };
  expect([texts(entry, 'one'), texts(entry, 'many'), texts(entry, 'none')]).toEqual([['a'], ['a', 'b'], []]);
  expect(texts(entry, 'mixed')).toEqual(['c']);
  expect(time(entry, 'at')).toBe(Date.UTC(2026, 10, 23, 15, 45, 50, 500));
  expect(time(entry, 'bad')).toBeUndefined();
});

it('throws bugs on, and never calls them a failure of the network', () => {
  expect(() => failureOf(new TypeError('bug'))).toThrow('bug');
  expect(failureOf(new Error('Connection closed'))).toEqual({ is: 'lost', cause: 'Connection closed' });
});

it('finds the debug switch that would print passwords', () => {
  for (const env of ['ldapts', 'http,LDAPTS', '*', 'ldap*']) {
    expect(checkDebugging(env), env).toMatchObject([{ is: 'failed' }]);
  }
  for (const env of [undefined, '', 'http', 'tls,net']) expect(checkDebugging(env), String(env)).toEqual([]);
});

it('never sends an empty password, whoever asks', async () => {
  const socket = new net.Socket();
  const connection = createConnection(socket as never, 100);
  await expect(connection.bind('cn=a', new Secret(''))).rejects.toThrow(/anonymous bind/);
  socket.destroy();
});

const endpointOf = (config: EndpointConfig & { url: string }) => {
  const [endpoint] = endpointsOf(config);
  if (!endpoint) throw new Error('no endpoint');
  return endpoint;
};

describe('transport', () => {
  const servers: net.Server[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done)))));

  /** Answers the first bytes with these, in hexadecimal; nothing: silence. */
  async function answering(hex: string): Promise<number> {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => (hex === '' ? undefined : socket.write(Buffer.from(hex, 'hex'))));
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return (server.address() as net.AddressInfo).port;
  }
  const connect = async (port: number) =>
    openTransport(endpointOf({ url: `ldap://127.0.0.1:${port}`, startTls: true, connectTimeout: 300 }));

  it.each([
    ['refuses to go on when StartTLS is refused', '300c02010178070a010104000400', 'STARTTLS_REFUSED'],
    [
      'refuses clear text that is smuggled in before TLS',
      '300c02010178070a010004000400300c02010161070a010004000400',
      'STARTTLS_REFUSED',
    ],
    ['refuses what is not LDAP', '485454502f312e3120', 'STARTTLS_REFUSED'],
    ['gives up on a server that stays silent', '', 'TIMEOUT'],
  ])('%s', async (_, answer, code) => {
    await expect(connect(await answering(answer))).rejects.toMatchObject({ name: 'ConnectError', code });
  });

  it.each([
    ['ldap://host', false, 'CLEAR_TEXT'],
    ['ldaps://host', true, 'BAD_URL'],
    ['http://host', false, 'BAD_URL'],
    ['host', false, 'BAD_URL'],
  ])('refuses %s with startTls %s', (url, startTls, code) => {
    const open = () => endpointOf({ url, startTls, connectTimeout: 1 });
    expect(open).toThrow(ConnectError);
    expect(open).toThrow(expect.objectContaining({ code }));
  });

  it('reads hosts, ports and IPv6 addresses', () => {
    const endpoint = (url: string) => endpointOf({ url, startTls: false, connectTimeout: 1 });
    expect(endpoint('ldaps://dc1.corp.test')).toMatchObject({ host: 'dc1.corp.test', port: 636 });
    expect(endpoint('ldaps://[::1]:1636/')).toMatchObject({ host: '::1', port: 1636 });
  });
});
