/**
 * The corpus file that is in use. Another file in its place is noticed within two seconds of use and taken when it is sound;
 * until then, and when it is not, the open one goes on answering. Look-ups are synchronous, so that none is under way while
 * the files change.
 */
import { statSync } from 'node:fs';
import { type Clock, seconds } from '../kernel/clock.ts';
import type { Finding } from '../kernel/plugin.ts';
import type { BreachAnswer, BreachLog } from './breach.ts';
import { type CorpusFile, markOf, openCorpusFile } from './corpus-file.ts';
import { HASH_NAME, hashWords } from './hash-kind.ts';

export interface WatchedCorpus {
  lookUp(password: string): BreachAnswer;
  check(): Finding[];
  close(): void;
}

const LOOK_EVERY = seconds(2);
const MISSING = 'missing';

/** In every corpus of leaked passwords. */
const KNOWN = ['123456', 'password'];

const FIX = 'Build it anew with sparekey breach build, then look at it with sparekey breach verify.';

const markAt = (path: string): string => {
  try {
    return markOf(statSync(path));
  } catch {
    return MISSING;
  }
};

export function createWatchedCorpus(path: string, { clock, log }: { clock: Clock; log: BreachLog }): WatchedCorpus {
  let file: CorpusFile | undefined;
  let cause = '';
  /** What lay there at the last look; a file that can't be used is told once. */
  let seen: string | undefined;
  let lookedAt = 0;
  let damaged = false;
  let closed = false;

  function refresh(): void {
    if (closed) return;
    const now = clock.now();
    if (seen !== undefined && now - lookedAt < LOOK_EVERY && now >= lookedAt) return;
    lookedAt = now;
    const mark = markAt(path);
    if (mark === seen) return;
    seen = mark;
    const opened = openCorpusFile(path);
    if (opened.is === 'unusable') {
      cause = opened.cause;
      const left = file
        ? 'The corpus file can’t be used; the one before stays in use.'
        : 'The corpus file can’t be used.';
      log.error({ file: path, cause, fix: FIX }, left);
      return;
    }
    file?.close();
    file = opened.file;
    seen = file.mark;
    damaged = false;
    const { entries, kind, builtAt } = file.header;
    log.info(
      { file: path, hashes: entries, kind, builtAt: new Date(builtAt).toISOString() },
      'The corpus file is in use.',
    );
  }

  function lookUp(password: string): BreachAnswer {
    refresh();
    if (!file) return { is: 'unavailable', cause };
    const found = file.lookUp(hashWords(file.header.kind, password));
    if (found.is !== 'corrupt') return found;
    if (!damaged) log.error({ file: path, cause: found.cause, fix: FIX }, 'The corpus file is damaged.');
    damaged = true;
    return { is: 'unavailable', cause: found.cause };
  }

  refresh();
  return {
    lookUp,
    check() {
      refresh();
      const what = `open the corpus file ${path}`;
      if (!file) return [{ is: 'failed', what, cause, fix: FIX, key: 'file' }];
      const { entries, kind, builtAt } = file.header;
      const day = new Date(builtAt).toISOString().slice(0, 10);
      const told = `${what}: ${entries.toLocaleString('en')} ${HASH_NAME[kind]} hashes, built ${day}`;
      const answers = KNOWN.map((password) => lookUp(password));
      const broken = answers.find((answer) => answer.is === 'unavailable');
      if (broken) return [{ is: 'failed', what: told, cause: broken.cause, fix: FIX, key: 'file' }];
      if (answers.every(({ is }) => is === 'breached')) return [{ is: 'ok', what: told }];
      const lacking = 'It does not know the most common passwords, so it is only a part of a corpus.';
      return [{ is: 'warning', what: told, cause: lacking, fix: 'Build it from a whole download.', key: 'file' }];
    },
    close() {
      closed = true;
      file?.close();
      file = undefined;
      cause = 'The corpus file is closed.';
    },
  };
}
