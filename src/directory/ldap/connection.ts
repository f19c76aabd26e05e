/**
 * One LDAP connection over a transport that is TLS already. It never reconnects by itself (ldapts would do so without a
 * bind, and without StartTLS), and an empty password never leaves (RFC 4513 §5.1.2).
 */
import type { TLSSocket } from 'node:tls';
import { type Change, Client, type Control, type Entry, type SearchOptions } from 'ldapts';
import type { Secret } from '../../kernel/secret.ts';
import { isEmpty } from './empty-password.ts';

export interface LdapConnection {
  /** Simple bind. @throws ResultCodeError, or Error when no answer came. */
  bind(name: string, password: Secret, control?: Control): Promise<void>;
  search(base: string, options: SearchOptions, control?: Control): Promise<Entry[]>;
  modify(dn: string, changes: Change[], control?: Control): Promise<void>;
  extended(oid: string, value: Buffer, control?: Control): Promise<void>;
  /** False once the socket was closed by anybody. */
  alive(): boolean;
  close(): Promise<void>;
}

export function createConnection(socket: TLSSocket, operationTimeout: number): LdapConnection {
  let alive = true;
  let taken = false;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.once('close', () => {
    alive = false;
  });
  socket.on('end', () => {
    alive = false;
  });
  const client = new Client({
    url: 'ldap://transport.invalid',
    timeout: operationTimeout,
    createConnection: (() => {
      if (taken) throw new Error('Connection closed by the server.');
      taken = true;
      return socket;
    }) as unknown as never,
  });
  const controls = (control?: Control) => (control ? [control] : []);
  return {
    async bind(name, password, control) {
      if (isEmpty(password)) throw new TypeError('An empty password must never be sent: it is an anonymous bind.');
      await client.bind(name, password.reveal(), controls(control));
    },
    async search(base, options, control) {
      const { searchEntries } = await client.search(base, options, controls(control));
      return searchEntries;
    },
    modify: (dn, changes, control) => client.modify(dn, changes, controls(control)),
    async extended(oid, value, control) {
      await client.exop(oid, value, controls(control));
    },
    alive: () => alive && !socket.destroyed,
    async close() {
      alive = false;
      await Promise.race([client.unbind().catch(() => undefined), closed]);
      socket.destroy();
      await closed;
    },
  };
}
