/**
 * The limits, in the database, so that no restart and no second node forgets them.
 *
 * Two counts run side by side. The one a stranger can see hangs on what was *typed*, so known and unknown names behave
 * alike. The one that protects the account hangs on the account and works silently, so that two names of one account
 * can't be told to belong together.
 */
import { days, hours } from '../kernel/clock.ts';
import type { Keyring } from '../kernel/keyring.ts';
import * as counters from '../storage/repositories/counters.ts';
import type { Executor, Storage, Trx } from '../storage/storage.ts';

export interface Limits {
  /** Journeys begun per hour, by identifier (and silently by account). */
  startsPerIdentifier: number;
  /** Journeys begun per hour from one IPv4 address or IPv6 /64. */
  startsPerNetwork: number;
  /** Codes sent per hour and per day, by identifier and method (and silently by account). */
  sendsPerHour: number;
  sendsPerDay: number;
  /** Codes sent per hour to one address, whoever asks. */
  sendsPerDestination: number;
  /** Tries per code. */
  tries: number;
  /** Wrong passwords at sign-in or change, before the directory is asked at all. */
  signInFailures: number;
  /** ms */
  signInWindow: number;
  ladder: counters.Ladder;
}

export type Allowance =
  | { is: 'go' }
  /** `first`: this request is the one that reached the limit, so it is worth a record; a flood of others is not. */
  | { is: 'wait'; until: number; limit: string; first: boolean };

export type Attempt =
  /** Judge it. `muted`: but whatever comes out, it is a mismatch. `disable`: the account's authenticator is spent. */
  { is: 'go'; triesLeft: number; muted: boolean; disable: boolean } | { is: 'wait'; until: number } | { is: 'void' };

/** Wrong numbers that a contact may type. */
const NUMBER_TRIES = 3;
/** Codes of helpers that one network may look up in an hour: a whole school may sit behind one address. */
const LOOKS = 60;

export type Throttle = ReturnType<typeof createThrottle>;

export function createThrottle({ storage, limits, keyring }: { storage: Storage; limits: Limits; keyring: Keyring }) {
  const key = (limit: string, ...parts: string[]) => `${limit}:${keyring.mac('limit', limit, ...parts)}`;
  const hit = async (name: string, limit: number, windowMs: number, now: number, ex: Executor = storage.db) => ({
    ...(await counters.hit(ex, name, { limit, windowMs }, now)),
    limit: name.slice(0, name.indexOf(':')),
    most: limit,
  });
  const worst = (...hits: Awaited<ReturnType<typeof hit>>[]): Allowance => {
    const refused = hits.filter(({ allowed }) => !allowed).sort((a, b) => b.retryAt - a.retryAt);
    const [longest] = refused;
    if (!longest) return { is: 'go' };
    const first = refused.some(({ count, most }) => count === most + 1);
    return { is: 'wait', until: longest.retryAt, limit: longest.limit, first };
  };

  type Counted = [name: string, limit: number, windowMs: number];
  /** One transaction of counts and nothing else. */
  const both = (network: Counted, name: Counted, now: number): Promise<Allowance> =>
    storage.transaction(async (trx) => {
      const byNetwork = await hit(...network, now, trx);
      // A network over its limit must not use up the allowance of the names it tries.
      return worst(byNetwork.allowed ? await hit(...name, now, trx) : byNetwork);
    });

  return {
    /** A stranger wants to begin. `network`: IPv4 address or IPv6 /64. */
    async start(identifierKey: string, network: string, now: number): Promise<Allowance> {
      return both(
        [key('start-network', network), limits.startsPerNetwork, hours(1)],
        [key('start-identifier', identifierKey), limits.startsPerIdentifier, hours(1)],
        now,
      );
    },

    /** Silent twin of `start`. False: go on with a decoy. */
    async startAccount(subject: string, now: number, ex?: Executor): Promise<boolean> {
      return (await hit(key('start-account', subject), limits.startsPerIdentifier, hours(1), now, ex)).allowed;
    },

    /** A helper wants to issue something for an account. Counted before it is made. */
    async issue(subject: string, method: string, perDay: number, now: number): Promise<Allowance> {
      return worst(await hit(key('issue-day', subject, method), perDay, days(1), now));
    },

    /** A code is about to be sent. `send` false: pretend, but send nothing. */
    async send(
      input: { identifierKey: string; subject: string; method: string; destinations: readonly string[] },
      now: number,
    ): Promise<Extract<Allowance, { is: 'wait' }> | { is: 'go'; send: boolean }> {
      // Of one order, so that nobody waits in a circle.
      const destinations = input.destinations.map((one) => key('send-destination', one.toLowerCase())).toSorted();
      // Counts and nothing else in one transaction: one commit instead of five, and still none that is taken back.
      return storage.transaction(async (trx) => {
        const both = async (name: string, who: string): Promise<Allowance> => {
          const hour = key(`${name}-hour`, who, input.method);
          const hourly = worst(await hit(hour, limits.sendsPerHour, hours(1), now, trx));
          // What the hour refused is not sent, so it must not use up the day.
          if (hourly.is === 'wait') return hourly;
          return worst(await hit(key(`${name}-day`, who, input.method), limits.sendsPerDay, days(1), now, trx));
        };
        const seen = await both('send', input.identifierKey);
        if (seen.is === 'wait') return seen;
        let send = (await both('send-account', input.subject)).is === 'go';
        for (const destination of destinations) {
          const one = await hit(destination, limits.sendsPerDestination, hours(1), now, trx);
          send &&= one.allowed;
        }
        return { is: 'go', send };
      });
    },

    /**
     * An answer came. It is counted before it is judged, so that parallel guesses can't slip through. Whoever has to wait
     * loses no try of the code.
     */
    async attempt(
      input: { identifierKey: string; subject: string; method: string; challenge: string; tries?: number | undefined },
      now: number,
    ): Promise<Attempt> {
      const most = input.tries ?? limits.tries;
      const visible = key('ladder', input.identifierKey, input.method);
      const silent = key('ladder-account', input.subject, input.method);
      // Committed before anything is judged.
      return storage.transaction(async (trx) => {
        const { blockedUntil } = await counters.read(trx, visible, limits.ladder);
        if (blockedUntil > now) return { is: 'wait', until: blockedUntil };
        // Longer than any journey lives, so that no code gets a second set of tries.
        const tries = await hit(key('try', input.challenge), most, days(1), now, trx);
        if (!tries.allowed) return { is: 'void' };
        const seen = await counters.fail(trx, visible, limits.ladder, now);
        if (!seen.counted) return { is: 'wait', until: seen.blockedUntil };
        const own = await counters.fail(trx, silent, limits.ladder, now);
        return {
          is: 'go',
          triesLeft: most - tries.count,
          muted: !own.counted || own.disable,
          disable: own.disable,
        };
      });
    },

    /** An attempt could not be judged after all: it is as if it had not been made. */
    async giveBack(input: {
      identifierKey: string;
      subject: string;
      method: string;
      challenge: string;
    }): Promise<void> {
      await counters.giveBack(storage.db, key('try', input.challenge));
      await counters.giveBack(storage.db, key('ladder', input.identifierKey, input.method));
      await counters.giveBack(storage.db, key('ladder-account', input.subject, input.method));
    },

    /** A contact typed a number. Counted before it is looked at. @returns tries that are left; `undefined`: none was. */
    async number(ticket: string, now: number): Promise<number | undefined> {
      const tries = await hit(key('number', ticket), NUMBER_TRIES, days(2), now);
      return tries.allowed ? NUMBER_TRIES - tries.count : undefined;
    },

    /** Somebody looks whether a helper is one. @returns false when that network asked too often. */
    async look(network: string, now: number): Promise<boolean> {
      return (await hit(key('helper-check', network), LOOKS, hours(1), now)).allowed;
    },

    /** The answer was right: the failures before it are forgotten, in the transaction that uses the answer up. */
    async forgive(trx: Trx, input: { identifierKey: string; subject: string; method: string }): Promise<void> {
      await counters.clear(
        trx,
        key('ladder', input.identifierKey, input.method),
        key('ladder-account', input.subject, input.method),
      );
    },

    /** Somebody types a password. Counted before the directory is asked, so that nobody can lock accounts from here (O-03). */
    async signIn(identifierKey: string, network: string, now: number): Promise<Allowance> {
      return both(
        [key('sign-in-network', network), limits.startsPerNetwork * 3, hours(1)],
        [key('sign-in', identifierKey), limits.signInFailures, limits.signInWindow],
        now,
      );
    },

    /** Silent twin of `signIn`. */
    async signInAccount(subject: string, now: number): Promise<boolean> {
      return (await hit(key('sign-in-account', subject), limits.signInFailures, limits.signInWindow, now)).allowed;
    },

    async signInSucceeded(trx: Trx, identifierKey: string, subject: string): Promise<void> {
      await counters.clear(trx, key('sign-in', identifierKey), key('sign-in-account', subject));
    },
  };
}
