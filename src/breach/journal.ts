/**
 * The notes of a build under way, beside its unfinished file: one line for each finished shard. A build that was killed is
 * taken up behind the last shard whose pages are whole; notes that don't belong to the same sources and options are dropped.
 */
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import type { Shard } from './format.ts';
import type { Gap } from './holes.ts';

/** What must be the same for a build to be taken up. */
export interface BuildIdentity {
  version: 1;
  layout: string;
  counts: boolean;
  kind: string | undefined;
  /** Paths, sizes and times of change of all sources. */
  sources: string;
  target: number;
}

export interface Note {
  shard: Shard;
  /** Where the first hash of the next shard begins. */
  source: number;
  offset: number;
  line: number;
  kind: string;
  /** The last hash of this shard, as words. */
  last: number[];
  /** The widest between two neighbours so far. */
  gap: Gap;
}

interface Head {
  identity: BuildIdentity;
  salt: number;
  pid: number;
}

export interface Journal {
  readonly salt: number;
  readonly notes: Note[];
  add(note: Note): void;
  /** `keep`: the notes stay for the next run. */
  close(keep: boolean): void;
}

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // The line was being written when the process was killed.
  }
};

function readNotes(path: string): { head: Head; notes: Note[] } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const [head, ...lines] = text.split('\n').map(parsed);
  if (!head) return undefined;
  const end = lines.indexOf(undefined);
  return { head: head as Head, notes: (end < 0 ? lines : lines.slice(0, end)) as Note[] };
}

const isAlive = (pid: number): boolean => {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export type OpenedJournal = { is: 'opened'; journal: Journal } | { is: 'busy'; pid: number };

/** `usable` cuts off notes whose pages didn't reach the disk whole. */
export function openJournal(
  path: string,
  identity: BuildIdentity,
  newSalt: () => number,
  usable: (notes: Note[], salt: number) => Note[],
): OpenedJournal {
  const old = readNotes(path);
  if (old && isAlive(old.head.pid)) return { is: 'busy', pid: old.head.pid };
  const same = old !== undefined && JSON.stringify(old.head.identity) === JSON.stringify(identity);
  const salt = same ? old.head.salt : newSalt();
  const notes = same ? usable(old.notes, salt) : [];
  const head: Head = { identity, salt, pid: process.pid };
  const fresh = `${path}.new`;
  writeFileSync(fresh, [head, ...notes].map((one) => `${JSON.stringify(one)}\n`).join(''));
  renameSync(fresh, path);
  const fd = openSync(path, 'a');
  return {
    is: 'opened',
    journal: {
      salt,
      notes,
      add(note) {
        notes.push(note);
        writeSync(fd, `${JSON.stringify(note)}\n`);
      },
      close(keep) {
        closeSync(fd);
        if (!keep) rmSync(path, { force: true });
      },
    },
  };
}
