/**
 * A running node and the rotation of keys: learns of keys that came into its key file, changes over when the database names
 * another one to seal with, and tells which ones it knows, so that no key is used or taken away too early.
 */
import { hostname } from 'node:os';
import type { FastifyBaseLogger } from 'fastify';
import { type Clock, seconds } from './kernel/clock.ts';
import type { LiveKeyring, RootKey } from './kernel/keyring.ts';
import { newId } from './kernel/random.ts';
import { announceKeys, readKeyState, withdrawKeys } from './storage/repositories/key-state.ts';
import type { Storage } from './storage/storage.ts';

const EVERY = seconds(5);
const TELL_EVERY = seconds(20);
/** A node that told nothing for so long is gone. */
export const GONE_AFTER = seconds(90);
/** A node that could not look for so long seals nothing: when it wakes, others may count it as gone. */
const ASLEEP_AFTER = seconds(60);

export interface KeyWatchDeps {
  storage: Storage;
  keyring: LiveKeyring;
  /** The keys that the key file has now. */
  reread: () => readonly RootKey[];
  clock: Clock;
  log: Pick<FastifyBaseLogger, 'warn' | 'error'>;
  /** ms that never jump, also counted while the process is asleep. Absent: those of the system. */
  elapsed?: () => number;
}

export interface KeyWatch {
  stop(): Promise<void>;
}

/** Resolves when this node has told of its keys. */
export async function startKeyWatch(deps: KeyWatchDeps): Promise<KeyWatch> {
  const { storage, keyring, reread, clock, log, elapsed = () => performance.now() } = deps;
  const node = newId();
  const name = `${hostname()}, process ${process.pid}`;
  let told = '';
  let toldAt = 0;
  let lookedAt = elapsed();

  async function look(): Promise<void> {
    keyring.learn(reread());
    const asked = elapsed();
    const state = await readKeyState(storage.db);
    if (state && state.seals !== keyring.sealsWith()) {
      if (keyring.known().includes(state.seals)) keyring.sealWith(state.seals);
      else
        log.error(
          { key: state.seals },
          'The key file of this node lacks the key that seals now: copy it from another.',
        );
    }
    const keys = { knows: keyring.known(), seals: keyring.sealsWith() };
    lookedAt = asked;
    const now = clock.now();
    if (JSON.stringify(keys) === told && now - toldAt < TELL_EVERY) return;
    await announceKeys(storage.db, { node, name, ...keys, at: now });
    told = JSON.stringify(keys);
    toldAt = now;
  }

  await look();
  keyring.sealOnlyWhile(() => elapsed() - lookedAt < ASLEEP_AFTER);
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error) => log.warn({ err: error }, 'Which key seals could not be looked up; it will be tried again.'))
      .finally(() => {
        looking = undefined;
      });
  }, EVERY);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await looking;
      // The database may be gone already; then the others forget this node after a while.
      await withdrawKeys(storage.db, node).catch(() => {});
    },
  };
}
