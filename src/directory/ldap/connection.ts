/**
 * One LDAP connection over a transport that is TLS already. It never reconnects by itself (ldapts would do so without a
 * bind, and without StartTLS), and an empty password never leaves (RFC 4513 §5.1.2).
 */
import type { TLSSocket } from 'node:tls';
import { type Change, Client, type Control, type Entry, type SearchOptions } from 'ldapts';
import type { Secret } from '../../kernel/secret.ts';
import { isEmpty } from './empty-password.ts';

export interface LdapConnection {
  /** The server at the other end, as markers name it. */
  server: string;
  /** Simple bind. @throws ResultCodeError, or Error when no answer came. */
  bind(name: string, password: Secret, control?: Control): Promise<void>;
  search(base: string, options: SearchOptions, control?: Control): Promise<Entry[]>;
  /** Page by page (RFC 2696): no limit of the server, and no memory of ours, is in the way. */
  pages(base: string, options: SearchOptions, size: number): AsyncGenerator<Entry[]>;
  modify(dn: string, changes: Change[], control?: Control): Promise<void>;
  extended(oid: string, value: Buffer, control?: Control): Promise<void>;
  /** Somebody else's turn: sets what `changing` says. */
  begin(changing?: boolean): void;
  /** True once something that may change an entry has left since `begin`. Until then all may be done again elsewhere. */
  changing(): boolean;
  /** A request got no answer in time: the server hangs, or the way to it does. */
  hung(): boolean;
  /** Whoever has it now is the last one to use it. */
  retire(): void;
  /** False once the socket was closed by anybody, or it was retired. */
  alive(): boolean;
  close(): Promise<void>;
}

export const isTimeout = (error: unknown): boolean => /timed out/.test(String(error));

export function createConnection(socket: TLSSocket, operationTimeout: number, server = ''): LdapConnection {
  let alive = true;
  let taken = false;
  let changing = false;
  let hung = false;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const end = () => {
    alive = false;
  };
  socket.once('close', end);
  socket.on('end', end);
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
  const answer = async <T>(request: Promise<T>): Promise<T> => {
    try {
      return await request;
    } catch (error) {
      hung ||= isTimeout(error);
      throw error;
    }
  };
  const change = <T>(send: () => Promise<T>): Promise<T> => {
    changing ||= !socket.destroyed;
    return answer(send());
  };
  return {
    server,
    async bind(name, password, control) {
      if (isEmpty(password)) throw new TypeError('An empty password must never be sent: it is an anonymous bind.');
      await answer(client.bind(name, password.reveal(), controls(control)));
    },
    async search(base, options, control) {
      const { searchEntries } = await answer(client.search(base, options, controls(control)));
      return searchEntries;
    },
    async *pages(base, options, pageSize) {
      const pages = client.searchPaginated(base, { ...options, paged: { pageSize } });
      for (;;) {
        const { done, value } = await answer(pages.next());
        if (done) return;
        yield value.searchEntries;
      }
    },
    modify: (dn, changes, control) => change(() => client.modify(dn, changes, controls(control))),
    async extended(oid, value, control) {
      await change(() => client.exop(oid, value, controls(control)));
    },
    begin(already = false) {
      changing = already;
    },
    changing: () => changing,
    hung: () => hung,
    retire: end,
    alive: () => alive && !socket.destroyed,
    async close() {
      alive = false;
      await Promise.race([client.unbind().catch(() => undefined), closed]);
      socket.destroy();
      await closed;
    },
  };
}
