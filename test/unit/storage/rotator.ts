/** Rotates the keys of a database; says so when it begins. Killed by its parent. */
import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { createAudit } from '../../../src/audit/index.ts';
import { readKeysFile } from '../../../src/config/keys-file.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { createKeyring } from '../../../src/kernel/keyring.ts';
import { createKeyRotation } from '../../../src/key-rotation.ts';
import { openStorage, type StorageConfig } from '../../../src/storage/index.ts';
import { claimKeys } from '../../../src/storage/repositories/key-check.ts';

const [config = '', keysFile = ''] = process.argv.slice(2);
const storage = await openStorage(JSON.parse(config) as StorageConfig);
const file = readKeysFile(keysFile);
if (file.is !== 'opened') throw new Error(file.is);
const keyring = createKeyring(file.keys);
await claimKeys(storage, keyring);
const audit = createAudit({ keyring, clock: systemClock });
writeSync(1, 'begun\n');
const rotation = createKeyRotation({
  storage,
  keyring,
  keysFile,
  audit,
  clock: systemClock,
  pause: () => wait(5),
  patience: 0,
});
process.stdout.write(`${JSON.stringify(await rotation.rotate())}\n`);
await storage.close();
