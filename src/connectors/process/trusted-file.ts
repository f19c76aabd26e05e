/** A program that is handed passwords must be nobody else's to change: neither the file nor a folder above it. */
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const OTHERS_MAY_WRITE = 0o022;
const STICKY = 0o1000;

/** Why it can't be run safely, for operators. Undefined: it can. */
export async function distrust(file: string): Promise<string | undefined> {
  const ours = process.geteuid?.() ?? 0;
  let path: string;
  try {
    path = await realpath(file);
    await access(path, constants.X_OK);
    if (!(await stat(path)).isFile()) return `${file} is not a file.`;
  } catch (error) {
    return `${file} can't be run (${(error as NodeJS.ErrnoException).code ?? 'unknown cause'}).`;
  }
  for (let part = path; ; part = dirname(part)) {
    const { uid, mode } = await stat(part);
    if (uid !== 0 && uid !== ours) return `${part} belongs to user ${uid}, neither root nor the user of Sparekey.`;
    // In a sticky folder (/tmp) nobody can replace what is somebody else's.
    const sticky = part !== path && (mode & STICKY) !== 0;
    if ((mode & OTHERS_MAY_WRITE) !== 0 && !sticky) return `${part} can be written by others.`;
    if (part === dirname(part)) return undefined;
  }
}
