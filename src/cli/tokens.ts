/** `sparekey tokens`: make, list and revoke tokens of the API. `sparekey api openapi` prints the document. */
import type { Command } from 'commander';
import { pino } from 'pino';
import { tokensOf } from '../api-areas.ts';
import { compose, type Sparekey } from '../compose.ts';
import { isScope, SCOPES } from '../flow/api/scopes.ts';
import { DEFAULT_DAYS, MOST_DAYS, type Tokens } from '../flow/api/tokens.ts';
import { systemClock } from '../kernel/clock.ts';
import type { SparekeyConfig } from '../registries.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

const ACTOR = 'cli';
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const iso = (at: number): string => new Date(at).toISOString();

async function opened(
  file: string,
  work: (tokens: Tokens, all: { sparekey: Sparekey; config: SparekeyConfig }) => Promise<void>,
) {
  const { config } = loadOrExit(file);
  const keys = keysOrExit(config.keysFile);
  const sparekey = await compose({ config, keys, clock: systemClock, logger: pino({ level: 'silent' }) });
  try {
    await work(tokensOf(config, sparekey.flow), { sparekey, config });
  } finally {
    await sparekey.close();
  }
}

const FAULTS = {
  name: '--name must be 1 to 60 characters.',
  scopes: `--scope must name one or more of: ${Object.keys(SCOPES).join(', ')}.`,
  days: `--days must be 1 to ${MOST_DAYS}.`,
  'not-yours': 'More than you may yourself.',
} as const;

interface CreateOptions {
  config: string;
  name: string;
  scope: string[];
  days: string;
  json?: boolean;
}

export const tokensCommand = (program: Command) => {
  const group = program.command('tokens').description('tokens of the API');
  withConfig(group.command('create').description('make one; it is shown this once'))
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--scope <scope...>', 'what it may do')
    .option('--days <n>', 'how long it works', String(DEFAULT_DAYS))
    .option('--json', 'as JSON')
    .action(({ config, name, scope, days, json }: CreateOptions) =>
      opened(config, async (tokens, { config: { api } }) => {
        const wrong = scope.find((one) => !isScope(one));
        if (wrong) throw new Error(`There is no scope ${wrong}. ${FAULTS.scopes}`);
        const made = await tokens.create({ name, scopes: scope, days: Number(days) }, { actor: ACTOR });
        if (made.is === 'invalid') throw new Error(made.faults.map((fault) => FAULTS[fault]).join('\n'));
        if (!api.enabled) process.stderr.write('The API is switched off: set api.enabled to true.\n');
        say(json ? JSON.stringify({ id: made.id, token: made.token }) : made.token);
      }),
    );
  withConfig(group.command('list').description('all of them, newest first'))
    .option('--json', 'one JSON object a line')
    .action(({ config, json }: { config: string; json?: boolean }) =>
      opened(config, async (tokens) => {
        const all = await tokens.list();
        for (const one of all) {
          const times = {
            createdAt: iso(one.createdAt),
            expiresAt: iso(one.expiresAt),
            lastUsedAt: one.lastUsedAt === undefined ? null : iso(one.lastUsedAt),
            revokedAt: one.revokedAt === undefined ? null : iso(one.revokedAt),
          };
          const state = one.revokedAt !== undefined ? 'revoked' : one.expiresAt <= Date.now() ? 'ended' : 'works';
          say(
            json
              ? JSON.stringify({ ...one, ...times })
              : `${one.id}  ${state.padEnd(7)}  until ${times.expiresAt}  ${one.name}: ${one.scopes.join(', ')}`,
          );
        }
        if (all.length === 0 && !json) say('There are no tokens.');
      }),
    );
  withConfig(group.command('revoke <id>').description('at once, on all nodes')).action(
    (id: string, { config }: { config: string }) =>
      opened(config, async (tokens) => {
        if (!(await tokens.revoke(id, ACTOR))) throw new Error('There is no such token, or it was revoked before.');
        say('Revoked.');
      }),
  );
};

export const apiCommand = (program: Command) => {
  const group = program.command('api').description('the REST API');
  withConfig(group.command('openapi').description('print the OpenAPI 3.1 document')).action(
    ({ config }: { config: string }) =>
      opened(config, async (_tokens, { sparekey, config: { api } }) => {
        if (!api.enabled) throw new Error('The API is switched off: set api.enabled to true.');
        await sparekey.server.ready();
        const { body } = await sparekey.server.inject('/api/openapi.json');
        say(JSON.stringify(JSON.parse(body), null, 2));
      }),
  );
};
