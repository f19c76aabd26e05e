/**
 * Two nodes of the built product on one PostgreSQL, and people whose every request goes to the other node: journeys, limits
 * and work are shared, and when one node is killed with -9 the other goes on. `TEST_SEED` repeats a run.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/kernel/secret.ts';
import { smtpSection, writeConfig } from '../kit/config-file.ts';
import { createMailbox } from '../kit/mailbox.ts';
import { type NodeProcess, startNode } from '../kit/node-process.ts';
import { createDice } from '../kit/random-seed.ts';
import { type PostgresServer, startPostgres } from '../kit/servers/postgres.ts';
import { freePort, type TempDir, tempDir, until } from '../kit/servers/process.ts';
import { startSmtpServer, type TestSmtpServer } from '../kit/servers/smtp.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { WebClient } from '../kit/web-client.ts';
import { settleDown } from './crash-people.ts';
import { pages, travelAll } from './crash-travellers.ts';
import { audited, expectTruth, openNode } from './crash-truth.ts';

const FIRST = 'First Heron 7 quietly';
const ORIGIN = 'http://localhost:8080';
const CRASHES = 5;
/** What the outbox promises: no job of a dead node waits longer. */
const TAKEN_UP = 60_000;

interface Side {
  port: number;
  file: string;
  node?: NodeProcess;
  start(): Promise<NodeProcess>;
}

describe('two nodes on PostgreSQL', { timeout: 240_000 }, () => {
  let dir: TempDir;
  let ca: TestCa;
  let smtp: TestSmtpServer;
  let postgres: PostgresServer;
  let sides: [Side, Side];
  beforeEach(async () => {
    dir = await tempDir('nodes');
    ca = await createTestCa();
    smtp = await startSmtpServer(ca);
    postgres = await startPostgres();
    const storage = { ...(await postgres.createDatabase()) };
    const side = async (name: string): Promise<Side> => {
      const folder = join(dir.path, name);
      mkdirSync(folder);
      const port = await freePort();
      const more = { listen: { port }, keysFile: join(dir.path, 'keys.json') };
      const mail = smtpSection(smtp);
      const file = writeConfig(folder, { publicUrl: ORIGIN, directory: { type: 'builtin' }, mail, storage, more });
      const one: Side = {
        port,
        file,
        async start() {
          one.node = await startNode(file, port, join(folder, 'log'));
          return one.node;
        },
      };
      return one;
    };
    sides = [await side('a'), await side('b')];
  }, 60_000);
  afterEach(async () => {
    for (const { node } of sides) await node?.kill();
    await postgres.stop();
    await smtp.close();
    await ca.remove();
    await dir.remove();
  });

  /** Every request to the other node than the one before. */
  const alternating = () => {
    let turn = 0;
    return () => {
      turn += 1;
      return `http://127.0.0.1:${(turn % 2 === 0 ? sides[0] : sides[1]).port}`;
    };
  };

  it('share journeys, limits and work; one is killed with -9 again and again, and nobody loses anything', async () => {
    const dice = createDice();
    const mailbox = createMailbox(smtp);
    const names = Array.from({ length: 16 }, (_, index) => `pilot${index}`);
    const keysFile = join(dir.path, 'keys.json');
    const people = await settleDown(sides[0].file, keysFile, names, FIRST, true);
    let halted = false;
    let failed = false;
    let made = 0;
    const newPassword = () => {
      made += 1;
      return `Brass kettle ${dice.seed} number ${made}`;
    };
    try {
      await Promise.all(sides.map((side) => side.start()));
      const road = { base: alternating(), origin: ORIGIN, mailbox, newPassword };
      const travelling = travelAll(people, 4, road, () => halted);
      travelling.catch(() => {
        failed = true;
      });
      const told = () => people.reduce((sum, person) => sum + person.told, 0);
      for (let crash = 0; crash < CRASHES && !failed; crash += 1) {
        const side = sides[dice.between(0, 1)] as Side;
        const enough = told() + dice.between(0, 2);
        await until(() => failed || told() >= enough, 'some to come through', 30_000);
        const instant = Date.now() + dice.between(0, 1_000);
        await until(() => failed || Date.now() >= instant, 'the instant of the crash');
        await side.node?.kill();
        const meanwhile = told();
        await until(() => failed || told() > meanwhile, 'somebody to come through on the other node', 30_000);
        await side.start();
      }
      halted = true;
      const count = await travelling;
      expect(count.backIn).toBeGreaterThanOrEqual(CRASHES);
      process.stdout.write(`nodes: ${CRASHES} crashes, ${JSON.stringify(count)}, seed ${dice.seed}\n`);
      for (const { node } of sides) await node?.stop();
      await expectTruth({
        file: sides[0].file,
        port: sides[0].port,
        people,
        mailbox,
        origin: ORIGIN,
        async signsIn({ directory }, username, password) {
          const found = await directory.find(username);
          if (found.is !== 'found') return false;
          return (await directory.verifyPassword(found.account, new Secret(password))).is === 'correct';
        },
      });
    } catch (error) {
      halted = true;
      const logs = sides.map(({ node }) => node?.output().slice(-2_000)).join('\n--\n');
      throw new Error(`Repeat with TEST_SEED=${dice.seed}.\n${logs}`, { cause: error });
    }
  });

  it('takes up the mail of a node that died while sending it, and the journey goes on at the other', async () => {
    const keysFile = join(dir.path, 'keys.json');
    const [person] = await settleDown(sides[0].file, keysFile, ['sender'], FIRST, true);
    const mailbox = createMailbox(smtp);
    const [first, second] = sides;
    const node = await first.start();
    const base = { now: `http://127.0.0.1:${first.port}` };
    const client = new WebClient({ base: () => base.now, origin: ORIGIN });
    smtp.fault({ at: 'data', does: 'hang' });
    await client.get('/');
    await client.submit('/recover', { identifier: 'sender' });
    const before = smtp.connections();
    await client.submit('/recover/method', { method: 'email' });
    await until(() => smtp.connections() > before, 'the first node to send', 20_000);
    await second.start();
    await node.kill();
    smtp.fault(undefined);
    base.now = `http://127.0.0.1:${second.port}`;
    const died = Date.now();
    const code = await mailbox.code(person?.address ?? '', 0, TAKEN_UP);
    process.stdout.write(`nodes: taken up after ${Date.now() - died} ms\n`);
    await client.get('/recover');
    await client.submit('/recover/answer', { code });
    expect(client.choices('method')).toEqual(['totp', 'recovery-code']);
  });

  it('counts tries on both nodes together', async () => {
    const keysFile = join(dir.path, 'keys.json');
    const [person] = await settleDown(sides[0].file, keysFile, ['guesser'], FIRST, true);
    await Promise.all(sides.map((side) => side.start()));
    const client = new WebClient({ base: alternating(), origin: ORIGIN });
    await client.get('/');
    await client.submit('/recover', { identifier: 'guesser' });
    await client.submit('/recover/method', { method: 'email' });
    const right = await createMailbox(smtp).code(person?.address ?? '');
    const wrong = right === '11111111' ? '22222222' : '11111111';
    for (let tries = 0; tries < 4; tries += 1) await client.submit('/recover/answer', { code: wrong });
    expect(client.text()).toContain('You have 1 try left.');
    await client.submit('/recover/answer', { code: wrong });
    expect(client.text()).toContain('That code no longer works');
  });

  it('take an answer once, and send one mail, when both are asked at the same instant', async () => {
    const keysFile = join(dir.path, 'keys.json');
    const [person] = await settleDown(sides[0].file, keysFile, ['doubler'], FIRST, true);
    await Promise.all(sides.map((side) => side.start()));
    const client = new WebClient({ base: alternating(), origin: ORIGIN });
    /** The form of this page, sent to both nodes at once, three times to each. */
    const race = async (action: string, typed: Record<string, string>) => {
      const fields = { ...client.form(action).fields, ...typed };
      const racers = [...sides, ...sides, ...sides].map((side) => {
        const racer = new WebClient({ base: `http://127.0.0.1:${side.port}`, origin: ORIGIN });
        for (const [name, value] of client.cookies) racer.cookies.set(name, value);
        return racer;
      });
      await Promise.all(racers.map((racer) => racer.post(action, fields)));
      for (const racer of racers) expect(racer.status).toBe(200);
      // One of them opened the gate and has the new cookie; the old one opens nothing once that was seen.
      const flow = [...client.cookies.keys()].find((name) => name.endsWith('sspr_flow')) ?? '';
      const ahead = racers.find(
        ({ cookies, title }) => cookies.get(flow) !== client.cookies.get(flow) && title !== pages.expired,
      );
      for (const [name, value] of ahead?.cookies ?? []) client.cookies.set(name, value);
      await client.get('/recover');
    };
    const mailbox = createMailbox(smtp);
    const address = person?.address ?? '';
    await client.get('/');
    await client.submit('/recover', { identifier: 'doubler' });
    await race('/recover/method', { method: 'email' });
    await race('/recover/answer', { code: await mailbox.code(address) });
    await client.submit('/recover/method', { method: 'recovery-code' });
    await race('/recover/answer', { code: person?.codes[0] ?? '' });
    const password = 'Seven brass kettles 4 tea';
    await race('/recover/password', { password, again: password });
    await mailbox.arrive(address, /password was reset/);
    for (const { node } of sides) await node?.stop();
    const later = await openNode(sides[0].file);
    try {
      const events = (await audited(later)).map(({ event, method }) => `${event} ${method ?? ''}`.trim());
      const count = (wanted: string) => events.filter((event) => event === wanted).length;
      expect(count('recovery.verified email'), 'the mailed code').toBe(1);
      expect(count('recovery.verified recovery-code'), 'the saved code').toBe(1);
      expect(count('recovery.password-set')).toBe(1);
    } finally {
      await later.close();
    }
    expect(mailbox.subjects(address).filter((subject) => /code to get back in/i.test(subject))).toHaveLength(1);
    expect(mailbox.subjects(address).filter((subject) => /password was reset/.test(subject))).toHaveLength(1);
  });

  it('count starts together, however fast they come', async () => {
    await settleDown(sides[0].file, join(dir.path, 'keys.json'), ['hurrier'], FIRST, true);
    await Promise.all(sides.map((side) => side.start()));
    // The limit of this configuration: 100 an hour for one name.
    const base = alternating();
    const start = async () => {
      const client = new WebClient({ base, origin: ORIGIN });
      await client.get('/');
      await client.submit('/recover', { identifier: 'hurrier' });
      return client.status;
    };
    const statuses: number[] = [];
    for (let round = 0; round < 11; round += 1)
      statuses.push(...(await Promise.all(Array.from({ length: 10 }, () => start()))));
    expect(statuses.filter((status) => status === 200)).toHaveLength(100);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  });
});
