/**
 * `sparekey migrate-engine --to <configuration>`: the whole database to the other engine, verified. The source is not changed,
 * and the destination is empty until everything is in it.
 */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { createAudit } from '../audit/index.ts';
import { readKeysFile } from '../config/keys-file.ts';
import { systemClock } from '../kernel/clock.ts';
import { createKeyring } from '../kernel/keyring.ts';
import { copyDatabase } from '../storage/copy-database.ts';
import { migrateStorage, openAlone, type StorageConfig } from '../storage/index.ts';
import { pendingMigrations } from '../storage/migrate.ts';
import { keysBelong } from '../storage/repositories/key-check.ts';
import type { Executor, Storage } from '../storage/storage.ts';
import { loadOrExit, withConfig } from './setting.ts';

interface Options {
  config: string;
  to: string;
}

const NAMES = { sqlite: 'SQLite', postgres: 'PostgreSQL' } as const;

const UNCHANGED = 'The source was not changed, and nothing was kept in the destination.';

function keyringOf(path: string) {
  const file = readKeysFile(path);
  if (file.is === 'missing')
    throw new Error(`The key file ${path} is missing: both configurations must name the same keys.`);
  if (file.is === 'unusable') throw new Error(`${file.cause} ${file.fix}`);
  return createKeyring(file.keys);
}

async function openSource(config: StorageConfig): Promise<Storage> {
  if (config.engine === 'sqlite' && !existsSync(config.file)) throw new Error(`There is no database ${config.file}.`);
  const storage = await openAlone(config);
  const pending = await pendingMigrations(storage).catch(async (error) => {
    await storage.close();
    throw error;
  });
  if (pending.length === 0) return storage;
  await storage.close();
  throw new Error('The source is not up to date: run `sparekey migrate` first.');
}

async function openDestination(config: StorageConfig): Promise<Storage> {
  // Looked at first, so that no table is made under a running server.
  await (await openAlone(config)).close();
  await migrateStorage(config);
  return openAlone(config);
}

export const migrateEngineCommand = (program: Command) =>
  withConfig(
    program.command('migrate-engine').description('move the database to the other engine, while no server runs'),
  )
    .requiredOption('--to <file>', 'configuration file that names the new, empty database in `storage`')
    .action(async ({ config: file, to }: Options) => {
      const here = loadOrExit(file).config;
      const there = loadOrExit(to).config;
      if (here.storage.engine === there.storage.engine)
        throw new Error(`Both configurations name ${NAMES[here.storage.engine]}: there is nothing to move.`);
      const keyring = keyringOf(here.keysFile);
      const audit = createAudit({ keyring, clock: systemClock });
      const prove = async (ex: Executor, what: string) => {
        const { faults } = await audit.verify(ex);
        if (faults[0])
          throw new Error(`The audit chain of the ${what} is broken at record ${faults[0].seq}. ${UNCHANGED}`);
      };
      const moved = { from: here.storage.engine, to: there.storage.engine };
      const source = await openSource(here.storage);
      let destination: Storage | undefined;
      try {
        for (const path of [here.keysFile, there.keysFile])
          if (!(await keysBelong(source, keyringOf(path))))
            throw new Error(`The key file ${path} does not belong to this database. ${UNCHANGED}`);
        destination = await openDestination(there.storage);
        const reports = await copyDatabase(source, destination, {
          before: (ex) => prove(ex, 'source'),
          onTable: ({ table, rows, hash }) =>
            process.stdout.write(`${table.padEnd(20)} ${String(rows).padStart(9)} rows  ${hash.slice(0, 16)}\n`),
          async after(trx) {
            await audit.append(trx, { event: 'system.moved', outcome: 'success', actor: 'system', detail: moved });
            await prove(trx, 'destination');
          },
        });
        const rows = reports.reduce((sum, report) => sum + report.rows, 0);
        process.stdout.write(
          `Moved to ${NAMES[moved.to]}: ${rows} rows, every table compared, audit chain intact on both sides.\n` +
            `Start Sparekey with ${to} from now on, and never again with ${file}: two databases would drift apart. ` +
            'The old database was not changed; keep it until you have seen the new one work.\n',
        );
      } finally {
        await destination?.close();
        await source.close();
      }
    });
