/** `sparekey migrate`: brings the database to the tables of this build. */
import type { Command } from 'commander';
import { migrateStorage } from '../storage/index.ts';
import { loadOrExit, withConfig } from './setting.ts';

export const migrateCommand = (program: Command) =>
  withConfig(program.command('migrate').description('bring the database up to date')).action(
    async ({ config: file }: { config: string }) => {
      const { config } = loadOrExit(file);
      const done = await migrateStorage(config.storage);
      process.stdout.write(done.length === 0 ? 'The database is up to date.\n' : `Done: ${done.join(', ')}\n`);
    },
  );
