/** `sparekey incidents`: what somebody has to look at, newest first. `sparekey ways thaw` closes those of an account. */
import type { Command } from 'commander';
import { openDatabase } from '../open.ts';
import * as incidents from '../storage/repositories/incidents.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

const MOST = 500;

export const incidentsCommand = (program: Command) => {
  withConfig(program.command('incidents').description('what somebody has to look at, newest first'))
    .option('--all', 'closed ones, too')
    .option('--json', 'one JSON object a line')
    .action(async ({ config: file, all, json }: { config: string; all?: boolean; json?: boolean }) => {
      const { config } = loadOrExit(file);
      const { storage } = await openDatabase({ config, keys: keysOrExit(config.keysFile) });
      try {
        const list = await incidents.list(storage.db, { ...(all ? {} : { open: true }), limit: MOST });
        for (const one of list) {
          const at = new Date(one.openedAt).toISOString();
          const line = `${at}  ${one.kind}  ${one.accountId}  ${one.closedAt === undefined ? 'open' : 'closed'}  ${one.says}`;
          process.stdout.write(`${json ? JSON.stringify({ ...one, openedAt: at }) : line}\n`);
        }
        if (list.length === 0 && !json) process.stdout.write('Nothing to look at.\n');
      } finally {
        await storage.close();
      }
    });
};
