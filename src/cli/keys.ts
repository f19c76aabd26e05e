/**
 * `sparekey keys`: what seals what, and how to change it while everything runs. `rotate` hands out a new key, uses it and seals
 * everything anew; `finish` takes the old ones out of the key file.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { createAudit } from '../audit/index.ts';
import { keyDates } from '../config/keys-file.ts';
import { seconds, systemClock } from '../kernel/clock.ts';
import { createKeyRotation, namesOf, type Removal, type Rotation, type RotationDeps } from '../key-rotation.ts';
import { openDatabase } from '../open.ts';
import { readKeyState } from '../storage/repositories/key-state.ts';
import { countSealed } from '../storage/sealed.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

const LOOK_EVERY = seconds(1);

interface Options {
  config: string;
  /** ms */
  wait: number;
}

const secondsOf = (text: string): number => {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('A number of seconds.');
  return seconds(Number(text));
};

const AGAIN = '`sparekey keys rotate`';

const sayRotation = (rotation: Rotation, keysFile: string): string => {
  if (rotation.is === 'unknown')
    return (
      `The new key ${rotation.key} is in ${keysFile} and seals nothing yet, because these nodes don’t have it: ` +
      `${namesOf(rotation.nodes)}. Copy the file to them (mode 600, same owner) and run ${AGAIN} again.`
    );
  if (rotation.is === 'unused')
    return `The key ${rotation.key} seals, but not on ${namesOf(rotation.nodes)} yet. Look at their logs and run ${AGAIN} again.`;
  const { key, old, resealed, unreadable } = rotation;
  const lines = [`${resealed} values sealed anew; the key ${key} seals everything now.`];
  if (unreadable.length > 0) {
    const rows = unreadable.slice(0, 20).map(({ table, id }) => `  ${table} ${id}`);
    lines.push(`${unreadable.length} damaged rows are opened by no key and were left as they are:`, ...rows);
  }
  if (old.length > 0)
    lines.push(
      `Still in ${keysFile}, to read what they sealed: ${old.join(', ')}.`,
      'Copy the key file to every other node and to its backup, then take the old keys out: `sparekey keys finish`.',
    );
  return lines.join('\n');
};

const sayRemoval = (removal: Removal, keysFile: string): string => {
  if (removal.is === 'nothing') return 'There is no old key in the key file.';
  if (removal.is === 'refused') return `${removal.cause} Run ${AGAIN} first; no key was taken out.`;
  return [
    `Taken out of ${keysFile}: ${removal.keys.join(', ')}. Copy the file to every other node.`,
    'Backups of the database made before the rotation still need the key file of that time: keep it as long as you keep them.',
  ].join('\n');
};

async function withRotation<T>(
  { config: file, wait: patience }: Options,
  work: (deps: RotationDeps) => Promise<T>,
): Promise<T> {
  const { config } = loadOrExit(file);
  const { storage, keyring } = await openDatabase({ config, keys: keysOrExit(config.keysFile) });
  const { keysFile } = config;
  const audit = createAudit({ keyring, clock: systemClock });
  const pause = () => wait(LOOK_EVERY);
  try {
    return await work({ storage, keyring, keysFile, audit, clock: systemClock, pause, patience });
  } finally {
    await storage.close();
  }
}

async function list({ storage, keyring, keysFile }: RotationDeps): Promise<string> {
  const state = await readKeyState(storage.db);
  const counts = await countSealed(storage.db, keyring.known());
  const lines = [...keyDates(keysFile)].map(([id, at]) => {
    const role = id === state?.seals ? 'seals' : id === state?.next ? 'next' : 'opens';
    return `${id}  ${at}  ${role.padEnd(5)}  ${counts.get(id) ?? 0} values`;
  });
  const lost = counts.get('') ?? 0;
  if (lost > 0) lines.push(`${lost} values are sealed with keys that are not in ${keysFile}.`);
  return lines.join('\n');
}

export const keysCommand = (program: Command) => {
  const keys = program.command('keys').description('the keys that seal what lies in the database');
  withConfig(keys.command('list').description('keys, their age, and how much each of them sealed')).action(
    async ({ config }: { config: string }) => {
      process.stdout.write(`${await withRotation({ config, wait: 0 }, list)}\n`);
    },
  );
  withConfig(
    keys
      .command('rotate')
      .description('change over to a new key while nodes run; goes on with one that was broken off'),
  )
    .option('--wait <seconds>', 'how long to wait for the nodes at each step', secondsOf, seconds(60))
    .action(async (options: Options) => {
      const said = await withRotation(options, async (deps) => {
        const rotation = await createKeyRotation(deps).rotate();
        if (rotation.is !== 'rotated' || rotation.unreadable.length > 0) process.exitCode = 1;
        return sayRotation(rotation, deps.keysFile);
      });
      process.stdout.write(`${said}\n`);
    });
  withConfig(keys.command('finish').description('take old keys out of the key file, when nothing needs them')).action(
    async ({ config }: { config: string }) => {
      const said = await withRotation({ config, wait: 0 }, async (deps) => {
        const removal = await createKeyRotation(deps).finish();
        if (removal.is === 'refused') process.exitCode = 1;
        return sayRemoval(removal, deps.keysFile);
      });
      process.stdout.write(`${said}\n`);
    },
  );
};
