/** Reads a secret from a file of its own (Docker and Kubernetes secrets). One line break at the end doesn't belong to it. */
import { readFileSync, statSync } from 'node:fs';

export type SecretFile =
  | { is: 'read'; value: string; readableByAll: boolean }
  | { is: 'unreadable'; cause: string; fix: string };

const REASONS: Record<string, { cause: string; fix: string }> = {
  ENOENT: { cause: 'there is no such file.', fix: 'Create it, or correct the path.' },
  EACCES: { cause: 'it may not be read by this user.', fix: 'Give the user that runs Sparekey the right to read it.' },
  EISDIR: { cause: 'it is a folder.', fix: 'Name the file in it.' },
};

export function readSecretFile(path: string): SecretFile {
  try {
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (value === '') return { is: 'unreadable', cause: 'it is empty.', fix: 'Write the secret into it.' };
    return { is: 'read', value, readableByAll: (statSync(path).mode & 0o004) !== 0 };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return { is: 'unreadable', ...(REASONS[code] ?? { cause: `reading it fails (${code}).`, fix: 'Check the path.' }) };
  }
}
