/**
 * `sparekey ways clear <username>`: takes away every way to verify of one account, so that the person starts anew. For
 * somebody whose only app was lost or disabled, after the operator has made sure who is asking. It is in the audit.
 */
import type { Command } from 'commander';
import { createAudit } from '../audit/index.ts';
import { systemClock } from '../kernel/clock.ts';
import { openDatabase, openDirectory } from '../open.ts';
import { createAuthenticators } from '../storage/repositories/authenticators.ts';
import { createSessions } from '../storage/repositories/sessions.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

export const waysCommand = (program: Command) => {
  const ways = program.command('ways').description('the ways to verify that people have set up');
  withConfig(ways.command('clear <username>').description('take all of one account away; the person starts anew'))
    .requiredOption('--reason <text>', 'why, and how you made sure who is asking; kept in the audit')
    .action(async (username: string, { config: file, reason }: { config: string; reason: string }) => {
      const { config } = loadOrExit(file);
      const { storage, keyring } = await openDatabase({ config, keys: keysOrExit(config.keysFile) });
      const directory = await openDirectory(config, storage, keyring, systemClock);
      try {
        const found = await directory.find(username);
        if (found.is !== 'found') throw new Error(found.cause ?? `No account is called ${username}.`);
        const { account } = found;
        const authenticators = createAuthenticators(keyring);
        const own = await authenticators.list(storage.db, account.id);
        await storage.transaction(async (trx) => {
          for (const { id } of own) await authenticators.remove(trx, id);
          await createSessions(keyring).endAll(trx, account.id, systemClock.now());
          await createAudit({ keyring, clock: systemClock }).append(trx, {
            event: 'enrolment.cleared',
            outcome: 'success',
            actor: 'system',
            subject: account.id,
            reason,
            detail: { methods: own.map(({ method }) => method) },
          });
        });
        process.stdout.write(`${own.length} ways of ${account.username} were taken away.\n`);
      } finally {
        await directory.close();
        await storage.close();
      }
    });
};
