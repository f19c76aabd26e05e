/**
 * Connections of one directory: a shared one for reads, which is made anew when it was lost, and connections of their
 * own for writes and for binds as a person. After `close()` none is open and none is made.
 */
import type { Control } from 'ldapts';
import type { Secret } from '../../kernel/secret.ts';
import { createConnection, type LdapConnection } from './connection.ts';
import { ConnectError, failureOf } from './failure.ts';
import { type Endpoint, openTransport } from './transport.ts';

export interface Sessions {
  /** Reads, as the service account. Tried once more on a new connection when the shared one turned out to be closed. */
  read<T>(work: (connection: LdapConnection) => Promise<T>): Promise<T>;
  /** A fresh connection bound as the service account, closed afterwards. For writes: never stale, never shared. */
  asService<T>(work: (connection: LdapConnection) => Promise<T>): Promise<T>;
  /** A fresh connection bound with this name and password, closed afterwards. */
  asPerson<T>(name: string, password: Secret, control: Control | undefined, work: Work<T>): Promise<T>;
  /** A fresh connection without a bind, closed afterwards. */
  unbound<T>(work: (connection: LdapConnection) => Promise<T>): Promise<T>;
  /** How many connections are open now. */
  open(): number;
  close(): Promise<void>;
}

type Work<T> = (connection: LdapConnection) => Promise<T>;

export interface SessionConfig {
  endpoint: Endpoint;
  bindDn: string;
  bindPassword: Secret;
  /** ms per request */
  operationTimeout: number;
}

export function createSessions(config: SessionConfig): Sessions {
  const connections = new Set<LdapConnection>();
  let shared: Promise<LdapConnection> | undefined;
  let closed = false;

  async function connect(): Promise<LdapConnection> {
    if (closed) throw new ConnectError('CLOSED', 'The directory was closed.', 'Start Sparekey again.', 'url');
    const connection = createConnection(await openTransport(config.endpoint), config.operationTimeout);
    connections.add(connection);
    if (closed) {
      await drop(connection);
      throw new ConnectError('CLOSED', 'The directory was closed.', 'Start Sparekey again.', 'url');
    }
    return connection;
  }

  async function drop(connection: LdapConnection): Promise<void> {
    await connection.close();
    connections.delete(connection);
  }

  async function unbound<T>(work: Work<T>): Promise<T> {
    const connection = await connect();
    try {
      return await work(connection);
    } finally {
      await drop(connection);
    }
  }

  async function connectAsService(): Promise<LdapConnection> {
    const connection = await connect();
    try {
      await connection.bind(config.bindDn, config.bindPassword);
      return connection;
    } catch (error) {
      await drop(connection);
      throw serviceBindError(error);
    }
  }

  function startShared(): Promise<LdapConnection> {
    const made = connectAsService();
    shared = made;
    made.catch(() => {
      if (shared === made) shared = undefined;
    });
    return made;
  }

  /** Callers that come while it is being made wait for the same one, and share its failure. */
  async function sharedConnection(): Promise<{ connection: LdapConnection; fresh: boolean }> {
    if (shared) {
      const known = shared;
      const connection = await known;
      if (connection.alive()) return { connection, fresh: false };
      if (shared === known) {
        shared = undefined;
        await drop(connection);
      }
    }
    return { connection: await (shared ?? startShared()), fresh: true };
  }

  return {
    async read(work) {
      const { connection, fresh } = await sharedConnection();
      try {
        return await work(connection);
      } catch (error) {
        // A timeout is not tried again: the person would wait twice.
        const lost = failureOf(error).is === 'lost' && !/timed out/.test(String(error));
        if (fresh || !lost) throw error;
        return work((await sharedConnection()).connection);
      }
    },
    async asService(work) {
      const connection = await connectAsService();
      try {
        return await work(connection);
      } finally {
        await drop(connection);
      }
    },
    asPerson: (name, password, control, work) =>
      unbound(async (connection) => {
        await connection.bind(name, password, control);
        return work(connection);
      }),
    unbound,
    open: () => connections.size,
    async close() {
      closed = true;
      await shared?.catch(() => undefined);
      await Promise.all([...connections].map(drop));
    },
  };
}

/** A refused service account is our set-up's fault, and nothing was sent beyond the bind. */
function serviceBindError(error: unknown): ConnectError {
  const failure = failureOf(error);
  if (failure.is === 'refused-connection') return failure.error;
  return failure.is === 'answered'
    ? new ConnectError(
        `LDAP_${failure.code}`,
        `The service account can't sign in: ${failure.cause}`,
        'Correct bindDn and bindPassword; see that the account is neither locked nor expired.',
        failure.code === 49 ? 'bindPassword' : 'bindDn',
      )
    : new ConnectError(
        'LOST',
        `No answer to the bind of the service account: ${failure.cause}`,
        'See to the server.',
        'url',
      );
}
