/** Migrates a database and prints what was run. `slow`: says so in the middle of a migration, and stays there until it is killed. */
import { writeSync } from 'node:fs';
import { sql } from 'kysely';
import { migrateStorage, type StorageConfig } from '../../../src/storage/index.ts';
import { migrations } from '../../../src/storage/migrations/index.ts';

const [config = '', speed] = process.argv.slice(2);
const done = await migrateStorage(JSON.parse(config) as StorageConfig, {
  ...migrations,
  '9001-slow': {
    kind: 'expand',
    async up(db) {
      await sql`create table slow (id integer)`.execute(db);
      await sql`insert into slow (id) values (1)`.execute(db);
      if (speed !== 'slow') return;
      writeSync(1, 'begun\n');
      await new Promise((never) => setInterval(never, 1_000_000));
    },
  },
});
process.stdout.write(`${JSON.stringify(done)}\n`);
