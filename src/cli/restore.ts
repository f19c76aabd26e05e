/**
 * `sparekey restore <file>`: a backup in the place of the embedded database. Refused while a server runs on it, and for a file
 * that this build or these keys could not work with. The database before is kept.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { createAudit } from '../audit/index.ts';
import { systemClock } from '../kernel/clock.ts';
import { createKeyring, type LiveKeyring } from '../kernel/keyring.ts';
import { newId } from '../kernel/random.ts';
import { copySqlite, openCopy } from '../storage/sqlite/backup.ts';
import { replaceSqlite } from '../storage/sqlite/replace.ts';
import { inspectCopy, ON_POSTGRES } from './backup.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

/** The audit of the restored database begins with its being restored. */
async function note(file: string, keyring: LiveKeyring, newest: string | undefined): Promise<void> {
  const storage = openCopy(file);
  try {
    await storage.transaction((trx) =>
      createAudit({ keyring, clock: systemClock }).append(trx, {
        event: 'system.restored',
        outcome: 'success',
        actor: 'system',
        detail: { until: newest ?? 'the beginning' },
      }),
    );
  } finally {
    await storage.close();
  }
}

export const restoreCommand = (program: Command) =>
  withConfig(program.command('restore').description('put a backup in the place of the embedded database'))
    .argument('<file>', 'what `sparekey backup` made')
    .action(async (file: string, { config: configFile }: { config: string }) => {
      const { config } = loadOrExit(configFile);
      if (config.storage.engine === 'postgres') throw new Error(ON_POSTGRES);
      const source = resolve(file);
      if (!existsSync(source)) throw new Error(`There is no file ${source}.`);
      if (!existsSync(config.keysFile))
        throw new Error(
          `The key file ${config.keysFile} is missing. Put back the one that was in use when the backup was made: without it the backup is useless.`,
        );
      const keyring = createKeyring(keysOrExit(config.keysFile));
      const target = resolve(config.storage.file);
      const draft = `${target}.${newId()}.part`;
      const aside = `${target}.before-restore-${new Date(systemClock.now()).toISOString().replaceAll(':', '-')}`;
      try {
        mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
        await copySqlite(source, draft);
        const { ways, records, newest } = await inspectCopy(draft, keyring, source);
        await note(draft, keyring, newest);
        replaceSqlite(target, draft, aside);
        process.stdout.write(
          `Restored ${target}: ${ways} ways to verify, ${records} audit records, chain intact, as of ${newest ?? 'the beginning'}.\n` +
            (existsSync(aside) ? `The database before is kept as ${aside}.\n` : '') +
            'What happened since is gone: ways to verify that were added or removed since, and saved codes that were used since count again.\n',
        );
      } finally {
        for (const ending of ['', '-journal']) rmSync(draft + ending, { force: true });
      }
    });
