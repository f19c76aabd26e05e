/**
 * The keys of the key file as it is now, for a process that runs on while keys come. Looks at most once a second, because
 * anybody can send a text that claims to be sealed with a key that nobody has.
 */
import { type Clock, seconds } from '../kernel/clock.ts';
import type { RootKey } from '../kernel/keyring.ts';
import { readKeysFile } from './keys-file.ts';

const EVERY = seconds(1);

/** None, while the file is missing or unusable: the process goes on with the keys that it has. */
export function createKeysReader(path: string, clock: Clock): () => readonly RootKey[] {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (Math.abs(clock.now() - lookedAt) < EVERY) return [];
    lookedAt = clock.now();
    const found = readKeysFile(path);
    return found.is === 'opened' ? found.keys : [];
  };
}
