/** `sparekey backup <file>`: the embedded database as it is now, while the server runs; checked before it gets its name. */
import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { inspectDatabase } from '../inspect-database.ts';
import { systemClock } from '../kernel/clock.ts';
import { createKeyring, type LiveKeyring } from '../kernel/keyring.ts';
import { newId } from '../kernel/random.ts';
import { syncPath } from '../kernel/sync-path.ts';
import { copySqlite, openCopy } from '../storage/sqlite/backup.ts';
import { createProgressView } from './progress.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

interface Options {
  config: string;
  force?: boolean;
}

export const ON_POSTGRES =
  'This database is on PostgreSQL, which has its own tools: pg_dump for one database, pg_basebackup with WAL archiving for a point in time.';

/** `called`: what the operator knows it as. @throws Error when the copy is not what it should be. */
export async function inspectCopy(file: string, keyring: LiveKeyring, called: string) {
  const copy = openCopy(file);
  try {
    const found = await inspectDatabase(copy, keyring);
    if (found.is === 'unfit') throw new Error(`${called} can’t be used. ${found.cause}`);
    return found.inspection;
  } finally {
    await copy.close();
  }
}

/** Gives the draft its name; without `force`, never in the place of another file. */
function name(draft: string, target: string, force: boolean): void {
  if (force) renameSync(draft, target);
  else {
    linkSync(draft, target);
    rmSync(draft);
  }
  syncPath(dirname(target));
}

export const backupCommand = (program: Command) =>
  withConfig(program.command('backup').description('copy the embedded database into a file, while the server runs'))
    .argument('<file>', 'where to; best on another disk')
    .option('--force', 'replace a file of that name')
    .action(async (file: string, { config: configFile, force = false }: Options) => {
      const { config } = loadOrExit(configFile);
      if (config.storage.engine === 'postgres') throw new Error(ON_POSTGRES);
      const target = resolve(file);
      if (!force && existsSync(target)) throw new Error(`${target} exists. Name another file, or add --force.`);
      if (!existsSync(dirname(target))) throw new Error(`There is no folder ${dirname(target)}.`);
      const keyring = createKeyring(keysOrExit(config.keysFile));
      const draft = `${target}.${newId()}.part`;
      const view = createProgressView('pages', systemClock);
      try {
        await copySqlite(config.storage.file, draft, view.show);
        const { ways, records } = await inspectCopy(draft, keyring, target);
        name(draft, target, force);
        const size = (statSync(target).size / 1_048_576).toFixed(1);
        process.stdout.write(
          `Saved and checked: ${target} (${size} MB, ${ways} ways to verify, ${records} audit records, chain intact).\n` +
            `NOT in it: the key file ${resolve(config.keysFile)}. Without that file this backup is useless, so keep a copy of it, ` +
            'apart from the backup. The configuration and your directory are not in it either.\n',
        );
      } finally {
        view.end();
        for (const ending of ['', '-journal']) rmSync(draft + ending, { force: true });
      }
    });
