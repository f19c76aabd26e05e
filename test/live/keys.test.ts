/**
 * Keys are rotated under people who recover their passwords: nobody notices, journeys go on, the old key is gone in the end. One
 * node with SQLite, then two on PostgreSQL, each with a key file of its own. `TEST_SEED` repeats a run.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyDates } from '../../src/config/keys-file.ts';
import { smtpSection, writeConfig } from '../kit/config-file.ts';
import { createMailbox } from '../kit/mailbox.ts';
import { cli, type NodeProcess, startNode } from '../kit/node-process.ts';
import { createDice } from '../kit/random-seed.ts';
import { type PostgresServer, startPostgres } from '../kit/servers/postgres.ts';
import { freePort, type TempDir, tempDir, until } from '../kit/servers/process.ts';
import { startSmtpServer, type TestSmtpServer } from '../kit/servers/smtp.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { WebClient } from '../kit/web-client.ts';
import { settleDown } from './crash-people.ts';
import { travelAll } from './crash-travellers.ts';

const FIRST = 'First Heron 7 quietly';
const ORIGIN = 'http://localhost:8080';
/** s; longer than a node takes to see what came into its key file. */
const WAIT = '12';

interface Side {
  port: number;
  file: string;
  keysFile: string;
  node?: NodeProcess;
  start(): Promise<void>;
}

describe('keys are rotated while people recover their passwords', { timeout: 240_000 }, () => {
  let dir: TempDir;
  let ca: TestCa;
  let smtp: TestSmtpServer;
  let postgres: PostgresServer | undefined;
  let sides: Side[] = [];
  beforeEach(async () => {
    dir = await tempDir('keys');
    ca = await createTestCa();
    smtp = await startSmtpServer(ca);
  });
  afterEach(async () => {
    for (const { node } of sides) await node?.kill();
    sides = [];
    await postgres?.stop();
    postgres = undefined;
    await smtp.close();
    await ca.remove();
    await dir.remove();
  });

  async function side(name: string, storage: Record<string, unknown>): Promise<Side> {
    const folder = join(dir.path, name);
    mkdirSync(folder);
    const port = await freePort();
    const keysFile = join(folder, 'keys.json');
    const mail = smtpSection(smtp);
    const more = { listen: { port } };
    const file = writeConfig(folder, { publicUrl: ORIGIN, directory: { type: 'builtin' }, mail, storage, more });
    const one: Side = {
      port,
      file,
      keysFile,
      async start() {
        one.node = await startNode(file, port, join(folder, 'log'));
      },
    };
    return one;
  }

  const keys = (command: string, on: Side) =>
    cli(['keys', command, ...(command === 'rotate' ? ['--wait', WAIT] : []), '-c', on.file]);
  const ids = ({ keysFile }: Side): string[] => [...keyDates(keysFile).keys()];

  /** People travel while `work` is done; then everything must have gone well. */
  async function under(
    first: Side,
    work: (road: { base: () => string; mailbox: ReturnType<typeof createMailbox> }) => Promise<void>,
  ) {
    const dice = createDice();
    const names = [...Array.from({ length: 10 }, (_, index) => `keeper${index}`), 'patient'];
    const people = await settleDown(first.file, first.keysFile, names, FIRST, true);
    for (const other of sides.filter((one) => one !== first)) copyFileSync(first.keysFile, other.keysFile);
    await Promise.all(sides.map((one) => one.start()));
    let turn = 0;
    const base = () => {
      turn += 1;
      return `http://127.0.0.1:${sides[turn % sides.length]?.port}`;
    };
    const mailbox = createMailbox(smtp);
    let [halted, made] = [false, 0];
    const newPassword = () => {
      made += 1;
      return `Brass kettle ${dice.seed} number ${made}`;
    };
    const travelling = travelAll(people.slice(0, -1), 3, { base, origin: ORIGIN, mailbox, newPassword }, () => halted);
    travelling.catch(() => {});
    const told = () => people.reduce((sum, person) => sum + person.told, 0);
    try {
      await until(() => told() > 0, 'somebody to come through', 30_000);
      await work({ base, mailbox });
      const before = told();
      await until(() => told() > before, 'somebody to come through afterwards', 30_000);
      halted = true;
      expect((await travelling).backIn).toBeGreaterThan(1);
      for (const { node } of sides) {
        expect(node?.output()).not.toMatch(/not in the key file|"level":50|TypeError/);
        await node?.stop();
      }
      const verified = await cli(['audit', 'verify', '-c', first.file]);
      expect(verified, verified.stdout).toMatchObject({ code: 0 });
    } catch (error) {
      halted = true;
      const logs = sides.map(({ node }) => node?.output().slice(-2_000)).join('\n--\n');
      throw new Error(`Repeat with TEST_SEED=${dice.seed}.\n${logs}`, { cause: error });
    }
  }

  it('with SQLite: a journey that was begun before ends after it, and a restart needs the new key only', async () => {
    const one = await side('one', { engine: 'sqlite', file: 'sparekey.sqlite' });
    sides = [one];
    await under(one, async ({ mailbox, base }) => {
      const client = new WebClient({ base, origin: ORIGIN });
      await client.get('/');
      await client.submit('/recover', { identifier: 'patient' });
      await client.submit('/recover/method', { method: 'email' });
      const code = await mailbox.code('patient@private.example');
      const [old] = ids(one);
      const rotated = await keys('rotate', one);
      expect(rotated, rotated.stdout + rotated.stderr).toMatchObject({ code: 0 });
      const [fresh] = ids(one);
      expect(rotated.stdout).toContain(`the key ${fresh} seals everything now`);
      expect(fresh).not.toBe(old);
      const listed = (await keys('list', one)).stdout;
      expect(listed).toMatch(new RegExp(`^${fresh} .* seals +[1-9]\\d* values`, 'm'));
      expect(listed).toMatch(new RegExp(`^${old} .* opens +0 values`, 'm'));
      const finished = await keys('finish', one);
      expect(finished, finished.stdout + finished.stderr).toMatchObject({ code: 0 });
      expect(finished.stdout).toContain(
        'Backups of the database made before the rotation still need the key file of that time',
      );
      expect(ids(one)).toEqual([fresh]);
      await one.node?.stop();
      await one.start();
      await client.get('/recover');
      await client.submit('/recover/answer', { code });
      expect(client.choices('method'), 'the journey goes on').toEqual(['totp', 'recovery-code']);
    });
  });

  it('on PostgreSQL, node by node: the new key is used only when every node can read it', async () => {
    postgres = await startPostgres();
    const storage = { ...(await postgres.createDatabase()) };
    const [a, b] = [await side('a', storage), await side('b', storage)];
    sides = [a, b];
    await under(a, async () => {
      const [old] = ids(a);
      const waiting = await keys('rotate', a);
      expect(waiting.code).toBe(1);
      expect(waiting.stdout).toMatch(
        /seals nothing yet, because these nodes don’t have it: .*, process \d+\. Copy the file/,
      );
      const [fresh] = ids(a);
      expect(ids(b)).toEqual([old]);
      copyFileSync(a.keysFile, b.keysFile);
      const rotated = await keys('rotate', a);
      expect(rotated, rotated.stdout + rotated.stderr).toMatchObject({ code: 0 });
      expect(ids(a)).toEqual([fresh, old]);
      const finished = await keys('finish', a);
      expect(finished, finished.stdout + finished.stderr).toMatchObject({ code: 0 });
      copyFileSync(a.keysFile, b.keysFile);
      for (const one of sides) {
        expect(ids(one)).toEqual([fresh]);
        await one.node?.stop();
        await one.start();
      }
    });
  });
});
