/** Upgrades node by node, on both engines: who may run on which tables, who takes turns, and what a dead node leaves behind. Part of storage.ts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { migrateStorage, openStorage, type StorageConfig, StorageFailure } from '../../src/storage/index.ts';
import { migrations } from '../../src/storage/migrations/index.ts';
import type { Migrations } from '../../src/storage/migrations/migration.ts';

/** What the build after this one would do, and the one after that. */
export const NEXT_BUILD: Migrations = {
  ...migrations,
  '9001-grow': {
    kind: 'expand',
    async up(db) {
      await db.schema.createTable('grown').addColumn('id', 'text').execute();
      await db.schema
        .alterTable('flows')
        .addColumn('mood', 'text', (c) => c.notNull().defaultTo('calm'))
        .execute();
    },
  },
};
export const BUILD_AFTER: Migrations = {
  ...NEXT_BUILD,
  '9002-shrink': {
    kind: 'contract',
    async up(db) {
      await db.schema.alterTable('flows').dropColumn('mood').execute();
    },
  },
};

const MIGRATOR = fileURLToPath(new URL('../unit/storage/slow-migrator.ts', import.meta.url));

/** A process that migrates; with `slow`, it says `begun` in the middle and goes no further until it is killed. */
function migrator(config: StorageConfig, slow: boolean) {
  const child: ChildProcess = spawn(process.execPath, [MIGRATOR, JSON.stringify(config), slow ? 'slow' : 'quick'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout?.on('data', (text) => {
    said += text;
  });
  return { child, said: () => said, ended: once(child, 'close') };
}

export function migrationsContract(newDatabase: () => Promise<StorageConfig>): void {
  const opens = async (config: StorageConfig, build: Migrations) => {
    const storage = await openStorage(config, { migrations: build });
    await storage.close();
  };

  test('after an expansion the build before goes on, and starts again', async () => {
    const config = await newDatabase();
    const before = await openStorage(config);
    expect(await migrateStorage(config, NEXT_BUILD)).toEqual(['9001-grow']);
    await before.db.insertInto('meta').values({ name: 'still', value: 'here' }).execute();
    await before.close();
    await opens(config, migrations);
    await opens(config, NEXT_BUILD);
    expect(await migrateStorage(config, migrations), 'it undoes nothing').toEqual([]);
  });

  test('behind a contraction the build before is refused, with what to do; builds that know it start', async () => {
    const config = await newDatabase();
    await opens(config, BUILD_AFTER);
    for (const build of [migrations, NEXT_BUILD]) {
      const refused = opens(config, build);
      await expect(refused).rejects.toThrow(StorageFailure);
      await expect(refused).rejects.toThrow(/took away what this build needs \("9002-shrink"\).*restore the backup/);
    }
    await opens(config, BUILD_AFTER);
    await opens(config, { ...BUILD_AFTER, ...{ '9003-more': { kind: 'expand', up: async () => {} } } });
    await opens(config, BUILD_AFTER);
  });

  test('a build of another line is refused', async () => {
    const config = await newDatabase();
    await opens(config, NEXT_BUILD);
    const other: Migrations = { ...migrations, '9001-other': { kind: 'expand', up: async () => {} } };
    await expect(opens(config, other)).rejects.toThrow('not of one line: it lacks "9001-other" and knows "9001-grow"');
  });

  test('a migration that fails leaves nothing of itself', async () => {
    const config = await newDatabase();
    const broken: Migrations = {
      ...NEXT_BUILD,
      '9002-broken': {
        kind: 'contract',
        async up(db) {
          await db.schema.createTable('half').addColumn('id', 'text').execute();
          throw new Error('no further');
        },
      },
    };
    await expect(opens(config, broken)).rejects.toThrow('no further');
    const storage = await openStorage(config);
    const tables = (await storage.db.introspection.getTables()).map(({ name }) => name);
    expect(tables).not.toContain('half');
    expect(tables, 'all or nothing').not.toContain('grown');
    await storage.close();
  });

  test('nodes of two builds that start at once on an empty database both come up', async () => {
    const config = await newDatabase();
    await Promise.all([opens(config, migrations), opens(config, NEXT_BUILD), opens(config, migrations)]);
  });

  test('processes that migrate at once take turns; one that is killed -9 in the middle blocks nobody', {
    timeout: 60_000,
  }, async () => {
    const config = await newDatabase();
    await migrateStorage(config);
    const dying = migrator(config, true);
    await expect.poll(dying.said, { timeout: 20_000 }).toContain('begun');
    const waiting = [migrator(config, false), migrator(config, false)];
    const early = await Promise.race([
      ...waiting.map(({ ended }) => ended),
      new Promise((turn) => setTimeout(turn, 700, 'waits')),
    ]);
    expect(early, 'nobody goes on while one migrates').toBe('waits');
    dying.child.kill('SIGKILL');
    await dying.ended;
    for (const { ended } of waiting) expect((await ended)[0]).toBe(0);
    const ran = waiting.map(({ said }) => said().trim());
    expect(ran.toSorted(), 'one of them did it, from the start').toEqual(['["9001-slow"]', '[]']);
    const storage = await openStorage(config);
    const { rows } = await sql<{ n: number }>`select count(*) as n from slow`.execute(storage.db);
    expect(Number(rows[0]?.n)).toBe(1);
    await storage.close();
  });
}
