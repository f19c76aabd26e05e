/**
 * kill -9 at random instants, while passwords are changed and spread to three programs (one slow, one moody, one that
 * waits for another). Whatever happened: each system ends with the very password that the directory has, and was never told an
 * older one after a newer one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compose } from '../../src/compose.ts';
import { createKeysFile } from '../../src/config/keys-file.ts';
import { loadConfig } from '../../src/config/load.ts';
import { argon2Hash, argon2Verify, CODE_COST } from '../../src/kernel/argon2.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { RootKey } from '../../src/kernel/keyring.ts';
import { registries } from '../../src/registries.ts';
import { openStorage } from '../../src/storage/index.ts';
import * as accounts from '../../src/storage/repositories/builtin-accounts.ts';
import { writeConfig } from '../kit/config-file.ts';
import { createDice } from '../kit/random-seed.ts';
import { until } from '../kit/servers/process.ts';
import { acknowledged, candidates, FIRST, toldOf } from './spread-crash-people.ts';

/** `npm run test:long` kills a hundred times. */
const KILLS = Number(process.env['TEST_KILLS'] ?? 10);
const PEOPLE = 4;
const NODE = fileURLToPath(new URL('./spread-crash-node.ts', import.meta.url));
const usernames = Array.from({ length: PEOPLE }, (_, n) => `person${n}`);
const SYSTEMS = ['swift', 'moody', 'last'];

/** Takes the password from standard input (cut short: its sender died, so nothing is done), and writes down what it was told: in one write, so that lines stay whole. */
const program = (log: string, before: string): string =>
  `#!/bin/sh\nread -r password || exit 75\n${before}\nprintf '%s %s\\n' "$1" "$password" >> ${log}\n`;

let folder: string;
let config: string;
let keys: readonly [RootKey, ...RootKey[]];
const logOf = (system: string): string => join(folder, `${system}.log`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sparekey-spread-crash-'));
  const system = (id: string, before: string, more: object = {}) => {
    const file = join(folder, `${id}.sh`);
    writeFileSync(file, program(logOf(id), before));
    chmodSync(file, 0o755);
    return { id, type: 'command', file, args: ['{link}'], input: 'line', timeout: '1 s', concurrency: 4, ...more };
  };
  config = writeConfig(folder, {
    publicUrl: 'https://reset.example.test',
    directory: { type: 'builtin' },
    mail: { type: 'demo-inbox' },
    more: {
      listen: { trustedProxies: ['127.0.0.1'] },
      connectors: [
        system('swift', ''),
        // The odd ones ask for later, the others take their time.
        system('moody', 'case $(( $$ % 3 )) in 0) exit 75;; 1) sleep 0.05;; esac'),
        system('last', '', { after: ['moody'] }),
      ],
    },
  });
  const loaded = loadConfig({ file: config, env: {}, registries });
  if (loaded.is !== 'ok') throw new Error(JSON.stringify(loaded.problems));
  const made = createKeysFile(loaded.config.keysFile, systemClock);
  if (made.is !== 'opened') throw new Error('No keys.');
  ({ keys } = made);
  const { keyring, storage, close } = await compose({
    config: loaded.config,
    keys,
    clock: systemClock,
    logger: pino({ level: 'silent' }),
  });
  const cheap = { ...CODE_COST, memory: 64, passes: 1, parallelism: 1 };
  const passwordHash = await argon2Hash(FIRST, keyring.derive('builtin-password'), cheap);
  for (const username of usernames)
    await accounts.insert(storage.db, {
      id: username,
      username,
      mail: `${username}@northfield.example`,
      displayName: username,
      givenName: username,
      language: 'en',
      groups: [],
      attributes: {},
      passwordHash,
      passwordChangedAt: 0,
      mustChange: false,
      disabled: false,
      cannotChange: false,
      expiresAt: undefined,
    });
  await close();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function startNode(work: 'change' | 'settle'): Promise<ChildProcess> {
  const node = spawn(process.execPath, [NODE, config, join(folder, 'journal'), String(PEOPLE), work], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(node.stdout as NonNullable<typeof node.stdout>, 'data'),
    once(node, 'exit').then(() => Promise.reject(new Error('The node did not start.'))),
  ]);
  return node;
}

async function kill(node: ChildProcess): Promise<void> {
  const gone = once(node, 'exit');
  node.kill('SIGKILL');
  await gone;
}

test(
  `after ${KILLS} kills every system has the password of the directory, and never got an older one after a newer one`,
  async () => {
    const dice = createDice();
    const journal = join(folder, 'journal');
    for (let n = 0; n < KILLS; n += 1) {
      const node = await startNode('change');
      await new Promise((over) => setTimeout(over, dice.between(20, 600)));
      await kill(node);
    }
    const last = await startNode('settle');
    const loaded = loadConfig({ file: config, env: {}, registries });
    if (loaded.is !== 'ok') throw new Error('unreachable');
    const storage = await openStorage(loaded.config.storage);
    try {
      const open = () => storage.db.selectFrom('spreads').selectAll().where('state', '!=', 'ended').execute();
      // A write whose node died is looked at after ten seconds. One that the directory never saw is held for a minute.
      const arrived = async () =>
        (await open()).every(({ state, created_at }) => state === 'held' && created_at < Date.now() - 15_000);
      await until(arrived, 'every password to arrive', 90_000);
      const kept = (await open()).map(({ id }) => id);
      const sealed = await storage.db.selectFrom('spreads').select('id').where('secret', '!=', '').execute();
      expect(sealed.filter(({ id }) => !kept.includes(id))).toEqual([]);
    } finally {
      await storage.close();
      await kill(last);
    }

    const {
      storage: settled,
      keyring,
      close,
    } = await compose({
      config: loaded.config,
      keys,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
    });
    const pepper = keyring.derive('builtin-password');
    let changed = 0;
    for (const username of usernames) {
      const account = await accounts.findByUsername(settled.db, username);
      let present: string | undefined;
      for (const password of candidates(journal, username))
        if (account && (await argon2Verify(password, account.passwordHash, pepper))) present = password;
      expect(present, username).toBeDefined();
      const told = acknowledged(journal, username);
      if (told) expect((present ?? '') >= told, `${username} was told ${told}, but has ${present}`).toBe(true);
      if (present === FIRST) continue;
      changed += 1;
      for (const system of SYSTEMS) {
        const log = toldOf(logOf(system), username);
        expect(log.at(-1), `${system} of ${username}`).toBe(present);
        expect(log, `${system} of ${username}`).toEqual(log.toSorted());
      }
    }
    expect(changed).toBeGreaterThanOrEqual(PEOPLE / 2);
    await close();
  },
  60_000 + KILLS * 6_000,
);
