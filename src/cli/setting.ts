/** What every command begins with: the configuration (all problems at once) and the server's keys. */
import { type Command, Option } from 'commander';
import { createKeysFile, readKeysFile } from '../config/keys-file.ts';
import { loadConfig } from '../config/load.ts';
import { renderProblems } from '../config/problem.ts';
import { systemClock } from '../kernel/clock.ts';
import type { RootKey } from '../kernel/keyring.ts';
import { registries } from '../registries.ts';

/** Wire logs of the LDAP library would hold passwords in clear. */
export function refuseWireLogs(env: NodeJS.ProcessEnv = process.env): void {
  if (/ldapts|\*/i.test(env['NODE_DEBUG'] ?? ''))
    throw new Error('NODE_DEBUG would print passwords to the log: start without it.');
}

export const withConfig = (command: Command): Command =>
  command.addOption(
    new Option('-c, --config <file>', 'configuration file').default('sparekey.yaml').env('SPAREKEY_CONFIG'),
  );

export type Loaded = Extract<ReturnType<typeof read>, { is: 'ok' }>;

const read = (file: string) => loadConfig({ file, env: process.env, registries });

/** Ends the process with every problem, when there is one. Warnings go to the terminal. */
export function loadOrExit(file: string): Loaded {
  const loaded = read(file);
  if (loaded.warnings.length > 0) process.stderr.write(`${renderProblems(loaded.warnings)}\n`);
  if (loaded.is === 'ok') return loaded;
  process.stderr.write(`${renderProblems(loaded.problems)}\n`);
  process.exit(1);
}

/** The keys of the key file; makes the file at the first start. */
export function keysOrExit(path: string): readonly [RootKey, ...RootKey[]] {
  const found = readKeysFile(path);
  const keys = found.is === 'missing' ? createKeysFile(path, systemClock) : found;
  if (keys.is === 'opened') return keys.keys;
  process.stderr.write(keys.is === 'unusable' ? `${keys.cause} ${keys.fix}\n` : `The key file ${path} is missing.\n`);
  process.exit(1);
}
