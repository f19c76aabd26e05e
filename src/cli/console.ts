/**
 * `sparekey console`: who may open the console by a role of their own, beside those whose group has one. `invite` prints the one-use
 * link for the first operator; there is no account that comes with the product.
 */
import type { Command } from 'commander';
import { createAudit } from '../audit/index.ts';
import { createStaffService, type StaffService } from '../flow/staff/service.ts';
import type { Account } from '../kernel/account.ts';
import { systemClock } from '../kernel/clock.ts';
import { openDatabase, openDirectory } from '../open.ts';
import { createTickets } from '../storage/repositories/tickets.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

const OPERATOR = 'operator:command-line';

interface Desk {
  staff: StaffService;
  publicUrl: string;
  /** @throws Error with a sentence. */
  account(username: string): Promise<Account>;
}

async function atDesk(file: string, work: (desk: Desk) => Promise<string>): Promise<void> {
  const { config } = loadOrExit(file);
  const { storage, keyring } = await openDatabase({ config, keys: keysOrExit(config.keysFile) });
  const directory = await openDirectory(config, storage, keyring, systemClock);
  try {
    const audit = createAudit({ keyring, clock: systemClock });
    const deps = { storage, audit, clock: systemClock, tickets: createTickets(keyring) };
    const staff = createStaffService(deps, config.console);
    const said = await work({
      staff,
      publicUrl: config.publicUrl,
      async account(username) {
        const found = await directory.find(username);
        if (found.is === 'found') return found.account;
        throw new Error(found.cause ?? `No account is called ${username}.`);
      },
    });
    if (said !== '') process.stdout.write(`${said}\n`);
  } finally {
    await directory.close();
    await storage.close();
  }
}

export const consoleCommand = (program: Command) => {
  const group = program.command('console').description('who may open the console, beside those whose group has a role');
  const command = (name: string, description: string) => withConfig(group.command(name).description(description));

  command('invite <username>', 'print a one-use link that gives an account a role; the first operator comes in so')
    .option('--role <name>', 'operator, helper, auditor, or one of console.roles', 'operator')
    .option('--json', 'one JSON object')
    .action((username: string, { config, role, json }: { config: string; role: string; json?: boolean }) =>
      atDesk(config, async ({ staff, publicUrl, account }) => {
        const { token, expiresAt } = await staff.invite(await account(username), role, OPERATOR);
        const link = `${publicUrl}/console/first#${token}`;
        const until = new Date(expiresAt).toISOString();
        if (json) return JSON.stringify({ username, role, link, expiresAt: until });
        return `${link}\n\nOpens once, until ${until}, for ${username} only, signed in with a passkey or an authenticator app.`;
      }),
    );

  command('grants', 'who was given a role by hand')
    .option('--json', 'one JSON object a line')
    .action(({ config, json }: { config: string; json?: boolean }) =>
      atDesk(config, async ({ staff }) => {
        const list = await staff.grants();
        const line = (one: (typeof list)[number]) =>
          `${one.username}  ${one.role}  since ${new Date(one.grantedAt).toISOString()}, by ${one.grantedBy}`;
        if (list.length === 0) return json ? '' : 'Nobody was given a role by hand.';
        return list.map((one) => (json ? JSON.stringify(one) : line(one))).join('\n');
      }),
    );

  command(
    'revoke <username>',
    'take a role away that was given by hand; open links of the account are worthless, too',
  ).action((username: string, { config }: { config: string }) =>
    atDesk(config, async ({ staff, account }) =>
      (await staff.revoke(await account(username), OPERATOR))
        ? `${username} has no role by hand any more.`
        : `${username} was given no role by hand. A role by group is taken away in the directory.`,
    ),
  );
};
