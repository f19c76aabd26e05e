/**
 * The built product under kill -9 at random instants, while people recover their passwords: what was told to anybody is
 * true afterwards, nothing counts twice, nobody is left without a password. `TEST_SEED` repeats a run.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/kernel/secret.ts';
import { smtpSection, writeConfig } from '../kit/config-file.ts';
import { createMailbox } from '../kit/mailbox.ts';
import { type NodeProcess, startNode } from '../kit/node-process.ts';
import { createDice } from '../kit/random-seed.ts';
import { freePort, type TempDir, tempDir, until } from '../kit/servers/process.ts';
import { personLdif, type Slapd, startSlapd } from '../kit/servers/slapd.ts';
import { startSmtpServer, type TestSmtpServer } from '../kit/servers/smtp.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { WebClient } from '../kit/web-client.ts';
import { settleDown } from './crash-people.ts';
import { travelAll } from './crash-travellers.ts';
import { expectTruth, type TruthInput } from './crash-truth.ts';

const FIRST = 'First Heron 7 quietly';
const LANES = 4;
const FEWEST_ROUNDS = 6;
const MOST_ROUNDS = 12;

describe('kill -9', { timeout: 240_000 }, () => {
  let dir: TempDir;
  let ca: TestCa;
  let smtp: TestSmtpServer;
  let node: NodeProcess | undefined;
  beforeEach(async () => {
    dir = await tempDir('crash');
    ca = await createTestCa();
    smtp = await startSmtpServer(ca);
  });
  afterEach(async () => {
    await node?.kill();
    node = undefined;
    await smtp.close();
    await ca.remove();
    await dir.remove();
  });

  /** Writes the configuration of one node with SQLite. */
  async function settings(directory: Record<string, unknown>) {
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const file = writeConfig(dir.path, { publicUrl: origin, port, directory, mail: smtpSection(smtp) });
    return { port, origin, file };
  }

  /** At least ten crashes, as many more as fit into `bound` (ms). */
  async function crashes(
    bound: number,
    directory: Record<string, unknown>,
    names: readonly string[],
    signsIn: TruthInput['signsIn'],
  ): Promise<void> {
    const dice = createDice();
    const { port, origin, file } = await settings(directory);
    const mailbox = createMailbox(smtp);
    const keysFile = join(dir.path, 'keys.json');
    const people = await settleDown(file, keysFile, names, FIRST, directory['type'] === 'builtin');
    const start = () => startNode(file, port, join(dir.path, 'node.log'));
    let halted = false;
    let made = 0;
    const newPassword = () => {
      made += 1;
      return `Brass kettle ${dice.seed} number ${made}`;
    };
    try {
      node = await start();
      const road = { base: () => `http://127.0.0.1:${port}`, origin, mailbox, newPassword };
      const travelling = travelAll(people, LANES, road, () => halted);
      // A mistake that somebody meets on the way ends the rounds early.
      let failed = false;
      travelling.catch(() => {
        failed = true;
      });
      const told = () => people.reduce((sum, person) => sum + person.told, 0);
      const began = Date.now();
      let rounds = 0;
      for (; !failed && rounds < MOST_ROUNDS && (rounds < FEWEST_ROUNDS || Date.now() - began < bound); rounds += 1) {
        // Some come through, then a random moment more: so every instant of a recovery has its turn.
        const enough = told() + dice.between(0, 2);
        await until(() => failed || told() >= enough, 'some to come through', 20_000);
        const instant = Date.now() + dice.between(0, 1_500);
        await until(() => failed || Date.now() >= instant, 'the instant of the crash');
        await node.kill();
        node = await start();
      }
      const before = told();
      await until(() => failed || told() > before, 'somebody to come through after the last crash', 60_000);
      halted = true;
      const count = await travelling;
      expect(count.backIn, 'enough came through for this to mean something').toBeGreaterThanOrEqual(rounds / 2);
      process.stdout.write(`crash: ${rounds} rounds, ${JSON.stringify(count)}, seed ${dice.seed}\n`);
      await node.stop();
      expect(node.output(), 'no unexpected stack trace').not.toMatch(/TypeError|ReferenceError|unhandled/i);
      await expectTruth({ file, port, people, mailbox, origin, signsIn });
      const database = new DatabaseSync(join(dir.path, 'sparekey.sqlite'), { readOnly: true });
      expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
      database.close();
    } catch (error) {
      halted = true;
      throw new Error(`Repeat with TEST_SEED=${dice.seed}.\n${node?.output().slice(-3_000)}`, { cause: error });
    }
  }

  it('takes nothing back and nothing twice with the built-in directory', async () => {
    const names = Array.from({ length: 24 }, (_, index) => `rider${index}`);
    await crashes(30_000, { type: 'builtin' }, names, async ({ directory }, username, password) => {
      const found = await directory.find(username);
      return (
        found.is === 'found' && (await directory.verifyPassword(found.account, new Secret(password))).is === 'correct'
      );
    });
  });

  it('takes nothing back and nothing twice with OpenLDAP', async () => {
    const names = Array.from({ length: 24 }, (_, index) => `sailor${index}`);
    const people = names.map((uid) => personLdif({ uid, password: FIRST })).join('');
    const slapd: Slapd = await startSlapd({ ca, ldif: people });
    try {
      const directory = { type: 'openldap', ...slapd.config() };
      await crashes(20_000, directory, names, (_, username, password) =>
        slapd.bindAs(slapd.personDn(username), password),
      );
    } finally {
      await slapd.stop();
    }
  });

  it('forgets no try: a code with one try left has one try left', async () => {
    const { port, origin, file } = await settings({ type: 'builtin' });
    const [person] = await settleDown(file, join(dir.path, 'keys.json'), ['guesser'], FIRST, true);
    const start = () => startNode(file, port, join(dir.path, 'node.log'));
    node = await start();
    const client = new WebClient({ base: `http://127.0.0.1:${port}`, origin });
    await client.get('/');
    await client.submit('/recover', { identifier: 'guesser' });
    await client.submit('/recover/method', { method: 'email' });
    const right = await createMailbox(smtp).code(person?.address ?? '');
    const wrong = right === '11111111' ? '22222222' : '11111111';
    for (let tries = 0; tries < 4; tries += 1) await client.submit('/recover/answer', { code: wrong });
    expect(client.text()).toContain('You have 1 try left.');
    const last = client.form('/recover/answer').fields;
    await node.kill();
    node = await start();
    await client.post('/recover/answer', { ...last, code: wrong });
    expect(client.text()).toContain('That code no longer works');
    await client.post('/recover/answer', { ...last, code: right });
    expect(client.choices('method'), 'the right code comes too late').toEqual([
      'passkey',
      'email',
      'totp',
      'recovery-code',
    ]);
    await node.stop();
  });
});
