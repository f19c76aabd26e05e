/** A node that takes one job, says so and then hangs in its handler until it is killed. */
import { writeSync } from 'node:fs';
import { systemClock } from '../../../src/kernel/clock.ts';
import { createKeyring } from '../../../src/kernel/keyring.ts';
import { createOutbox } from '../../../src/outbox/index.ts';
import { openStorage, type StorageConfig } from '../../../src/storage/index.ts';

const [text, key, lease] = process.argv.slice(2) as [string, string, string];
const config = JSON.parse(text) as StorageConfig;
const storage = await openStorage(config);
const outbox = await createOutbox({
  storage,
  config,
  keyring: createKeyring([{ id: 'test', bytes: Buffer.from(key, 'hex') }]),
  clock: systemClock,
  settings: { leaseMs: Number(lease), pollMs: 500 },
});
await outbox.start({
  mail: ({ id, attempt }) => {
    writeSync(1, `${id} ${attempt}\n`);
    return new Promise(() => {});
  },
});
