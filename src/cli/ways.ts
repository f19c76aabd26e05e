/**
 * What operators do about people's ways to verify. `sparekey ways clear <username>` takes all of them away, so that the person
 * starts anew; `sparekey ways thaw <username>` allows recovery again after "it wasn't me". Both are in the audit, with the reason.
 */
import type { Command } from 'commander';
import type { Audit } from '../audit/audit.ts';
import { createAudit } from '../audit/index.ts';
import type { Account } from '../kernel/account.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Keyring } from '../kernel/keyring.ts';
import { openDatabase, openDirectory } from '../open.ts';
import { createAuthenticators } from '../storage/repositories/authenticators.ts';
import * as incidents from '../storage/repositories/incidents.ts';
import * as people from '../storage/repositories/people.ts';
import { createSessions } from '../storage/repositories/sessions.ts';
import type { Storage } from '../storage/storage.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

interface Desk {
  storage: Storage;
  keyring: Keyring;
  audit: Audit;
  account: Account;
}

/** Opens what is needed for one account, says what came of it, and closes everything. */
async function forAccount(file: string, username: string, work: (desk: Desk) => Promise<string>): Promise<void> {
  const { config } = loadOrExit(file);
  const { storage, keyring } = await openDatabase({ config, keys: keysOrExit(config.keysFile) });
  const directory = await openDirectory(config, storage, keyring, systemClock);
  try {
    const found = await directory.find(username);
    if (found.is !== 'found') throw new Error(found.cause ?? `No account is called ${username}.`);
    const audit = createAudit({ keyring, clock: systemClock });
    process.stdout.write(`${await work({ storage, keyring, audit, account: found.account })}\n`);
  } finally {
    await directory.close();
    await storage.close();
  }
}

async function clear({ storage, keyring, audit, account }: Desk, reason: string): Promise<string> {
  const authenticators = createAuthenticators(keyring);
  const own = await authenticators.list(storage.db, account.id);
  await storage.transaction(async (trx) => {
    for (const { id } of own) await authenticators.remove(trx, id);
    await createSessions(keyring).endAll(trx, account.id, systemClock.now());
    await audit.append(trx, {
      event: 'enrolment.cleared',
      outcome: 'success',
      actor: 'system',
      subject: account.id,
      reason,
      detail: { methods: own.map(({ method }) => method) },
    });
  });
  return `${own.length} ways of ${account.username} were taken away.`;
}

async function thaw({ storage, audit, account }: Desk, reason: string): Promise<string> {
  return storage.transaction(async (trx) => {
    if (!(await people.thaw(trx, account.id))) return `Recovery of ${account.username} was not stopped.`;
    const closed = await incidents.closeAll(trx, account.id, 'system', systemClock.now());
    const record = { outcome: 'success', actor: 'system', subject: account.id, reason } as const;
    await audit.append(trx, { event: 'recovery.thawed', ...record });
    if (closed > 0) await audit.append(trx, { event: 'incident.closed', ...record });
    return `${account.username} can recover again; ${closed} incidents were closed.`;
  });
}

export const waysCommand = (program: Command) => {
  const ways = program.command('ways').description('the ways to verify that people have set up');
  withConfig(ways.command('clear <username>').description('take all of one account away; the person starts anew'))
    .requiredOption('--reason <text>', 'why, and how you made sure who is asking; kept in the audit')
    .action((username: string, { config, reason }: { config: string; reason: string }) =>
      forAccount(config, username, (desk) => clear(desk, reason)),
    );
  withConfig(ways.command('thaw <username>').description('allow recovery again after “it wasn’t me”'))
    .requiredOption('--reason <text>', 'what you found out; kept in the audit')
    .action((username: string, { config, reason }: { config: string; reason: string }) =>
      forAccount(config, username, (desk) => thaw(desk, reason)),
    );
};
