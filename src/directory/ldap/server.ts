/**
 * One directory server and what is known of it: whether it answers, whether it takes writes. One that failed is set aside,
 * each time for longer, and one connection at a time finds out whether it is back.
 */
import { type Clock, minutes, seconds } from '../../kernel/clock.ts';
import type { Secret } from '../../kernel/secret.ts';
import { createConnection, type LdapConnection } from './connection.ts';
import { type Endpoint, labelOf } from './endpoints.ts';
import { ConnectError, failureOf } from './failure.ts';
import { createPool, poolClosed } from './pool.ts';
import { openTransport } from './transport.ts';

/** What a server says of itself when the service account has signed in. */
export interface Greeting {
  /** False: a read-only copy. */
  takesWrites: boolean;
  /** Its own name, where it tells one: several servers may stand behind the name that was configured. */
  name?: string;
  /** Its clock, in ms. */
  now?: number | undefined;
}

export type Greet = (connection: LdapConnection) => Promise<Greeting>;

export interface ServerConfig {
  bindDn: string;
  bindPassword: Secret;
  /** ms per request */
  operationTimeout: number;
  /** Connections for the service account; as many again for binds as a person. */
  poolSize: number;
  greet?: Greet | undefined;
  clock: Clock;
}

/** `service`: bound as the service account. `person`: whoever takes it binds first. */
export type ConnectionKind = 'service' | 'person';

export interface Connected {
  connection: LdapConnection;
  greeting?: Greeting | undefined;
}

export interface Server {
  readonly label: string;
  readonly endpoint: Endpoint;
  /** `aside`: it failed. `reads`: a read-only copy. Until it was asked, it is taken for one that takes writes. */
  standing(): 'writes' | 'reads' | 'aside';
  /** Why it stands aside. */
  trouble(): unknown;
  /** The pause is over: time to look whether it is better now. */
  due(): boolean;
  /** Looks, once for all who ask at the same time. @throws what stands in the way */
  probe(): Promise<void>;
  setAside(error: unknown): void;
  /** One kept connection had been closed unnoticed, so the others may be too. */
  forgetIdle(): void;
  /** It refused a write as a read-only copy does. */
  demote(): void;
  /** @throws ConnectError */
  take(kind: ConnectionKind): Promise<{ connection: LdapConnection; fresh: boolean }>;
  give(kind: ConnectionKind, connection: LdapConnection): void;
  /** A new connection that no pool knows. The caller closes it. @throws ConnectError */
  connect(kind: ConnectionKind): Promise<Connected>;
  /** It is no longer one of ours: what is under way ends in peace. */
  leave(): void;
  close(): Promise<void>;
}

const FIRST_PAUSE = seconds(1);
const LONGEST_PAUSE = seconds(60);
/** Each try is one more wrong password of the service account, and the directory counts them. */
const REFUSED_PAUSE = minutes(1);

export function createServer(endpoint: Endpoint, config: ServerConfig): Server {
  const label = labelOf(endpoint);
  const { clock } = config;
  let failures = 0;
  let trouble: unknown;
  let readOnly = false;
  let pauseUntil = 0;
  let refused = false;
  let probing: Promise<void> | undefined;
  let closed = false;

  async function connect(kind: ConnectionKind): Promise<Connected> {
    if (closed) throw poolClosed();
    const connection = createConnection(await openTransport(endpoint), config.operationTimeout, label);
    if (kind === 'person') return { connection };
    try {
      await connection.bind(config.bindDn, config.bindPassword);
    } catch (error) {
      await connection.close();
      throw serviceBindError(error);
    }
    try {
      const greeting = await config.greet?.(connection);
      if (greeting?.name !== undefined && greeting.name !== endpoint.host)
        connection.server = `${label}#${greeting.name}`;
      return { connection, greeting };
    } catch (error) {
      await connection.close();
      throw connectError(error, label);
    }
  }

  const pooled = (kind: ConnectionKind) =>
    createPool({
      size: config.poolSize,
      patience: endpoint.connectTimeout,
      clock,
      connect: async () => {
        try {
          const { connection, greeting } = await connect(kind);
          // A connection without a bind proves little: it neither ends a pause nor makes the next one longer.
          if (kind === 'service') settle(greeting?.takesWrites === false);
          return connection;
        } catch (error) {
          setAside(error);
          throw error;
        }
      },
    });
  const pools = { service: pooled('service'), person: pooled('person') };

  async function look(): Promise<void> {
    try {
      const { connection, greeting } = await connect('service');
      await connection.close();
      settle(greeting?.takesWrites === false);
    } catch (error) {
      setAside(error);
      throw error;
    }
  }

  function settle(copy: boolean): void {
    failures = 0;
    trouble = undefined;
    refused = false;
    readOnly = copy;
    // A copy may become a provider; until then nobody waits for it.
    pauseUntil = copy ? clock.now() + LONGEST_PAUSE : 0;
  }

  function setAside(error: unknown): void {
    // Those who failed together are one failure.
    const again = trouble !== undefined && clock.now() < pauseUntil;
    trouble = error;
    refused = error instanceof ConnectError && error.code === 'LDAP_49';
    if (!again) {
      failures += 1;
      const pause = refused ? REFUSED_PAUSE : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1));
      pauseUntil = clock.now() + pause;
    }
    for (const pool of Object.values(pools)) pool.clear(error);
  }

  function forgetIdle(): void {
    for (const pool of Object.values(pools)) pool.clear();
  }

  return {
    label,
    endpoint,
    standing: () => (trouble !== undefined ? 'aside' : readOnly ? 'reads' : 'writes'),
    trouble: () => trouble,
    due: () => (trouble !== undefined || readOnly) && probing === undefined && clock.now() >= pauseUntil,
    probe() {
      if (refused && clock.now() < pauseUntil) return Promise.reject(trouble);
      probing ??= look().finally(() => {
        probing = undefined;
      });
      return probing;
    },
    setAside,
    forgetIdle,
    demote() {
      settle(true);
      // The next one that is made finds out whether it still is.
      forgetIdle();
    },
    take: (kind) => pools[kind].take(),
    give: (kind, connection) => pools[kind].give(connection),
    connect,
    leave() {
      for (const pool of Object.values(pools)) pool.drain(goneError(label));
    },
    async close() {
      closed = true;
      await probing?.catch(() => undefined);
      await Promise.all(Object.values(pools).map((pool) => pool.close()));
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

export const goneError = (label: string): ConnectError =>
  new ConnectError('GONE', `${label} is no longer one of the servers.`, 'Try again.', 'domain');

const connectError = (error: unknown, label: string): ConnectError =>
  error instanceof ConnectError
    ? error
    : new ConnectError('GREETING', `${label} does not say what it is: ${failureOf(error).cause}`, 'See to it.', 'url');
