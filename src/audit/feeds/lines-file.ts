/** Lines at the end of a file, on the disk before they count. Whoever rotates it may rename it at any time. */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Carrier, Format, Sent } from './feed.ts';

/** The agent that reads it is of the same group. */
const MODE = 0o640;
const NEWLINE = 10;

const FIXES: Record<string, string> = {
  EACCES: 'Let the user that Sparekey runs as write there.',
  EPERM: 'Let the user that Sparekey runs as write there.',
  EROFS: 'The file system is read-only: choose another place, or allow it in the service unit (ReadWritePaths).',
  ENOSPC: 'The disk is full: make room, or rotate the file more often.',
  ENOENT: 'Make the folder.',
  EISDIR: 'Name a file, not a folder.',
};

const told = (file: string, error: unknown): Extract<Sent, { is: 'failed' }> => {
  const code = String((error as NodeJS.ErrnoException).code ?? 'unknown cause');
  const cause = `${file} can’t be written (${code}).`;
  return { is: 'failed', cause, fix: FIXES[code] ?? `Look at ${dirname(file)}.`, key: 'file' };
};

/** A crash in the middle of a line must not swallow the next one. */
async function endsInLine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last[0] === NEWLINE;
}

async function append(file: string, text: string): Promise<void> {
  const handle = await open(file, 'a+', MODE);
  try {
    if (text === '') return;
    await handle.appendFile(`${(await endsInLine(handle)) ? '' : '\n'}${text}`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** `format`: a record without its line break. */
export const createLinesFile = (file: string, format: Format): Carrier => ({
  to: file,
  async carry(records) {
    try {
      await append(file, records.map((record) => `${format(record)}\n`).join(''));
      return { is: 'delivered' };
    } catch (error) {
      return told(file, error);
    }
  },
  async check() {
    const what = `write to ${file}`;
    try {
      await append(file, '');
      return [{ is: 'ok', what }];
    } catch (error) {
      const { cause, fix, key } = told(file, error);
      return [{ is: 'failed', what, cause, fix, key }];
    }
  },
});
