/**
 * Connections to one server that are kept open. One user each at a time, never more than `size`, none idle or in use for too
 * long, and one whose socket closed is never handed out. Whoever has to wait waits in turn, and not for ever.
 */
import { type Clock, minutes, seconds } from '../../kernel/clock.ts';
import type { LdapConnection } from './connection.ts';
import { ConnectError } from './failure.ts';

export interface Pool {
  /**
   * `fresh`: made for this call, so a loss of it says something about the server.
   * @throws ConnectError: none became free in time, too many wait, closed; or what `connect` threw.
   */
  take(): Promise<{ connection: LdapConnection; fresh: boolean }>;
  /** Back for the next one. One that is closed, retired or old ends here. */
  give(connection: LdapConnection): void;
  /** Closes those that nobody uses; those who wait get `error`. */
  clear(error?: unknown): void;
  /** Hands out none any more; those in use end when they come back. Who asks or waits gets `error`. */
  drain(error: unknown): void;
  /** Ends all at once, and waits for it. */
  close(): Promise<void>;
}

export interface PoolOptions {
  size: number;
  connect(): Promise<LdapConnection>;
  /** ms until somebody who waits is sent away. */
  patience: number;
  clock: Clock;
}

/** Shorter than what firewalls and servers allow an idle connection. */
export const IDLE = seconds(60);
/** A server behind a balancer, a right, a role: whatever holds for a connection is looked at anew after this. */
export const OLDEST = minutes(15);
/** More than anybody would wait for. */
export const LONGEST_QUEUE = 256;

interface Waiting {
  resolve(taken: { connection: LdapConnection; fresh: boolean }): void;
  reject(error: unknown): void;
}

const refusal = (code: string, cause: string): ConnectError =>
  new ConnectError(code, cause, 'Raise poolSize, or see why the server is slow.', 'poolSize');

export const poolClosed = (): ConnectError =>
  new ConnectError('CLOSED', 'The directory was closed.', 'Start Sparekey again.', 'url');

export function createPool({ size, connect, patience, clock }: PoolOptions): Pool {
  const born = new Map<LdapConnection, number>();
  const idle = new Map<LdapConnection, NodeJS.Timeout>();
  const waiting: Waiting[] = [];
  const opening = new Set<Promise<unknown>>();
  const ending = new Set<Promise<void>>();
  /** Open, or being opened. */
  let count = 0;
  /** Why none is handed out any more. */
  let ended: unknown;

  const usable = (connection: LdapConnection): boolean =>
    ended === undefined && connection.alive() && clock.now() - (born.get(connection) ?? 0) < OLDEST;

  function drop(connection: LdapConnection): void {
    clearTimeout(idle.get(connection));
    idle.delete(connection);
    if (!born.delete(connection)) return;
    const end = connection.close().finally(() => {
      ending.delete(end);
      left();
    });
    ending.add(end);
  }

  /** A place is free: whoever waits longest may connect. */
  function left(): void {
    count -= 1;
    const next = waiting.shift();
    if (next) open().then(next.resolve, next.reject);
  }

  async function open() {
    count += 1;
    const made = connect();
    opening.add(made);
    try {
      const connection = await made;
      born.set(connection, clock.now());
      if (ended === undefined) return { connection, fresh: true };
      drop(connection);
    } catch (error) {
      left();
      throw error;
    } finally {
      opening.delete(made);
    }
    throw ended;
  }

  function wait(): Promise<{ connection: LdapConnection; fresh: boolean }> {
    if (waiting.length >= LONGEST_QUEUE)
      return Promise.reject(refusal('POOL_QUEUE', `${LONGEST_QUEUE} requests wait for a connection already.`));
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        waiting.splice(waiting.indexOf(one), 1);
        reject(refusal('POOL_WAIT', `None of ${size} connections became free in ${patience} ms.`));
      }, patience);
      const one: Waiting = {
        resolve: (taken) => {
          clearTimeout(late);
          resolve(taken);
        },
        reject: (error) => {
          clearTimeout(late);
          reject(error);
        },
      };
      waiting.push(one);
    });
  }

  function clear(error?: unknown): void {
    for (const connection of [...idle.keys()]) drop(connection);
    if (error !== undefined) for (const one of waiting.splice(0)) one.reject(error);
  }

  function drain(error: unknown): void {
    ended = error;
    clear(error);
  }

  return {
    async take() {
      if (ended !== undefined) throw ended;
      // The last one first, so that those which are too many grow idle.
      for (const connection of [...idle.keys()].toReversed()) {
        if (!usable(connection)) {
          drop(connection);
          continue;
        }
        clearTimeout(idle.get(connection));
        idle.delete(connection);
        return { connection, fresh: false };
      }
      return count < size ? open() : wait();
    },
    give(connection) {
      if (!usable(connection)) return drop(connection);
      const next = waiting.shift();
      if (next) return next.resolve({ connection, fresh: false });
      idle.set(connection, setTimeout(() => drop(connection), IDLE).unref());
    },
    clear,
    drain,
    async close() {
      drain(poolClosed());
      // Those in use end too: their users get no further answer.
      for (const connection of [...born.keys()]) drop(connection);
      await Promise.allSettled(opening);
      while (ending.size > 0) await Promise.all(ending);
    },
  };
}
