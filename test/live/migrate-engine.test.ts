/**
 * `sparekey migrate-engine` as operators run it: people, sessions, a journey under way and a mail that waits go from SQLite to a real
 * PostgreSQL and back, and nothing is half-done when it fails.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKeysFile } from '../../src/config/keys-file.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { smtpSection, writeConfig } from '../kit/config-file.ts';
import { appCodeAt } from '../kit/enrol.ts';
import { createMailbox } from '../kit/mailbox.ts';
import { cli, MAIN, type NodeProcess, startNode } from '../kit/node-process.ts';
import { type PostgresServer, startPostgres } from '../kit/servers/postgres.ts';
import { freePort, type TempDir, tempDir, until } from '../kit/servers/process.ts';
import { startSmtpServer, type TestSmtpServer } from '../kit/servers/smtp.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';
import { WebClient } from '../kit/web-client.ts';
import { settleDown } from './crash-people.ts';
import { type Traveller, travel } from './crash-travellers.ts';

const FIRST = 'First Heron 7 quietly';
const MINUTES = 60_000;

describe('moving to the other engine', { timeout: 240_000 }, () => {
  let dir: TempDir;
  let ca: TestCa;
  let smtp: TestSmtpServer;
  let postgres: PostgresServer;
  let node: NodeProcess | undefined;
  let port: number;
  let origin: string;
  let here: string;
  let there: string;
  let name: string;
  beforeEach(async () => {
    dir = await tempDir('engine');
    ca = await createTestCa();
    smtp = await startSmtpServer(ca);
    postgres = await startPostgres();
    port = await freePort();
    origin = `http://localhost:${port}`;
    here = config('here');
    const storage = { ...(await postgres.createDatabase()) };
    name = new URL(storage.url).pathname.slice(1);
    there = config('there', storage);
  }, 60_000);
  afterEach(async () => {
    await node?.kill();
    node = undefined;
    await postgres.stop();
    await smtp.close();
    await ca.remove();
    await dir.remove();
  });

  function config(folder: string, storage?: Record<string, unknown>): string {
    const path = join(dir.path, folder);
    mkdirSync(path);
    const more = { listen: { port }, keysFile: join(dir.path, 'keys.json') };
    const mail = smtpSection(smtp);
    return writeConfig(path, {
      publicUrl: origin,
      directory: { type: 'builtin' },
      mail,
      more,
      ...(storage ? { storage } : {}),
    });
  }

  const move = (from: string, to: string) => cli(['migrate-engine', '-c', from, '--to', to]);
  const keysFile = () => join(dir.path, 'keys.json');
  const sqliteFile = (folder = 'here') => join(dir.path, folder, 'sparekey.sqlite');
  const start = async (file: string) => {
    node = await startNode(file, port, join(dir.path, 'node.log'));
  };

  const tablesOf = (file: string): string[] => {
    const database = new DatabaseSync(file, { readOnly: true });
    const rows = database.prepare("select name from sqlite_schema where type = 'table' order by name").all();
    database.close();
    return rows.map((row) => String(row['name'])).filter((table) => !/^(sqlite|kysely)_/.test(table));
  };
  const sorted = (rows: readonly object[]): string[] =>
    rows.map((row) => JSON.stringify(Object.entries(row).toSorted())).toSorted();
  const inSqlite = (file: string, table: string): string[] => {
    const database = new DatabaseSync(file, { readOnly: true });
    const rows = database.prepare(`select * from ${table}`).all();
    database.close();
    return sorted(rows);
  };
  /** bigint comes as text from this connection. */
  const inPostgres = async (table: string): Promise<string[]> => {
    const columns = await postgres.query(
      name,
      `select column_name from information_schema.columns where table_name = '${table}' and data_type = 'bigint'`,
    );
    const numbers = new Set(columns.map((row) => row['column_name']));
    const rows = await postgres.query(name, `select * from ${table}`);
    const numeric = ([key, value]: [string, unknown]) => [
      key,
      numbers.has(key) && value !== null ? Number(value) : value,
    ];
    return sorted(rows.map((row) => Object.fromEntries(Object.entries(row).map(numeric))));
  };

  it('takes everything along: sessions, a journey under way, a mail that waits; and back again', async () => {
    const people = await settleDown(here, keysFile(), ['wanderer', 'settler', 'waiter', 'guest'], FIRST, true);
    const [wanderer, settler, waiter, guest] = people as [Traveller, Traveller, Traveller, Traveller];
    const mailbox = createMailbox(smtp);
    await start(here);
    const base = `http://127.0.0.1:${port}`;
    const road = { base: () => base, origin, mailbox, newPassword: () => 'Brass kettle on the fire' };
    expect(await travel(settler, road, () => false)).toBe('back-in');

    const signedIn = new WebClient({ base, origin });
    await signedIn.get('/sign-in');
    await signedIn.submit('/sign-in', { username: 'guest', password: FIRST });
    await signedIn.submit('/recover/method', { method: 'totp' });
    await signedIn.submit('/recover/answer', { code: appCodeAt(guest.seed, Date.now()) });
    expect(signedIn.title).toBe('How safe am I?');

    const underWay = new WebClient({ base, origin });
    await underWay.get('/');
    await underWay.submit('/recover', { identifier: 'wanderer' });
    await underWay.submit('/recover/method', { method: 'email' });
    await underWay.submit('/recover/answer', { code: await mailbox.code(wanderer.address) });
    expect(underWay.choices('method')).toEqual(['totp', 'recovery-code']);

    smtp.fault({ at: 'data', code: 451, text: 'later' });
    const unsent = new WebClient({ base, origin });
    await unsent.get('/');
    await unsent.submit('/recover', { identifier: 'waiter' });
    await unsent.submit('/recover/method', { method: 'email' });
    const waiting = () =>
      inSqlite(sqliteFile(), 'outbox').filter((row) => row.includes('"waiting"') && row.includes('451'));
    await until(() => waiting().length > 0, 'a mail that waits');
    const running = await move(here, there);
    expect(running).toMatchObject({ code: 1, stderr: expect.stringContaining('Stop it first; nothing was changed') });
    await node?.stop();
    smtp.fault(undefined);
    // As if the move had taken a while.
    const database = new DatabaseSync(sqliteFile());
    database.exec(`update outbox set run_at = run_at - ${3 * MINUTES}, lease_until = 0 where state = 'waiting'`);
    database.close();

    const moved = await move(here, there);
    expect(moved, moved.stdout + moved.stderr).toMatchObject({ code: 0 });
    expect(moved.stdout).toContain('every table compared, audit chain intact on both sides');
    for (const table of tablesOf(sqliteFile()).filter((one) => !one.startsWith('audit'))) {
      const rows = inSqlite(sqliteFile(), table);
      expect(await inPostgres(table), table).toEqual(rows);
    }
    const audit = inSqlite(sqliteFile(), 'audit');
    expect((await inPostgres('audit')).filter((row) => !row.includes('system.moved'))).toEqual(audit);
    expect((await cli(['audit', 'verify', '-c', there])).code).toBe(0);

    await start(there);
    await signedIn.get('/safety');
    expect(signedIn.title, 'nobody is signed out').toBe('How safe am I?');
    await underWay.get('/recover');
    await underWay.submit('/recover/method', { method: 'totp' });
    await underWay.submit('/recover/answer', { code: appCodeAt(wanderer.seed, Date.now()) });
    await underWay.submit('/recover/password', { password: 'Lamp oil and brass', again: 'Lamp oil and brass' });
    expect(underWay.title, 'the journey goes on').toMatch(/^You’re back in/);
    const code = await mailbox.code(waiter.address, 0, 90_000);
    await unsent.get('/recover');
    await unsent.submit('/recover/answer', { code });
    expect(unsent.choices('method'), 'the mail that waited has arrived').toEqual(['totp', 'recovery-code']);
    await node?.stop();

    const back = config('back');
    const returned = await move(there, back);
    expect(returned, returned.stdout + returned.stderr).toMatchObject({ code: 0 });
    await start(back);
    await signedIn.get('/safety');
    expect(signedIn.title).toBe('How safe am I?');
    wanderer.password = 'Lamp oil and brass';
    expect(await travel(waiter, road, () => false)).toBe('back-in');
    await node?.stop();
    expect((await cli(['audit', 'verify', '-c', back])).code).toBe(0);
  });

  it('leaves the destination empty when it fails, and works when the cause is gone', async () => {
    await settleDown(here, keysFile(), ['owner'], FIRST, true);
    await start(here);
    await node?.stop();
    const empty = async () => {
      for (const table of tablesOf(sqliteFile())) {
        const rows = await postgres.query(name, `select * from ${table}`);
        expect(rows.length, table).toBe(['audit_head', 'meta'].includes(table) ? 1 : 0);
      }
    };
    const change = (sql: string) => {
      const database = new DatabaseSync(sqliteFile());
      database.exec(sql);
      database.close();
    };
    // PostgreSQL stores no NUL; it comes in the last table.
    change("insert into tickets values ('odd', 'odd', 'x' || char(0) || 'y', 'a', '', null, 1, 1, null)");
    const before = inSqlite(sqliteFile(), 'authenticators');
    const failed = await move(here, there);
    expect(failed.code).toBe(1);
    await empty();
    expect(inSqlite(sqliteFile(), 'authenticators')).toEqual(before);
    change("delete from tickets where id = 'odd'");

    change("update audit set body = replace(body, 'success', 'failure') where seq = 1");
    expect(await move(here, there)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /audit chain of the source is broken at record 1.*nothing was kept in the destination/,
      ),
    });
    await empty();
    change("update audit set body = replace(body, 'failure', 'success') where seq = 1");

    const keys = readFileSync(keysFile());
    rmSync(keysFile());
    createKeysFile(keysFile(), systemClock);
    expect(await move(here, there)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not belong to this'),
    });
    writeFileSync(keysFile(), keys);
    const dying = spawn(process.execPath, [MAIN, 'migrate-engine', '-c', here, '--to', there], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // Told after a table was copied, long before the commit.
    dying.stdout.once('data', () => dying.kill('SIGKILL'));
    expect((await once(dying, 'close'))[1]).toBe('SIGKILL');
    await empty();

    expect((await move(here, there)).code).toBe(0);
    expect(await move(here, there)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The destination is not empty'),
    });
    await start(there);
    expect(await move(here, there)).toMatchObject({ code: 1, stderr: expect.stringContaining('Stop it first') });
    expect(await move(here, here)).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing to move') });
  });
});
