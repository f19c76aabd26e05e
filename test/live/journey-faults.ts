/**
 * The directory is down, hangs, or the conversation with it breaks at any request of the password write: no page ever says
 * what is not so, nothing is lost, and what nobody saw the end of is found out afterwards.
 */
import { describe, expect, it } from 'vitest';
import { createTranslator } from '../../src/text/index.ts';
import { until } from '../kit/servers/process.ts';
import type { Break, Proxy as BreakingProxy } from '../kit/servers/proxy.ts';
import type { WebClient } from '../kit/web-client.ts';
import { FIRST, type Person, SECOND, THIRD } from './journey-house.ts';
import type { JourneyFixture } from './journey-suite.ts';

export interface JourneyNetwork {
  /** Between Sparekey and the directory. */
  proxy: BreakingProxy;
  /** SIGSTOP and SIGCONT of the server. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** More requests than a password write makes. */
const MOST = 40;
const LATER = 31_000;
/** The write itself and what comes after it: reading back, unlocking, parting. */
const LAST = 5;

const t = createTranslator('en');
const UNAVAILABLE = t('outcome.directory-unavailable.title');
const UNKNOWN = t('outcome.unknown-result.title');
const FAILED = t('outcome.blocked-missing-right.title');
const CHOOSE = t('password.title');
const BACK_IN = t('done.title', { name: 'Amina' });

/** Two pages say "One moment": nothing was done yet (503), or nobody knows yet (and then it is looked into). */
const saying = ({ title, status }: Pick<WebClient, 'title' | 'status'>): string =>
  title === t('outcome.one-moment.title') && status !== 503 ? UNKNOWN : title;

/** `everywhere`: breaks the write at each of its requests, not only at the last ones. */
export function faultSuite(
  fixtureNow: () => JourneyFixture,
  enrolled: () => Promise<Person>,
  everywhere: boolean,
): void {
  const network = (): JourneyNetwork => {
    const { network: found } = fixtureNow();
    if (!found) throw new Error('The traits promise a network, but the fixture has none.');
    return found;
  };

  /** Exactly one of both passwords works at the directory. */
  const inForce = async ({ username }: Person): Promise<'old' | 'new'> => {
    const works = (password: string) => fixtureNow().signsIn(username, password);
    let now = false;
    // A server that was woken may do the waiting write between the two questions; then both are asked again.
    await until(async () => {
      now = await works(SECOND);
      return now !== (await works(FIRST));
    }, 'exactly one password to work');
    return now ? 'new' : 'old';
  };

  /** Half a minute later the job looks what became of the write. */
  const settle = async (client: WebClient): Promise<void> => {
    const { house } = fixtureNow();
    house.clock.advance(LATER);
    await until(async () => {
      house.sparekey.outbox.nudge();
      await client.get('/recover');
      return client.title !== UNKNOWN && client.title !== t('outcome.one-moment.title');
    }, 'the write to be settled');
  };

  /** Whatever the page says must be so; where it says "nobody knows", the truth must come out. */
  async function holdAgainstTruth(client: WebClient, person: Person, where: string): Promise<string> {
    const { house } = fixtureNow();
    const said = saying(client);
    const truth = await inForce(person);
    if (said === BACK_IN) expect(truth, where).toBe('new');
    else if ([UNAVAILABLE, FAILED, CHOOSE].includes(said)) expect(truth, where).toBe('old');
    else expect(said, where).toBe(UNKNOWN);
    if (said === FAILED) return said;
    if (said === UNKNOWN) await settle(client);
    if (said === UNAVAILABLE) await client.get('/recover');
    expect(client.title, `${where}, afterwards`).toBe(truth === 'new' ? BACK_IN : CHOOSE);
    if (truth === 'old') {
      if (said === UNKNOWN) expect(client.text(), where).toContain(t('password.not-applied'));
      await house.setPassword(client, THIRD);
      expect(client.title, `${where}, once more without another code`).toBe(BACK_IN);
      expect(await fixtureNow().signsIn(person.username, THIRD)).toBe(true);
    }
    await house.mailbox.arrive(person.addresses[0] ?? '', /your password was reset/);
    return `${said}: ${truth}`;
  }

  /** How many requests an undisturbed write makes; the one that matters is among the last. */
  async function requests(): Promise<number> {
    const { house } = fixtureNow();
    const { proxy } = network();
    const client = await house.bothGates(await enrolled());
    proxy.breakAt(Number.POSITIVE_INFINITY, 'lost-answer');
    await house.setPassword(client, SECOND);
    expect(client.title).toBe(BACK_IN);
    return proxy.counted();
  }

  /** Breaks the write at that request, the next one … until it goes through. */
  async function breakFrom(first: number, how: Break): Promise<string[]> {
    const { proxy } = network();
    const said: string[] = [];
    for (let point = first; point < MOST; point += 1) {
      const person = await enrolled();
      const { house } = fixtureNow();
      const client = await house.bothGates(person);
      proxy.breakAt(point, how);
      await house.setPassword(client, SECOND);
      const reached = proxy.broken();
      proxy.heal();
      said.push(await holdAgainstTruth(client, person, `${how} at ${point}`));
      if (!reached) return said;
    }
    throw new Error(`The write needs more than ${MOST} requests.`);
  }

  describe('when the directory fails', () => {
    it.each(['down', 'hung'] as const)(
      'says so while it is %s, at the start and before the write, and goes on after',
      async (fault) => {
        const { house, signsIn } = fixtureNow();
        const { pause, resume, stop, start } = network();
        const person = await enrolled();
        const ready = await house.bothGates(person);
        const form = ready.form('/recover/password');
        const starting = house.client();
        await starting.get('/');
        await (fault === 'down' ? stop() : pause());
        try {
          await starting.submit('/recover', { identifier: person.username });
          expect([starting.status, starting.title]).toEqual([503, UNAVAILABLE]);
          const stranger = await house.client().get('/');
          await stranger.submit('/recover', { identifier: 'nobody-at-all' });
          expect([stranger.status, stranger.text()], 'the same for everybody').toEqual([503, starting.text()]);
          await house.setPassword(ready, SECOND);
          expect([ready.status, ready.title]).toEqual([503, UNAVAILABLE]);
        } finally {
          await (fault === 'down' ? start() : resume());
        }
        await until(async () => (await house.sparekey.directory.find(person.username)).is === 'found', 'the directory');
        expect(await signsIn(person.username, FIRST)).toBe(true);
        await ready.post('/recover/password', { ...form.fields, password: SECOND, again: SECOND });
        expect(ready.title, 'the same form works now: nothing was used up').toBe(BACK_IN);
        expect(await signsIn(person.username, SECOND)).toBe(true);
      },
    );

    it('never tells what is not so, wherever a lost answer breaks the write', async () => {
      const said = await breakFrom(everywhere ? 1 : (await requests()) - LAST, 'lost-answer');
      expect(said).toContain(`${UNKNOWN}: new`);
      expect(said.at(-1)).toBe(`${BACK_IN}: new`);
    });

    it('nor where a lost request does, nor when the server is stopped in the middle of the write', async () => {
      const first = (await requests()) - LAST;
      const said = await breakFrom(first, 'lost-request');
      expect(said).toContain(`${UNKNOWN}: old`);
      expect(said.at(-1)).toBe(`${BACK_IN}: new`);

      const { house } = fixtureNow();
      const { proxy, pause, resume } = network();
      const person = await enrolled();
      const client = await house.bothGates(person);
      proxy.breakAt(first + said.indexOf(`${UNKNOWN}: old`), 'hang', pause);
      try {
        await house.setPassword(client, SECOND);
      } finally {
        resume();
        proxy.heal();
      }
      expect(saying(client), 'stopped in the middle of the write').toBe(UNKNOWN);
      await until(
        async () => (await house.sparekey.directory.find(person.username)).is === 'found',
        'the woken server',
      );
      await holdAgainstTruth(client, person, 'stopped in the middle of the write');
    });
  });
}
