/**
 * Brings commits to the disk. SQLite only appends them to its log (`synchronous=NORMAL`); who committed waits here until the log
 * is synced, off the event loop, and one sync serves everybody who came before it began. The log keeps its order, so whatever was
 * read and built upon is on disk with it.
 */
import { closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { StorageFailure } from '../failure.ts';

export interface Disk {
  /** Everything that was committed before the call is on disk when it resolves. @throws StorageFailure, from the first failure on */
  settled(): Promise<void>;
  /** True once a sync failed: what is in memory and what is on disk may differ until the next start. */
  failed(): boolean;
  close(): Promise<void>;
}

/** For a database in memory. */
export const noDisk: Disk = { settled: async () => {}, failed: () => false, close: async () => {} };

/** `log`: the write-ahead log. SQLite takes no lock on it, so opening and closing it a second time lets go of none. */
export function createDisk(log: string, sync: (file: number) => Promise<void> = promisify(fdatasync)): Disk {
  let file: number | undefined;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let failure: StorageFailure | undefined;

  async function run(before: Promise<void> | undefined): Promise<void> {
    await before?.catch(() => {});
    running = next;
    next = undefined;
    // After a failed sync the kernel may have thrown away what it could not write: a later success would prove nothing.
    if (failure) throw failure;
    try {
      file ??= openSync(log, 'r');
      await sync(file);
    } catch (cause) {
      failure = new StorageFailure(
        'The disk did not take what was stored. Look at the disk and the system log, then restart.',
        {
          cause,
        },
      );
      throw failure;
    } finally {
      running = undefined;
    }
  }

  return {
    settled() {
      next ??= run(running);
      return next;
    },
    failed: () => failure !== undefined,
    async close() {
      await Promise.allSettled([running, next]);
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
