/**
 * Which server does a piece of work, and what happens when it fails there. All of one piece goes to one server. The work is
 * done again elsewhere only while nothing that may change an entry has left, or when the server said that it did nothing.
 */
import type { Control } from 'ldapts';
import type { Clock } from '../../kernel/clock.ts';
import type { Secret } from '../../kernel/secret.ts';
import { isTimeout, type LdapConnection } from './connection.ts';
import type { Endpoint } from './endpoints.ts';
import { ConnectError, causeOf, failureOf, isBusy, isReadOnly } from './failure.ts';
import { createPins } from './pins.ts';
import { poolClosed } from './pool.ts';
import { type ConnectionKind, createServer, type Greet, goneError, type Server } from './server.ts';
import type { ServerSource } from './server-source.ts';

type Work<T> = (connection: LdapConnection) => Promise<T>;

/** `about`: the key of the account that the work concerns. */
export interface Sessions {
  /** As the service account, to read. A read-only copy serves only while no other server answers. */
  read<T>(work: Work<T>, about?: string): Promise<T>;
  /** As the service account, on a server that takes writes. */
  asService<T>(work: Work<T>, about?: string): Promise<T>;
  /** Bound with this name and password. After a marker: at its server or nowhere, for a copy may not know the password yet. */
  asPerson<T>(name: string, password: Secret, control: Control | undefined, work: Work<T>, about?: string): Promise<T>;
  /** A connection without a bind to the server of this one. */
  beside<T>(connection: LdapConnection, work: Work<T>): Promise<T>;
  /** Reads a marker. The write that comes next goes to the same server or nowhere. */
  beforeWrite<T>(work: Work<T>, about: string): Promise<T>;
  /** Reads a marker on this server and no other, as `LdapConnection.server` names it. @throws ConnectError */
  on<T>(server: string, work: Work<T>, about: string): Promise<T>;
  /** In order of preference, for `check()`. */
  servers(): Promise<readonly Server[]>;
  /** The one that work goes to now, found out by sending some there. @throws ConnectError */
  inUse(): Promise<string>;
  source: ServerSource;
  close(): Promise<void>;
}

export interface SessionConfig {
  source: ServerSource;
  bindDn: string;
  bindPassword: Secret;
  /** ms per request */
  operationTimeout: number;
  poolSize: number;
  /** Asked on each new connection, where there is more than one server. */
  greet?: Greet;
  clock: Clock;
}

type Need = 'writes' | 'reads';

const addressOf = (server: string): string => server.split('#')[0] ?? server;

export function createSessions(config: SessionConfig): Sessions {
  const known = new Map<string, Server>();
  const pins = createPins(config.clock);
  let closed = false;

  /** One for each endpoint, as long as the source names it. */
  function serversFor(endpoints: readonly Endpoint[]): Server[] {
    const keyOf = ({ host, port, addresses }: Endpoint) => JSON.stringify([host, port, addresses]);
    const wanted = new Set(endpoints.map(keyOf));
    for (const [key, server] of known) {
      if (wanted.has(key)) continue;
      known.delete(key);
      server.leave();
    }
    return endpoints.map((endpoint) => {
      const key = keyOf(endpoint);
      const server = known.get(key) ?? createServer(endpoint, config);
      known.set(key, server);
      return server;
    });
  }

  let endpoints: readonly Endpoint[] | undefined;
  let list: Server[] = [];
  async function servers(): Promise<Server[]> {
    if (closed) throw poolClosed();
    const now = await config.source.endpoints();
    if (now !== endpoints) {
      endpoints = now;
      list = serversFor(now);
    }
    return list;
  }

  /** The first that will do, the one which the account hangs on before all others. */
  function choose(all: Server[], need: Need, pinned: string | undefined): Server | undefined {
    const order = [...all.filter(({ label }) => label === pinned), ...all.filter(({ label }) => label !== pinned)];
    const copy = () => (need === 'reads' ? order.find((server) => server.standing() === 'reads') : undefined);
    return order.find((server) => server.standing() === 'writes') ?? copy();
  }

  /** Nobody answers as far as is known: all are asked at once, and the first that will do serves. */
  async function revive(all: Server[], need: Need, tried: Map<Server, unknown>): Promise<Server | undefined> {
    const asked = all
      .filter((server) => server.standing() === 'aside')
      .map(async (server) => {
        try {
          await server.probe();
        } catch (error) {
          tried.set(server, error);
          throw error;
        }
        if (need === 'writes' && server.standing() === 'reads') throw copyError(server);
        return server;
      });
    return Promise.any(asked).catch(() => undefined);
  }

  /** @throws Elsewhere when another server may be asked, or whatever ends the work. */
  async function attempt<T>(server: Server, kind: ConnectionKind, work: Work<T>, again = true): Promise<T> {
    const { connection, fresh } = await taken(server, kind);
    connection.begin();
    try {
      return await work(connection);
    } catch (error) {
      if (error instanceof Elsewhere) throw error;
      const failure = failureOf(error);
      if (failure.is === 'answered') {
        if (isReadOnly(failure) && connection.changing()) {
          if (list.length > 1) server.demote();
        } else if (isBusy(failure.code)) server.setAside(error);
        else throw error;
        throw new Elsewhere(error);
      }
      // The connection had been closed while nobody used it. That says nothing about the server.
      const stale = !fresh && again && failure.is === 'lost' && !isTimeout(error);
      if (connection.changing()) throw error;
      if (!stale) {
        server.setAside(error);
        throw new Elsewhere(error);
      }
      server.forgetIdle();
    } finally {
      if (connection.hung()) server.setAside(new Error(`${server.label}: Operation timed out`));
      server.give(kind, connection);
    }
    return attempt(server, kind, work, false);
  }

  /** From the pool; while it is made anew for a second try, none that was kept. */
  async function taken(server: Server, kind: ConnectionKind) {
    try {
      return await server.take(kind);
    } catch (error) {
      const { code } = error as ConnectError;
      if (code === 'CLOSED' || code === 'POOL_WAIT' || code === 'POOL_QUEUE') throw error;
      throw new Elsewhere(error);
    }
  }

  async function run<T>(
    need: Need,
    kind: ConnectionKind,
    work: Work<T>,
    about: string | undefined,
    only?: string,
  ): Promise<T> {
    const tried = new Map<Server, unknown>();
    for (;;) {
      const all = (await servers()).filter(({ label }) => only === undefined || label === only);
      for (const server of all) if (server.due()) server.probe().catch(() => undefined);
      const left = all.filter((server) => !tried.has(server));
      const pin = pins.of(about)?.server;
      const server = choose(left, need, pin) ?? (await revive(left, need, tried));
      if (!server) throw summary(all, tried);
      try {
        return await attempt(server, kind, async (connection) => {
          // Only now is it known what the server is: there may be one that suits better.
          if (server.standing() === 'reads' && choose(left, need, pin) !== server) throw new Elsewhere(BETTER);
          return work(connection);
        });
      } catch (error) {
        if (!(error instanceof Elsewhere)) throw error;
        if (error.cause !== BETTER) tried.set(server, error.cause);
      }
    }
  }

  const pinning =
    <T>(work: Work<T>, about: string | undefined, marked: boolean): Work<T> =>
    async (connection) => {
      const result = await work(connection);
      pins.set(about, addressOf(connection.server), marked);
      return result;
    };

  /** After a marker was read, its server does the work or nobody does. The next time there is no marker to keep to. */
  async function afterMarker<T>(
    need: Need,
    kind: ConnectionKind,
    work: Work<T>,
    about: string | undefined,
  ): Promise<T> {
    const pin = pins.of(about);
    try {
      return await run(need, kind, work, about, pin?.marked ? pin.server : undefined);
    } catch (error) {
      if (failureOf(error).is !== 'answered') pins.forget(about);
      throw error;
    }
  }

  const sessions: Sessions = {
    source: config.source,
    read: (work, about) => run('reads', 'service', work, about),
    asService: (work, about) => afterMarker('writes', 'service', pinning(work, about, false), about),
    beforeWrite: (work, about) => run('writes', 'service', pinning(work, about, true), about),
    on: (server, work, about) => run('reads', 'service', pinning(work, about, true), about, addressOf(server)),
    asPerson: (name, password, control, work, about) =>
      afterMarker(
        'reads',
        'person',
        async (connection) => {
          await connection.bind(name, password, control);
          return work(connection);
        },
        about,
      ),
    async beside(connection, work) {
      const server = list.find(({ label }) => label === addressOf(connection.server));
      if (!server) throw goneError(connection.server);
      return attempt(server, 'person', async (person) => {
        try {
          return await work(person);
        } finally {
          if (person.changing()) connection.begin(true);
        }
      });
    },
    servers,
    inUse: () => run('reads', 'service', async ({ server }) => addressOf(server), undefined),
    async close() {
      closed = true;
      await Promise.all([...known.values()].map((server) => server.close()));
    },
  };
  return sessions;
}

/** Nothing was changed there; another server may be asked. `cause`: what it failed with. */
class Elsewhere extends Error {
  constructor(cause: unknown) {
    super('Another server may be asked.', { cause });
  }
}

/** The server is a read-only copy, and there is one that takes writes. */
const BETTER = Symbol('better');

const copyError = ({ label }: Server): ConnectError =>
  new ConnectError('READ_ONLY', `${label} is a read-only copy.`, 'Name a server that takes writes in url.', 'url');

function summary(all: readonly Server[], tried: ReadonlyMap<Server, unknown>): unknown {
  const errors = all.map((server) => tried.get(server) ?? server.trouble() ?? copyError(server));
  const [first, ...more] = errors;
  if (first === undefined)
    return new ConnectError('NO_SERVER', 'No server is known.', 'See to DNS, or set url.', 'url');
  if (more.length === 0) return first;
  const { fix, key } = first instanceof ConnectError ? first : { fix: 'See to the servers.', key: 'url' };
  return new ConnectError(
    'NO_SERVER',
    all.map(({ label }, index) => `${label}: ${causeOf(errors[index])}`).join(' '),
    fix,
    key,
  );
}
