/**
 * `sparekey backup` and `sparekey restore` as operators run them: copies are made while people recover their passwords, every one
 * is whole, and what is restored works. `TEST_SEED` repeats a run.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAudit } from '../../src/audit/index.ts';
import { readAudit } from '../../src/audit/read.ts';
import { createKeysFile, readKeysFile } from '../../src/config/keys-file.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { openStorage } from '../../src/storage/index.ts';
import { smtpSection, writeConfig } from '../kit/config-file.ts';
import { createMailbox } from '../kit/mailbox.ts';
import { cli, type NodeProcess, startNode } from '../kit/node-process.ts';
import { createDice } from '../kit/random-seed.ts';
import { freePort, type TempDir, tempDir, until } from '../kit/servers/process.ts';
import { startSmtpServer, type TestSmtpServer } from '../kit/servers/smtp.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { settleDown } from './crash-people.ts';
import { travel, travelAll } from './crash-travellers.ts';

const FIRST = 'First Heron 7 quietly';
const COPIES = 6;

describe('the embedded database', { timeout: 240_000 }, () => {
  let dir: TempDir;
  let ca: TestCa;
  let smtp: TestSmtpServer;
  let node: NodeProcess | undefined;
  let file: string;
  let keysFile: string;
  let database: string;
  let port: number;
  beforeEach(async () => {
    dir = await tempDir('backup');
    ca = await createTestCa();
    smtp = await startSmtpServer(ca);
    port = await freePort();
    const publicUrl = `http://localhost:${port}`;
    file = writeConfig(dir.path, { publicUrl, port, directory: { type: 'builtin' }, mail: smtpSection(smtp) });
    keysFile = join(dir.path, 'keys.json');
    database = join(dir.path, 'sparekey.sqlite');
  });
  afterEach(async () => {
    await node?.kill();
    node = undefined;
    await smtp.close();
    await ca.remove();
    await dir.remove();
  });

  const backup = (target: string, ...more: string[]) => cli(['backup', target, ...more, '-c', file]);
  const restore = (source: string) => cli(['restore', source, '-c', file]);
  const keyring = () => {
    const found = readKeysFile(keysFile);
    if (found.is !== 'opened') throw new Error(found.is);
    return createKeyring(found.keys);
  };

  /** Password changes that a database knows of, after its chain was proven. */
  async function proven(path: string): Promise<number> {
    const storage = await openStorage({ engine: 'sqlite', file: path });
    try {
      expect((await createAudit({ keyring: keyring(), clock: systemClock }).verify(storage.db)).faults).toEqual([]);
      const entries = await readAudit(storage.db, { limit: 100_000 });
      return entries.filter(({ event }) => event === 'recovery.password-set').length;
    } finally {
      await storage.close();
    }
  }

  it('is copied whole while people write to it, again and again, and restored to work', async () => {
    const dice = createDice();
    const names = Array.from({ length: 12 }, (_, index) => `keeper${index}`);
    const people = await settleDown(file, keysFile, names, FIRST, true);
    node = await startNode(file, port, join(dir.path, 'node.log'));
    let [halted, failed, made] = [false, false, 0];
    const newPassword = () => {
      made += 1;
      return `Brass kettle ${dice.seed} number ${made}`;
    };
    const road = {
      base: () => `http://127.0.0.1:${port}`,
      origin: `http://localhost:${port}`,
      mailbox: createMailbox(smtp),
      newPassword,
    };
    const travelling = travelAll(people, 4, road, () => halted);
    travelling.catch(() => {
      failed = true;
    });
    const told = () => people.reduce((sum, person) => sum + person.told, 0);
    const copies = join(dir.path, 'copies');
    mkdirSync(copies);
    const counts: number[] = [];
    for (let n = 0; n < COPIES && !failed; n += 1) {
      const before = told();
      await until(() => failed || told() > before, 'somebody to come through', 30_000);
      const sure = told();
      const target = join(copies, `${n}.sqlite`);
      const saved = await backup(target);
      expect(saved, saved.stderr).toMatchObject({ code: 0 });
      expect(saved.stdout).toContain('chain intact');
      expect(saved.stdout).toContain(`NOT in it: the key file ${keysFile}. Without that file this backup is useless`);
      expect((statSync(target).mode & 0o777).toString(8)).toBe('600');
      expect(readdirSync(copies), 'nothing is left beside it').toHaveLength(n + 1);
      const copy = new DatabaseSync(target, { readOnly: true });
      expect(copy.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
      expect(copy.prepare('select count(*) = (select seq from audit_head) as whole from audit').get()).toEqual({
        whole: 1,
      });
      copy.close();
      // Opened apart, so that the copy itself stays as it is.
      const looked = join(dir.path, `looked-${n}.sqlite`);
      copyFileSync(target, looked);
      counts.push(await proven(looked));
      expect(counts.at(-1), 'what was told before is in the copy').toBeGreaterThanOrEqual(sure);
    }
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    const last = join(copies, `${COPIES - 1}.sqlite`);
    const taken = await backup(last);
    expect(taken).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exists. Name another file, or add --force'),
    });
    const running = await restore(join(copies, '0.sqlite'));
    expect(running).toMatchObject({ code: 1, stderr: expect.stringContaining('Stop it first; nothing was changed') });
    halted = true;
    const count = await travelling;
    expect(count.backIn).toBeGreaterThan(0);
    expect((await backup(last, '--force')).code).toBe(0);
    await node.stop();
    const atTheEnd = await proven(database);

    const back = await restore(join(copies, '1.sqlite'));
    expect(back, back.stderr).toMatchObject({ code: 0 });
    expect(await proven(database)).toBe(counts[1]);
    const aside = readdirSync(dir.path).find((name) => name.includes('before-restore'));
    expect(await proven(join(dir.path, aside ?? '')), 'the one before is kept').toBe(atTheEnd);
    expect((await restore(last)).code).toBe(0);
    expect(await proven(database)).toBe(atTheEnd);

    node = await startNode(file, port, join(dir.path, 'node.log'));
    const [person] = people.filter(({ pending, codes }) => pending === undefined && codes.length > 0);
    expect(person, 'somebody is left to try it').toBeDefined();
    if (person) expect(await travel(person, road, () => false)).toBe('back-in');
    const verified = await cli(['audit', 'verify', '-c', file]);
    expect(verified, verified.stdout).toMatchObject({ code: 0 });
    process.stdout.write(`backup: ${COPIES} copies under ${told()} recoveries, seed ${dice.seed}\n`);
  });

  describe('is not replaced', () => {
    const refused = async (source: string, why: RegExp) => {
      const before = existsSync(database) ? readFileSync(database) : undefined;
      const answer = await restore(source);
      expect(answer.code, answer.stdout).toBe(1);
      expect(answer.stderr).toMatch(why);
      expect(answer.stderr, 'a sentence, no stack').not.toMatch(/^\s+at /m);
      expect(existsSync(database) ? readFileSync(database) : undefined).toEqual(before);
      expect(readdirSync(dir.path).filter((name) => /part|before-restore/.test(name))).toEqual([]);
    };

    it('by something that is no backup of it, and the reason is said', async () => {
      await settleDown(file, keysFile, ['owner'], FIRST, true);
      // Puts a record into the audit.
      node = await startNode(file, port, join(dir.path, 'node.log'));
      await node.stop();
      const good = join(dir.path, 'good.sqlite');
      expect((await backup(good)).code).toBe(0);
      const changed = (name: string, sql: string): string => {
        const path = join(dir.path, name);
        copyFileSync(good, path);
        const copy = new DatabaseSync(path);
        copy.exec(sql);
        copy.close();
        return path;
      };
      const letter = join(dir.path, 'letter.txt');
      writeFileSync(letter, 'Dear operator, this is not a database. '.repeat(200));
      await refused(letter, /not a SQLite database/);
      await refused(join(dir.path, 'nowhere.sqlite'), /There is no file/);
      const other = join(dir.path, 'other.sqlite');
      new DatabaseSync(other).exec('create table t (x)');
      await refused(other, /not a database of Sparekey/);
      await refused(
        changed(
          'newer.sqlite',
          "insert into kysely_migration values ('9999-later', 'x'); update meta set value = '9999-later' where name = 'oldest-build'",
        ),
        /newer version of Sparekey, which took away what this build needs/,
      );
      await refused(
        changed('forged.sqlite', "update audit set body = replace(body, 'success', 'failure')"),
        /audit chain is broken at record 1/,
      );
      await refused(
        changed('cut.sqlite', 'delete from audit where seq = (select max(seq) from audit)'),
        /audit chain is broken/,
      );
      const half = join(dir.path, 'half.sqlite');
      writeFileSync(half, readFileSync(good).subarray(0, 40_960));
      await refused(half, /damaged/);
      const keys = readFileSync(keysFile);
      writeFileSync(keysFile, '', { mode: 0o600 });
      await refused(good, /not JSON/);
      createKeysFile(join(dir.path, 'new-keys.json'), systemClock);
      writeFileSync(keysFile, readFileSync(join(dir.path, 'new-keys.json')), { mode: 0o600 });
      await refused(good, /belongs to another key file/);
      writeFileSync(keysFile, keys, { mode: 0o600 });
      expect((await restore(good)).code).toBe(0);
      for (const aside of readdirSync(dir.path).filter((name) => name.includes('before-restore')))
        rmSync(join(dir.path, aside));
      for (const step of ['rotate', 'finish']) expect((await cli(['keys', step, '-c', file])).code).toBe(0);
      await refused(good, /sealed with the key "[^"]+", which the key file does not have. Use that of the time/);
      writeFileSync(keysFile, keys, { mode: 0o600 });
      expect((await restore(good)).code, 'with the key file of that time').toBe(0);
    });

    it('while another program has it open, or is at work on it', async () => {
      await settleDown(file, keysFile, ['owner'], FIRST, true);
      const good = join(dir.path, 'good.sqlite');
      expect((await backup(good)).code).toBe(0);
      const shell = new DatabaseSync(database);
      shell.prepare('select count(*) from meta').get();
      await refused(good, /Another program has the database open/);
      shell.close();
      const command = await openStorage({ engine: 'sqlite', file: database });
      await refused(good, /server or command uses this database/);
      await command.close();
      expect((await restore(good)).code).toBe(0);
    });
  });

  it('is replaced also when it is damaged, and the damaged one is kept', async () => {
    await settleDown(file, keysFile, ['owner'], FIRST, true);
    const good = join(dir.path, 'good.sqlite');
    expect((await backup(good)).code).toBe(0);
    const rubbish = Buffer.alloc(8_192, 'rubbish');
    writeFileSync(database, rubbish);
    writeFileSync(`${database}-wal`, rubbish);
    expect((await backup(join(dir.path, 'bad.sqlite'))).code).toBe(1);
    expect(existsSync(join(dir.path, 'bad.sqlite'))).toBe(false);
    const back = await restore(good);
    expect(back, back.stderr).toMatchObject({ code: 0 });
    await proven(database);
    const [aside = ''] = readdirSync(dir.path).filter((name) => /before-restore.*Z$/.test(name));
    expect(readFileSync(join(dir.path, aside)).equals(rubbish)).toBe(true);
  });

  it('on PostgreSQL is left to the tools of PostgreSQL', async () => {
    const storage = { engine: 'postgres', url: 'postgres://u:p@localhost/none' };
    const publicUrl = `http://localhost:${port}`;
    const there = writeConfig(dir.path, {
      publicUrl,
      directory: { type: 'builtin' },
      mail: smtpSection(smtp),
      storage,
    });
    for (const command of ['backup', 'restore']) {
      const answer = await cli([command, join(dir.path, 'x'), '-c', there]);
      expect(answer).toMatchObject({ code: 1, stderr: expect.stringMatching(/pg_dump .* pg_basebackup/) });
    }
  });
});
