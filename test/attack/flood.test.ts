/** A31: a flood of what is not even a journey costs no password hash and leaves no row. */
import { beforeEach, expect, test, vi } from 'vitest';
import { type Built, build, SEED } from '../kit/build.ts';
import { choose, identify } from '../kit/steps.ts';

const hashes = vi.hoisted(() => ({ count: 0 }));
vi.mock('../../src/kernel/argon2.ts', async (original) => {
  const real = await original<typeof import('../../src/kernel/argon2.ts')>();
  const counted =
    <Args extends unknown[], Result>(work: (...args: Args) => Result) =>
    (...args: Args): Result => {
      hashes.count += 1;
      return work(...args);
    };
  return {
    ...real,
    argon2Hash: counted(real.argon2Hash),
    argon2Verify: counted(real.argon2Verify),
    sameSaltHash: counted(real.sameSaltHash),
  };
});

beforeEach(() => {
  hashes.count = 0;
});

const TABLES = ['flows', 'sessions', 'counters', 'outbox', 'audit', 'authenticators'] as const;
const rows = async ({ storage }: Built) =>
  Promise.all(
    TABLES.map(async (table) => {
      const { n } = await storage.db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
      return `${table} ${n}`;
    }),
  );

test('forged links, garbage cookies, GETs and forms without a token cost nothing that lasts', async () => {
  const built = await build({ people: [{ username: 'amina', addresses: ['a@private.example'], seed: SEED }] });
  const before = await rows(built);
  hashes.count = 0;
  const garbage = '__Host-sspr_flow=garbage; __Host-sspr_sid=garbage; __Host-sspr_csrf=garbage';
  for (let n = 0; n < 20; n += 1)
    for (const [method, url] of [
      ['GET', '/'],
      ['GET', '/recover'],
      ['GET', '/recover/link'],
      ['GET', '/safety'],
      ['GET', '/ways/add/recovery-code'],
      ['GET', '/change'],
      ['POST', '/recover'],
      ['POST', '/recover/link'],
      ['POST', '/recover/answer'],
      ['POST', '/sign-in'],
      ['POST', '/change'],
    ] as const)
      await built.server.inject({
        method,
        url,
        headers: {
          cookie: garbage.replaceAll('garbage', `g${n}`),
          'content-type': 'application/x-www-form-urlencoded',
        },
        ...(method === 'POST'
          ? { payload: `identifier=amina&token=${'A'.repeat(43)}&step=x&code=1&username=amina&password=x` }
          : {}),
      });
  expect(hashes.count).toBe(0);
  expect(await rows(built)).toEqual(before);
});

test('a made-up token posted without a journey, with a good form, costs no hash and no row either', async () => {
  const built = await build();
  const client = await built.client().get('/recover/link');
  const before = await rows(built);
  hashes.count = 0;
  for (let n = 0; n < 20; n += 1) {
    await client.get('/recover/link');
    await client.submit('/recover/link', { token: 'A'.repeat(43) });
  }
  expect(hashes.count).toBe(0);
  expect(await rows(built)).toEqual(before);
});

test('a network over its limit of beginnings leaves one row in the audit and no more', async () => {
  const built = await build();
  const client = built.client();
  for (let n = 0; n < 21; n += 1) await identify(client, `name${n}`);
  const before = await rows(built);
  for (let n = 0; n < 50; n += 1) await identify(client, `other${n}`);
  expect(await rows(built)).toEqual(before);
});

test('unknown names are not kept for ever: rows of journeys, counters and messages go', async () => {
  const built = await build();
  const { upkeep } = await import('../../src/upkeep.ts');
  for (let n = 0; n < 3; n += 1) await choose(await identify(built.client(), `name${n}`), 'email');
  await built.mails();
  built.clock.advance(400 * 24 * 60 * 60_000);
  await upkeep(built.flow, built.config.privacy.keep);
  expect((await rows(built)).filter((line) => !line.startsWith('audit'))).toEqual(
    TABLES.filter((table) => table !== 'audit').map((table) => `${table} 0`),
  );
});
