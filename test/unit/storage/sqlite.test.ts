/** The storage contract on the embedded engine, and what only a file can do wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { newId } from '../../../src/kernel/random.ts';
import { openStorage, type StorageConfig, StorageFailure } from '../../../src/storage/index.ts';
import { openSqlite } from '../../../src/storage/sqlite/open.ts';
import type { Executor } from '../../../src/storage/storage.ts';
import { storageContract } from '../../contract/storage.ts';

const folder = mkdtempSync(join(tmpdir(), 'sparekey-sqlite-'));
const newFile = (): string => join(folder, newId(), 'sparekey.db');
const newDatabase = async (): Promise<StorageConfig> => ({ engine: 'sqlite', file: newFile() });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

storageContract('SQLite', newDatabase);

const row = (key: string) => ({ key, count: 1, window_ends_at: 0, blocked_until: 0 });

describe('the SQLite file', () => {
  test('is its owner’s alone, with every side file, and says so when it is not', async () => {
    const file = newFile();
    const storage = await openStorage({ engine: 'sqlite', file });
    await storage.db.insertInto('counters').values(row('x')).execute();
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    expect(await mode(join(file, '..'))).toBe('700');
    for (const ending of ['', '-wal', '-shm']) expect(await mode(file + ending)).toBe('600');
    expect((await storage.check()).map((finding) => finding.is)).toEqual(['ok', 'ok', 'ok']);
    await chmod(file, 0o644);
    expect(await storage.check()).toContainEqual(expect.objectContaining({ is: 'warning', fix: `chmod 600 ${file}` }));
    await storage.close();
  });

  test('is opened with WAL, foreign keys and overwriting of deleted values', async () => {
    const storage = await openStorage(await newDatabase());
    const pragma = async (name: string) =>
      Object.values((await sql.raw(`pragma ${name}`).execute(storage.db)).rows[0] as object)[0];
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('synchronous'), 'the log is synced by us').toBe(1);
    expect(await pragma('foreign_keys')).toBe(1);
    expect(await pragma('secure_delete')).toBe(1);
    expect(await pragma('busy_timeout')).toBeGreaterThan(0);
    expect(await pragma('integrity_check')).toBe('ok');
    await storage.close();
  });

  test('a deleted value is not left in the file', async () => {
    const file = newFile();
    const storage = await openStorage({ engine: 'sqlite', file });
    const secret = 'deleted-value-that-must-vanish';
    await storage.db.insertInto('counters').values(row(secret)).execute();
    await sql`pragma wal_checkpoint(truncate)`.execute(storage.db);
    expect((await readFile(file)).includes(secret)).toBe(true);
    await storage.db.deleteFrom('counters').execute();
    await storage.close();
    expect((await readFile(file)).includes(secret)).toBe(false);
  });

  test('a full disk is told plainly, nothing is half-done, and it works again with room', async () => {
    const storage = await openStorage(await newDatabase());
    const pages = (await sql<{ page_count: number }>`pragma page_count`.execute(storage.db)).rows[0]?.page_count ?? 0;
    await sql.raw(`pragma max_page_count = ${pages + 20}`).execute(storage.db);
    const fill = storage.transaction(async (trx) => {
      for (let n = 0; n < 2_000; n += 1)
        await trx
          .insertInto('counters')
          .values(row(`${n}-${'x'.repeat(500)}`))
          .execute();
    });
    await expect(fill).rejects.toThrow(StorageFailure);
    await expect(fill).rejects.toThrow(/disk is full: nothing was stored/);
    expect(await storage.db.selectFrom('counters').selectAll().execute()).toEqual([]);
    const single = storage.db
      .insertInto('counters')
      .values(row('y'.repeat(200_000)))
      .execute();
    await expect(single).rejects.toThrow(/disk is full: nothing was stored/);
    await sql.raw('pragma max_page_count = 100000').execute(storage.db);
    await storage.transaction((trx) => trx.insertInto('counters').values(row('later')).execute());
    expect(await storage.db.selectFrom('counters').selectAll().execute()).toHaveLength(1);
    await storage.close();
  });

  test('another process that holds the write lock for a moment only makes us wait, and nobody else', async () => {
    const file = newFile();
    await (await openStorage({ engine: 'sqlite', file })).close();
    const storage = openSqlite({ engine: 'sqlite', file }, { patience: 2_000 });
    const other = new DatabaseSync(file);
    other.exec('begin immediate');
    const work = vi.fn((trx: Executor) => trx.insertInto('counters').values(row('mine')).execute());
    const waiting = Promise.all([
      storage.transaction(work),
      storage.db.insertInto('counters').values(row('x')).execute(),
    ]);
    const alive = await Promise.race([waiting, new Promise((turn) => setTimeout(turn, 100, 'the event loop turns'))]);
    expect(alive).toBe('the event loop turns');
    other.exec('commit');
    await waiting;
    expect(work).toHaveBeenCalledTimes(1);
    other.exec('begin immediate');
    const impatient = openSqlite({ engine: 'sqlite', file }, { patience: 50 });
    await expect(impatient.transaction(work)).rejects.toThrow('in use by another process');
    expect(work).toHaveBeenCalledTimes(1);
    other.close();
    await impatient.close();
    await storage.close();
  });

  test('something that is no database is refused in plain words', async () => {
    const file = join(folder, 'letter.txt');
    await writeFile(file, 'Dear operator, this is not a database. '.repeat(200));
    await expect(openStorage({ engine: 'sqlite', file })).rejects.toThrow('not a SQLite database');
    expect(await readFile(file, 'utf8')).toContain('Dear operator');
  });

  test('no transaction is left open by a statement that fails', async () => {
    const storage = await openStorage({ engine: 'sqlite', file: ':memory:' });
    const twice = storage.transaction(async (trx) => {
      await trx.insertInto('counters').values(row('same')).execute();
      await trx.insertInto('counters').values(row('same')).execute();
    });
    await expect(twice).rejects.toThrow('UNIQUE');
    expect(await storage.db.selectFrom('counters').selectAll().execute()).toEqual([]);
    await storage.close();
  });
});
