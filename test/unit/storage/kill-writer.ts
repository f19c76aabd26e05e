/** Commits numbered pairs of rows for ever and prints each number once its commit was acknowledged. Killed by its parent. */
import { writeSync } from 'node:fs';
import { openStorage, type StorageConfig } from '../../../src/storage/index.ts';

const [config, prefix] = process.argv.slice(2) as [string, string];
const storage = await openStorage(JSON.parse(config) as StorageConfig);

for (let n = 1; ; n += 1) {
  await storage.transaction(async (trx) => {
    for (const half of ['a', 'b'])
      await trx
        .insertInto('counters')
        .values({ key: `${prefix}:${n}:${half}`, count: n, window_ends_at: 0, blocked_until: 0 })
        .execute();
  });
  writeSync(1, `${n}\n`);
}
