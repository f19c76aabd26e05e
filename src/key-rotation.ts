/**
 * Rotation of the keys while nodes run: the new key is handed out first, used when every running node knows it, then everything
 * is sealed anew. Every step is found again after kill -9, and nothing is sealed with a key that is not in the file.
 */
import type { Audit } from './audit/audit.ts';
import { addKey, type KeysFile, keepKey, readKeysFile } from './config/keys-file.ts';
import type { Clock } from './kernel/clock.ts';
import type { LiveKeyring } from './kernel/keyring.ts';
import { GONE_AFTER } from './key-watch.ts';
import { announcedKeys, lockKeyState, type NodeKeys, setKeyState } from './storage/repositories/key-state.ts';
import { countSealed, type Resealing, resealAll } from './storage/sealed.ts';
import type { Storage, Trx } from './storage/storage.ts';

export interface RotationDeps {
  storage: Storage;
  keyring: LiveKeyring;
  keysFile: string;
  audit: Audit;
  clock: Clock;
  /** Between two looks at what the nodes tell. */
  pause(): Promise<void>;
  /** ms to wait for the nodes, once for each step. */
  patience: number;
  onProgress?: (resealed: number) => void;
}

export type Rotation =
  /** Everything that `key` did not seal is in `unreadable`. `old`: keys that are still in the file. */
  | { is: 'rotated'; key: string; old: string[]; resealed: number; unreadable: Resealing['unreadable'] }
  /** These nodes don’t know the new key: theirs are other key files. It seals nothing yet. */
  | { is: 'unknown'; key: string; nodes: NodeKeys[] }
  /** These nodes still seal with an older key. */
  | { is: 'unused'; key: string; nodes: NodeKeys[] };

export type Removal = { is: 'removed'; keys: string[] } | { is: 'nothing' } | { is: 'refused'; cause: string };

export interface KeyRotation {
  /** Takes up an earlier one that was not finished, instead of making another key. */
  rotate(): Promise<Rotation>;
  /** Takes the old keys out of the file, when nothing needs them any more. */
  finish(): Promise<Removal>;
}

export const namesOf = (nodes: readonly NodeKeys[]): string => nodes.map(({ name }) => name).join('; ');

export function createKeyRotation(deps: RotationDeps): KeyRotation {
  const { storage, keyring, keysFile, audit, clock, pause, patience, onProgress } = deps;

  /** Ids of the keys in the file, newest first. @throws Error with a sentence. */
  function learnFrom(file: KeysFile): [string, ...string[]] {
    if (file.is !== 'opened')
      throw new Error(file.is === 'missing' ? `The key file ${keysFile} is missing.` : `${file.cause} ${file.fix}`);
    keyring.learn(file.keys);
    return file.keys.filter(({ role }) => role !== 'base').map(({ id }) => id) as [string, ...string[]];
  }

  const tell = (trx: Trx, event: 'keys.added' | 'keys.rotated' | 'keys.removed', keys: string[]): Promise<void> =>
    audit.append(trx, { event, outcome: 'success', actor: 'system', detail: { keys } });

  /** The key to change over to; the one that seals already when only sealing anew is left. */
  const prepare = (): Promise<string> =>
    storage.transaction(async (trx) => {
      const { seals, next } = await lockKeyState(trx);
      const [newest, ...older] = learnFrom(readKeysFile(keysFile));
      if (next !== null) {
        if (keyring.known().includes(next)) return next;
        throw new Error(
          `A rotation to the key "${next}" was begun with another key file. Copy that file to ${keysFile} first.`,
        );
      }
      if (newest === seals && older.length > 0) return seals;
      // Another one than the one that seals: it was made by a run that died before it could tell.
      const made = newest === seals ? learnFrom(addKey(keysFile, clock))[0] : newest;
      await setKeyState(trx, { seals, next: made });
      await tell(trx, 'keys.added', [made]);
      return made;
    });

  /** Nodes of which that is still not so after a while. */
  async function laggards(done: (node: NodeKeys) => boolean): Promise<NodeKeys[]> {
    for (const deadline = clock.now() + patience; ; await pause()) {
      const nodes = await announcedKeys(storage.db, clock.now() - GONE_AFTER);
      const left = nodes.filter((node) => !done(node));
      if (left.length === 0 || clock.now() > deadline) return left;
    }
  }

  const changeOver = (key: string): Promise<void> =>
    storage.transaction(async (trx) => {
      const { next } = await lockKeyState(trx);
      if (next !== key) return;
      await setKeyState(trx, { seals: key, next: null });
      await tell(trx, 'keys.rotated', [key]);
    });

  return {
    async rotate() {
      const key = await prepare();
      const ignorant = await laggards(({ knows }) => knows.includes(key));
      if (ignorant.length > 0) return { is: 'unknown', key, nodes: ignorant };
      await changeOver(key);
      keyring.sealWith(key);
      const late = await laggards(({ seals }) => seals === key);
      if (late.length > 0) return { is: 'unused', key, nodes: late };
      // Nobody seals with another key from here on, so one walk finds everything.
      const { resealed, unreadable } = await resealAll(storage, keyring, onProgress);
      const old = learnFrom(readKeysFile(keysFile)).filter((id) => id !== key);
      return { is: 'rotated', key, old, resealed, unreadable };
    },
    finish: () =>
      storage.transaction(async (trx) => {
        const { seals, next } = await lockKeyState(trx);
        if (next !== null) return { is: 'refused', cause: `The key "${next}" does not seal yet.` };
        const old = learnFrom(readKeysFile(keysFile)).filter((id) => id !== seals);
        if (old.length === 0) return { is: 'nothing' };
        const nodes = await announcedKeys(trx, clock.now() - GONE_AFTER);
        const late = nodes.filter((node) => node.seals !== seals);
        if (late.length > 0) return { is: 'refused', cause: `Still sealing with an old key: ${namesOf(late)}.` };
        const counts = await countSealed(trx, old);
        const left = old.reduce((sum, id) => sum + (counts.get(id) ?? 0), 0);
        if (left > 0) return { is: 'refused', cause: `${left} values are still sealed with an old key.` };
        learnFrom(keepKey(keysFile, seals));
        await tell(trx, 'keys.removed', old);
        return { is: 'removed', keys: old };
      }),
  };
}
