/** A13: time tells nothing. Answers about an account take at least the floor; what has no floor does the same work for all. */
import { describe, expect, test } from 'vitest';
import { createFloor } from '../../src/http/floor.ts';
import { type Built, build, SEED } from '../kit/build.ts';
import { identify } from '../kit/steps.ts';

const FLOOR = 60;
const people = Array.from({ length: 4 }, (_, n) => ({
  username: `person${n}`,
  addresses: [`p${n}@private.example`, `p${n}@second.example`],
  seed: SEED,
}));
const generous = {
  SPAREKEY_LIMITS_STARTS_PER_IDENTIFIER_PER_HOUR: '100',
  SPAREKEY_LIMITS_STARTS_PER_IP_PER_HOUR: '10000',
  SPAREKEY_LIMITS_SENDS_PER_ACCOUNT_PER_HOUR: '50',
  SPAREKEY_LIMITS_SENDS_PER_ACCOUNT_PER_DAY: '200',
  SPAREKEY_LIMITS_SENDS_PER_DESTINATION_PER_HOUR: '50',
};
const withFloor = (milliseconds: number) => ({
  ...generous,
  SPAREKEY_RESPONSE_FLOOR_MILLISECONDS: String(milliseconds),
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Mann–Whitney U as a z-score: beyond ±4 two samples of one distribution come once in 15,000 runs. */
function zOf(one: readonly number[], other: readonly number[]): number {
  const ranked = [...one.map((value) => ({ value, first: true })), ...other.map((value) => ({ value, first: false }))];
  ranked.sort((a, b) => a.value - b.value);
  const rankSum = ranked.reduce((sum, { first }, n) => (first ? sum + n + 1 : sum), 0);
  const [n, m] = [one.length, other.length];
  const u = rankSum - (n * (n + 1)) / 2;
  return (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12);
}

/** The same request `rounds` times for known and unknown names, in turns, a few at once. */
async function compare(built: Built, rounds: number, measure: (name: string) => Promise<number>) {
  const times: Record<string, number[]> = { person: [], nobody: [] };
  const one = async (kind: string, n: number) => times[kind]?.push(await measure(`${kind}${n % 4}`));
  for (let done = 0; done < rounds; done += 4) {
    const batch = [0, 1, 2, 3].flatMap((n) =>
      (n % 2 === (done / 4) % 2 ? ['person', 'nobody'] : ['nobody', 'person']).map((kind) => one(kind, n)),
    );
    await Promise.all(batch);
  }
  await built.mails();
  return zOf(times['person'] ?? [], times['nobody'] ?? []);
}

describe('the floor', () => {
  test.each(['person0', 'nobody'])('holds for every answer before the first gate, for %s', async (name) => {
    const built = await build({ people, env: withFloor(FLOOR) });
    const client = await built.client().get('/');
    const steps: [string, Record<string, string>][] = [
      ['/recover', { identifier: name }],
      ['/recover/method', { method: 'email' }],
      ['/recover/answer', { code: '00000000' }],
      ['/recover/resend', {}],
      ['/recover/another', {}],
      ['/recover/method', { method: 'recovery-code' }],
      ['/recover/cancel', {}],
    ];
    for (const [action, typed] of steps)
      expect(await timed(() => client.submit(action, typed)), action).toBeGreaterThanOrEqual(FLOOR - 1);
    await client.get('/sign-in');
    const wrong = { username: name, password: 'not the right one at all' };
    expect(await timed(() => client.submit('/sign-in', wrong))).toBeGreaterThanOrEqual(FLOOR - 1);
    await client.get('/change');
    const change = { username: name, current: 'not the right one', password: 'a lantern over the harbour' };
    expect(await timed(() => client.submit('/change', change))).toBeGreaterThanOrEqual(FLOOR - 1);
  });

  test('holds for failures, too', async () => {
    const floor = createFloor({ milliseconds: FLOOR, jitter: 0 });
    const failing = async () => {
      throw new Error('broken');
    };
    expect(await timed(() => floor(failing).catch(() => {}))).toBeGreaterThanOrEqual(FLOOR - 1);
  });
});

describe('statistics over known and unknown names', () => {
  /** A directory that takes longer about real people, as every directory does. */
  const beginning = async (milliseconds: number, rounds: number) => {
    const built = await build({ people, env: withFloor(milliseconds) });
    const { preflight } = built.directory;
    built.directory.preflight = async (account) => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      return preflight(account);
    };
    const start = await built.client().get('/');
    return compare(built, rounds, (name) => timed(() => start.submitted('/recover', { identifier: name })));
  };

  test('beginning takes equally long, though the directory is asked more about a real person', async () => {
    expect(Math.abs(await beginning(150, 200))).toBeLessThan(4);
  });

  test('it would show without the floor, so this measure measures', async () => {
    expect(Math.abs(await beginning(0, 160))).toBeGreaterThan(4);
  });

  test('looking at the page of a journey, which has no floor, takes equally long', async () => {
    const built = await build({ people, env: generous });
    const clients = new Map<string, Awaited<ReturnType<typeof identify>>>();
    for (const kind of ['person', 'nobody'])
      for (let n = 0; n < 4; n += 1) clients.set(`${kind}${n}`, await identify(built.client(), `${kind}${n}`));
    const z = await compare(built, 400, (name) => timed(() => clients.get(name)?.get('/recover') as Promise<unknown>));
    expect(Math.abs(z)).toBeLessThan(4);
  });
});
