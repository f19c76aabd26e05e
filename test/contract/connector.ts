/**
 * What every connector must do. Call `connectorContract(name, start)` in a test file; `start` gives a connector with its
 * real system behind it, with the accounts named below. Faults are given where the system can be asked for them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attempt, Connector, Delivered, Person } from '../../src/connectors/connector.ts';
import { Secret } from '../../src/kernel/secret.ts';

export interface StartedConnector {
  connector: Connector;
  /** An account that is there. The suite changes its password. */
  person: Person;
  /** Nobody there has this link. Absent where `can.find` is false. */
  unknown?: Person;
  /** Must never be written from here (administrator, superuser). Absent where the system knows no such thing. */
  guarded?: Person;
  /** A link that two accounts share. Absent where the system excludes it. */
  shared?: Person;
  /** Really signs in there (not through the connector), or looks at what arrived. */
  works(person: Person, password: string): Promise<boolean>;
  /** Locks the account so that the right password fails, and tells whether it is locked. Where `can.unlock`. */
  lock?: { set(): Promise<void>; isSet(): Promise<boolean> };
  /** Where `can.mustChange`. */
  mustChange?: { isSet(): Promise<boolean> };
  /** A password that the system's own rules refuse. Absent: it has none. */
  refused?: string;
  faults?: {
    /** Nothing listens any more; `heal` brings it back. */
    disappear(): Promise<void>;
    heal(): Promise<void>;
  };
  /** The same system with wrong credentials of ours. */
  withWrongCredentials?(): Promise<Connector>;
  /** Everything that the system wrote down (statement log, request log), to be searched for passwords. */
  log?(): Promise<string>;
  close(): Promise<void>;
}

/** Quotes, newline-likes, other scripts, shell and SQL: each must arrive as it is or be refused, never do harm (A24). */
export const oddPasswords = [
  `Straße-Ελλάδα-سلام-🔑-naïve`,
  `' OR '1'='1'; DROP TABLE users; --`,
  '"$(touch /tmp/owned)`id`\\\\%s%n{}<>&|;*?',
  ' leading and trailing spaces ',
  '-rf --help @#$%^&*()=+[]{}',
];

const attempt = (key: string, number = 1): Attempt => ({ idempotencyKey: key, number });

export function connectorContract(
  name: string,
  start: () => Promise<StartedConnector>,
  { odd = oddPasswords }: { odd?: readonly string[] } = {},
): void {
  describe(`${name} as a connector`, () => {
    let peer: StartedConnector;
    const passwords: string[] = [];
    const set = (password: string, person = peer.person, key = password): Promise<Delivered> => {
      passwords.push(password);
      const order = { is: 'password', password: new Secret(password), mustChange: false } as const;
      return peer.connector.deliver(person, order, attempt(key));
    };
    beforeAll(async () => {
      peer = await start();
    }, 120_000);
    afterAll(async () => {
      await peer?.connector.close();
      await peer?.close();
    });

    it('finds an account without changing anything', async () => {
      expect(await set('Quiet-Harbour-71-lantern')).toMatchObject({ is: 'delivered' });
      expect(await peer.connector.find(peer.person)).toMatchObject({ is: 'found', name: expect.any(String) });
      expect(await peer.works(peer.person, 'Quiet-Harbour-71-lantern')).toBe(true);
    });

    it('sets a password, and the one before stops working', async () => {
      expect(await set('Copper-Meadow-12-violin')).toEqual({ is: 'delivered' });
      expect(await peer.works(peer.person, 'Copper-Meadow-12-violin')).toBe(true);
      expect(await set('Silver-Orchard-34-kettle')).toEqual({ is: 'delivered' });
      expect(await peer.works(peer.person, 'Silver-Orchard-34-kettle')).toBe(true);
      expect(await peer.works(peer.person, 'Copper-Meadow-12-violin')).toBe(false);
    });

    it('may be told twice', async () => {
      expect(await set('Amber-Station-56-pencil', peer.person, 'job')).toEqual({ is: 'delivered' });
      const order = { is: 'password', password: new Secret('Amber-Station-56-pencil'), mustChange: false } as const;
      expect(await peer.connector.deliver(peer.person, order, attempt('job', 2))).toMatchObject({ is: 'delivered' });
      expect(await peer.works(peer.person, 'Amber-Station-56-pencil')).toBe(true);
    });

    it.each(odd)('takes %s as it is, or refuses it', async (password) => {
      const outcome = await set(password);
      expect(['delivered', 'rejected']).toContain(outcome.is);
      expect(await peer.works(peer.person, password)).toBe(outcome.is === 'delivered');
      expect(JSON.stringify(outcome)).not.toContain(password);
    });

    it('knows no account: that is not an error', async () => {
      const { unknown, connector } = peer;
      expect(unknown !== undefined).toBe(connector.can.find);
      if (!unknown) return;
      expect(await connector.find(unknown)).toEqual({ is: 'none' });
      expect(await set('Nobody-Is-Here-99-teapot', unknown)).toEqual({ is: 'no-account' });
    });

    it('is not moved by links that look like another language', async () => {
      for (const link of [
        '*',
        `${peer.person.link}*`,
        `' OR ''='`,
        '*)(uid=*',
        '../../admin',
        'a"b',
        '%',
        '--help',
        '\\',
      ]) {
        const hostile = { ...peer.person, link };
        if (peer.connector.can.find) {
          expect((await peer.connector.find(hostile)).is).toBe('none');
          expect((await set('Wrong-Door-77-candle', hostile)).is).toBe('no-account');
        } else
          expect(['delivered', 'rejected', 'no-account']).toContain((await set('Wrong-Door-77-candle', hostile)).is);
      }
    });

    it('never writes a guarded account, nor one of several', async () => {
      const { guarded, shared, connector } = peer;
      if (guarded) {
        expect(await connector.find(guarded)).toMatchObject({ is: 'protected' });
        expect(await set('Not-For-Admins-31-bridge', guarded)).toMatchObject({ is: 'rejected' });
        expect(await peer.works(guarded, 'Not-For-Admins-31-bridge')).toBe(false);
      }
      if (shared) {
        expect(await connector.find(shared)).toEqual({ is: 'several' });
        expect(await set('Not-For-Two-32-bridge', shared)).toMatchObject({ is: 'rejected' });
      }
    });

    it('says why a password was refused, without the password', async () => {
      if (peer.refused === undefined) return;
      const outcome = await set(peer.refused);
      expect(outcome).toMatchObject({ is: 'rejected', cause: expect.stringMatching(/\w+ \w+/) });
      expect(await peer.works(peer.person, peer.refused)).toBe(false);
    });

    it('unlocks and asks for a new password where it says it can', async () => {
      const { connector, lock, mustChange, person } = peer;
      expect(lock !== undefined).toBe(connector.can.unlock);
      expect(mustChange !== undefined).toBe(connector.can.mustChange);
      if (lock) {
        await lock.set();
        expect(await lock.isSet()).toBe(true);
        expect(await connector.deliver(person, { is: 'unlock' }, attempt('unlock'))).toEqual({ is: 'delivered' });
        expect(await lock.isSet()).toBe(false);
        await lock.set();
        expect(await set('Opened-With-It-88-ladder')).toEqual({ is: 'delivered' });
        expect(await lock.isSet()).toBe(false);
      }
      if (mustChange) {
        expect(await connector.deliver(person, { is: 'must-change' }, attempt('must'))).toEqual({ is: 'delivered' });
        expect(await mustChange.isSet()).toBe(true);
        expect(await set('Chosen-Anew-44-compass')).toEqual({ is: 'delivered' });
        expect(await mustChange.isSet()).toBe(false);
      }
    });

    it('verifies a password where it says it can', async () => {
      const { connector, person } = peer;
      expect(connector.verify !== undefined).toBe(connector.can.verify);
      if (!connector.verify) return;
      await set('Proven-By-Sign-In-21-anchor');
      expect(await connector.verify(person, new Secret('Proven-By-Sign-In-21-anchor'))).toBe('right');
      expect(await connector.verify(person, new Secret('Something-Else-22-anchor'))).toBe('wrong');
    });

    it('passes its own check', async () => {
      const findings = await peer.connector.check();
      expect(findings.length).toBeGreaterThan(0);
      expect(findings.filter(({ is }) => is === 'failed')).toEqual([]);
    });

    it('asks for later when the system or its credentials fail, for everybody', async () => {
      const { faults, withWrongCredentials, connector } = peer;
      if (withWrongCredentials) {
        const stranger = await withWrongCredentials();
        const order = { is: 'password', password: new Secret('Never-Arrives-11-window'), mustChange: false } as const;
        expect(await stranger.deliver(peer.person, order, attempt('x'))).toMatchObject({ is: 'retry', whole: true });
        expect((await stranger.check()).some(({ is }) => is === 'failed')).toBe(true);
        await stranger.close();
      }
      if (faults) {
        await faults.disappear();
        expect(await set('Never-Arrives-12-window')).toMatchObject({ is: 'retry', whole: true });
        if (connector.can.find) expect(await connector.find(peer.person)).toMatchObject({ is: 'retry', whole: true });
        expect((await connector.check()).some(({ is, fix }) => is === 'failed' && fix !== undefined)).toBe(true);
        await faults.heal();
        expect(await set('Back-Again-13-window')).toEqual({ is: 'delivered' });
        expect(await peer.works(peer.person, 'Back-Again-13-window')).toBe(true);
      }
    });

    it('leaves no password in what the system writes down', async () => {
      const written = await peer.log?.();
      if (written === undefined) return;
      expect(written.length).toBeGreaterThan(0);
      for (const password of passwords) expect(written).not.toContain(password);
    });
  });
}
