/**
 * `sparekey connectors`: the connected systems. `check` tries each for real, `preview` says what each would be told of a person,
 * `state`, `failures`, `retry`, `pause` and `resume` are for the day on which one of them does not answer.
 */
import { type Command, Option } from 'commander';
import { createAudit } from '../audit/index.ts';
import { openSystem, openSystems, spreadOf } from '../connected-systems.ts';
import type { Directory } from '../directory/directory.ts';
import type { Account } from '../kernel/account.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Finding } from '../kernel/plugin.ts';
import { openDatabase, openDirectory } from '../open.ts';
import { createOutbox } from '../outbox/index.ts';
import { checkSystem } from '../spread/check-system.ts';
import type { Preview, SystemOverview } from '../spread/operation.ts';
import type { Spread } from '../spread/spread.ts';
import type { ConnectedSystem } from '../spread/system.ts';
import { createAuthenticators } from '../storage/repositories/authenticators.ts';
import { createTickets } from '../storage/repositories/tickets.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';
import { findingOf } from './tried.ts';

const OPERATOR = 'operator:command-line';

interface Desk {
  spread: Spread;
  systems: ReadonlyMap<string, ConnectedSystem>;
  /** @throws Error with a sentence when there is none, or not just one. */
  account(username: string): Promise<Account>;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const at = (ms: number | undefined): string => (ms === undefined ? 'never' : new Date(ms).toISOString());

async function atDesk(file: string, work: (desk: Desk) => Promise<void>): Promise<void> {
  const { config } = loadOrExit(file);
  const { storage, keyring } = await openDatabase({ config, keys: keysOrExit(config.keysFile) });
  const clock = systemClock;
  const systems = await openSystems(config, clock);
  const outbox = await createOutbox({ storage, config: config.storage, keyring, clock });
  let directory: Directory | undefined;
  try {
    const audit = createAudit({ keyring, clock });
    const log = { warn: () => {}, error: () => {} };
    const people = { authenticators: createAuthenticators(keyring), tickets: createTickets(keyring) };
    const spread = spreadOf({ storage, keyring, clock, outbox, audit, log, ...people }, systems, config);
    if (!spread) throw new Error('No connected system is configured (connectors).');
    await work({
      spread,
      systems,
      async account(username) {
        directory ??= await openDirectory(config, storage, keyring, clock);
        const found = await directory.find(username);
        if (found.is !== 'found') throw new Error(found.cause ?? `No account is called ${username}.`);
        return found.account;
      },
    });
  } finally {
    await outbox.stop();
    for (const { connector } of systems.values()) await connector.close();
    await directory?.close();
    await storage.close();
  }
}

const known = ({ systems }: Desk, id: string): string => {
  if (systems.has(id)) return id;
  throw new Error(`No connected system is called ${id}. Known: ${[...systems.keys()].join(', ')}.`);
};

const findingLine = ({ is, what, cause, fix, key }: Finding): string =>
  [
    `  ${is === 'ok' ? 'ok     ' : is === 'failed' ? 'FAILED ' : 'warning'}  ${what}`,
    cause,
    fix && `Fix: ${fix}`,
    key && `Key: ${key}`,
  ]
    .filter(Boolean)
    .join('\n           ');

async function check(file: string, only: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const { config } = loadOrExit(file);
  const sections = config.connectors.filter(({ id }) => only === undefined || id === only);
  if (sections.length === 0) throw new Error(only ? `No connected system is called ${only}.` : 'None is configured.');
  let failed = 0;
  for (const section of sections) {
    let findings: Finding[];
    try {
      const system = await openSystem(section, systemClock);
      findings = await checkSystem(system, true);
      await system.connector.close();
    } catch (error) {
      findings = [findingOf('open the system', error)];
    }
    failed += findings.filter(({ is }) => is === 'failed').length;
    if (json) for (const finding of findings) say(JSON.stringify({ system: section.id, ...finding }));
    else say([`${section.id} (${section.type})`, ...findings.map(findingLine)].join('\n'));
  }
  process.exitCode = failed === 0 ? 0 : 1;
}

const stateLine = (one: SystemOverview): string =>
  [
    `${one.id}  ${one.is}`,
    `${one.waiting} waiting${one.oldest === undefined ? '' : ` since ${at(one.oldest)}`}, ${one.failed} given up`,
    `last success ${at(one.deliveredAt)}`,
    one.is === 'paused' ? `paused by ${one.pausedBy}` : undefined,
    one.failures > 0 ? `${one.failures} failures in a row, the last ${at(one.failedAt)}: ${one.cause}` : undefined,
    one.resumesAt === undefined ? undefined : `tried again at ${at(one.resumesAt)}`,
  ]
    .filter((part) => part !== undefined)
    .join('; ');

function previewLine(one: Preview): string {
  if (one.is === 'not-theirs') return `${one.system}  no account there by the rules`;
  const link = `${one.system}  ${one.link}`;
  switch (one.is) {
    case 'found':
      return `${link}  found: ${one.name}`;
    case 'none':
      return `${link}  nobody there is called so`;
    case 'several':
      return `${link}  more than one is called so: nothing would be written`;
    case 'taken-on-trust':
      return `${link}  can not be looked up: it would be told`;
    default:
      return `${link}  ${one.is === 'protected' ? 'protected' : 'not reached'}: ${one.cause}`;
  }
}

type Own = { config: string; json?: boolean; system?: string; user?: string };
const asJson = () => new Option('--json', 'one JSON object a line');

export const connectorsCommand = (program: Command) => {
  const group = program.command('connectors').description('connected systems: try them, look at them, steer them');
  const command = (name: string, description: string) => withConfig(group.command(name).description(description));

  command('check [id]', 'try each: reachable, credentials, rights, and a new password for its canary')
    .addOption(asJson())
    .action((id: string | undefined, own: Own) => check(own.config, id, own));

  command('state', 'health and backlog of each')
    .addOption(asJson())
    .action(({ config, json }: Own) =>
      atDesk(config, async ({ spread }) => {
        for (const one of await spread.overview()) say(json ? JSON.stringify(one) : stateLine(one));
      }),
    );

  command('failures [id]', 'what was given up, newest first')
    .addOption(asJson())
    .action((id: string | undefined, { config, json }: Own) =>
      atDesk(config, async (desk) => {
        for (const one of await desk.spread.failures(id && known(desk, id), 500))
          say(json ? JSON.stringify(one) : `${at(one.at)}  ${one.system}  ${one.accountId}  ${one.cause ?? ''}`);
      }),
    );

  command('preview <username>', 'what each would be told of a person; changes nothing')
    .addOption(asJson())
    .action((username: string, { config, json }: Own) =>
      atDesk(config, async ({ spread, account }) => {
        for (const one of await spread.preview(await account(username)))
          say(json ? JSON.stringify(one) : previewLine(one));
      }),
    );

  command('show <username>', 'how each stands with a person')
    .addOption(asJson())
    .action((username: string, { config, json }: Own) =>
      atDesk(config, async ({ spread, account }) => {
        for (const one of await spread.states((await account(username)).id))
          say(
            json ? JSON.stringify(one) : `${one.system}  ${one.action}  ${one.is}  ${at(one.at)}  ${one.cause ?? ''}`,
          );
      }),
    );

  command('retry', 'try again what waits or was given up, as long as its password is still there')
    .option('--system <id>', 'only this system')
    .option('--user <username>', 'only this person')
    .action(({ config, system, user }: Own) =>
      atDesk(config, async (desk) => {
        const woken = await desk.spread.retry(
          {
            ...(system ? { system: known(desk, system) } : {}),
            ...(user ? { accountId: (await desk.account(user)).id } : {}),
          },
          OPERATOR,
        );
        say(`${woken} are tried again.`);
      }),
    );

  command('pause <id>', 'for maintenance: what comes meanwhile waits').action((id: string, { config }: Own) =>
    atDesk(config, async (desk) => {
      await desk.spread.pause(known(desk, id), OPERATOR);
      say(`${id} is paused.`);
    }),
  );

  command('resume <id>', 'let it go on, and try what waited').action((id: string, { config }: Own) =>
    atDesk(config, async (desk) => {
      say(`${id} goes on; ${await desk.spread.resume(known(desk, id), OPERATOR)} are tried now.`);
    }),
  );
};
