/** The part of the directory contract that needs a server to stop, to hang and to cut off. */
import { describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.ts';
import type { Account } from '../../src/kernel/account.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { until } from '../kit/servers/process.ts';
import type { Break } from '../kit/servers/proxy.ts';
import type { ContractPerson, DirectorySubject, NetworkHooks } from './directory.ts';

const TIMEOUTS = { connectTimeout: 3_000, operationTimeout: 3_000 };
const HASTY = { connectTimeout: 700, operationTimeout: 700 };

export function networkContract(
  subjectNow: () => DirectorySubject,
  add: () => Promise<ContractPerson & { account: Account }>,
): void {
  const hooks = (): NetworkHooks => {
    const { network } = subjectNow();
    if (!network) throw new Error('The traits promise a network, but the subject has no network hooks.');
    return network;
  };

  describe('when the network or the server fails', () => {
    /** Breaks a write at its first request, at its second … until it goes through, and holds every answer against the truth. */
    async function breakEverywhere(how: Break, timeouts: typeof TIMEOUTS, old: boolean): Promise<string[]> {
      const { proxy, open } = hooks();
      const outcomes: string[] = [];
      for (let point = 1; point < 40; point += 1) {
        const person = await add();
        const next = 'Second-Passw0rd';
        const directory = await open(timeouts);
        proxy.breakAt(point, how);
        const options = old ? { old: new Secret(person.password) } : {};
        const outcome = await directory.writePassword(person.account, new Secret(next), options);
        const reached = proxy.broken();
        proxy.heal();
        await directory.close();
        const oldWorks = await subjectNow().signsIn(person.username, person.password);
        const newWorks = await subjectNow().signsIn(person.username, next);
        const where = `${how} at ${point}: ${JSON.stringify(outcome)}`;
        expect(newWorks, where).toBe(!oldWorks);
        expect(['applied', 'failed', 'unavailable', 'unknown'], where).toContain(outcome.is);
        if (outcome.is === 'failed' || outcome.is === 'unavailable') expect(oldWorks, where).toBe(true);
        if (outcome.is === 'applied') expect(newWorks, where).toBe(true);
        outcomes.push(outcome.is);
        if (!reached) return outcomes;
      }
      throw new Error('The write needs more than 40 requests.');
    }

    it.each<Break>(['lost-request', 'lost-answer'])(
      'never reports a reset as what it is not, wherever a %s breaks it',
      async (how) => {
        const outcomes = await breakEverywhere(how, TIMEOUTS, false);
        expect(outcomes[0]).toBe('unavailable');
        expect(outcomes).toContain('unknown');
        expect(outcomes.at(-1)).toBe('applied');
      },
    );

    it('never reports a change as what it is not, wherever a lost answer breaks it', async () => {
      const outcomes = await breakEverywhere('lost-answer', TIMEOUTS, true);
      expect(outcomes).toContain('unknown');
      expect(outcomes.at(-1)).toBe('applied');
    });

    it('calls a reset unknown when the server goes silent after taking it', async () => {
      const outcomes = await breakEverywhere('hang', HASTY, false);
      expect(outcomes).toContain('unknown');
    });

    it('says unavailable while the server hangs, and works again afterwards', async () => {
      const { account, password } = await add();
      const { open, pause, resume } = hooks();
      const directory = await open(HASTY);
      expect((await directory.load(account.key)).is).toBe('found');
      pause();
      try {
        await expectUnavailable(directory, account);
      } finally {
        resume();
      }
      await until(async () => (await directory.load(account.key)).is === 'found', 'the woken server');
      expect(await directory.verifyPassword(account, new Secret(password))).toEqual({ is: 'correct' });
      await directory.close();
    });

    it('says unavailable while the server is down, and works again once it is back', async () => {
      const { account, password } = await add();
      const { stop, start } = hooks();
      const { directory } = subjectNow();
      await stop();
      try {
        await expectUnavailable(directory, account);
      } finally {
        await start();
      }
      await until(async () => (await directory.load(account.key)).is === 'found', 'the restarted server');
      expect(await directory.verifyPassword(account, new Secret(password))).toEqual({ is: 'correct' });
    });

    async function expectUnavailable(directory: Directory, account: Account): Promise<void> {
      const cause = expect.stringMatching(/./);
      const password = new Secret('Second-Passw0rd');
      expect(await directory.find(account.username)).toEqual({ is: 'unavailable', cause });
      expect(await directory.preflight(account)).toEqual({ is: 'unavailable', cause });
      expect(await directory.verifyPassword(account, password)).toEqual({ is: 'unavailable', cause });
      expect(await directory.passwordMarker(account)).toBeUndefined();
      expect(await directory.writePassword(account, password), 'nothing was sent').toEqual({
        is: 'unavailable',
        cause,
      });
      const findings = await directory.check();
      expect(findings).toContainEqual(expect.objectContaining({ is: 'failed', cause, fix: cause, key: cause }));
    }

    it('works on when the server has dropped the idle connection', async () => {
      const { account } = await add();
      const { directory } = subjectNow();
      expect((await directory.load(account.key)).is).toBe('found');
      hooks().proxy.heal();
      expect((await directory.load(account.key)).is).toBe('found');
    });

    it('leaves no connection open after close, and opens none again', async () => {
      const { account } = await add();
      const { open, proxy } = hooks();
      proxy.heal();
      await until(() => proxy.connections() === 0, 'a quiet proxy');
      const directory = await open(TIMEOUTS);
      await Promise.all([1, 2, 3].map(() => directory.load(account.key)));
      await directory.verifyPassword(account, new Secret('wrong'));
      await directory.writePassword(account, new Secret('x'));
      expect(proxy.connections(), 'some are kept').toBeGreaterThan(0);
      await directory.close();
      await until(() => proxy.connections() === 0, 'all connections to end');
      expect((await directory.load(account.key)).is).toBe('unavailable');
      expect(proxy.connections()).toBe(0);
    });
  });
}
