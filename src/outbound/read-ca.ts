/** The authorities that a sender trusts, read once at the start. */
import { readFileSync } from 'node:fs';

/** @throws Error that names the key when the file can't be read. */
export function readCa(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (error) {
    throw new Error(`caFile: ${caFile} can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown cause'}).`);
  }
}
