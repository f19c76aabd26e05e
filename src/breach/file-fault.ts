/** What goes wrong with a file, told in one plain sentence. */
import { CorpusFault } from './format.ts';

const SENTENCES: Record<string, string> = {
  ENOENT: 'There is no such file or folder.',
  ENOTDIR: 'A part of its path is not a folder.',
  EISDIR: 'It is a folder.',
  EACCES: 'This user may not open it: look at owner and mode.',
  EPERM: 'This user may not open it: look at owner and mode.',
  EROFS: 'The disk is mounted read-only.',
  ENOSPC: 'The disk is full.',
  EDQUOT: 'The disk quota is used up.',
  EFBIG: 'The disk does not take files that long.',
  EIO: 'The disk reports an error: look at the system log.',
  EMFILE: 'Too many files are open.',
  ENFILE: 'Too many files are open.',
};

export const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

export const explainFile = (error: unknown): string =>
  error instanceof CorpusFault
    ? error.message
    : (SENTENCES[codeOf(error)] ?? String((error as Error)?.message ?? error));
