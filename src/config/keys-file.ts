/**
 * The file with the server's root keys. Made once, complete or not at all, readable by its owner only; never overwritten.
 * Newest key first: it seals, the others still open.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Clock } from '../kernel/clock.ts';
import type { RootKey } from '../kernel/keyring.ts';
import { newId } from '../kernel/random.ts';

export type KeysFile =
  | { is: 'opened'; keys: [RootKey, ...RootKey[]] }
  | { is: 'missing' }
  /** `cause` holds no key material. */
  | { is: 'unusable'; cause: string; fix: string };

const schema = Type.Object({
  keys: Type.Array(
    Type.Object({
      // Sealed values are written `<id>.<text>`, so an id must not hold a dot.
      id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
      createdAt: Type.String(),
      key: Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' }),
    }),
    { minItems: 1 },
  ),
});

const RESTORE = 'Restore the file from its backup: without its keys nothing sealed can be opened again.';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';

function parseKeys(text: string): KeysFile {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return { is: 'unusable', cause: 'The key file is not JSON.', fix: RESTORE };
  }
  if (!Value.Check(schema, file)) {
    const [fault] = Value.Errors(schema, file);
    return { is: 'unusable', cause: `The key file is damaged at "${fault?.instancePath}".`, fix: RESTORE };
  }
  const [first, ...others] = file.keys.map(({ id, key }): RootKey => ({ id, bytes: Buffer.from(key, 'base64') }));
  const twice = others.find(({ id }, index) => [first, ...others.slice(0, index)].some((other) => other?.id === id));
  if (twice)
    return { is: 'unusable', cause: `Key ${twice.id} stands in the key file twice.`, fix: 'Remove the wrong one.' };
  return { is: 'opened', keys: [first as RootKey, ...others] };
}

export function readKeysFile(path: string): KeysFile {
  try {
    const mode = statSync(path).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      const cause = `Others may read the key file ${path} (mode 0${mode.toString(8)}).`;
      return { is: 'unusable', cause, fix: `chmod 600 ${path}` };
    }
    return parseKeys(readFileSync(path, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { is: 'missing' };
    const fix = 'Give the user that runs Sparekey the right to read it.';
    return { is: 'unusable', cause: `Can’t read the key file ${path} (${codeOf(error)}).`, fix };
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** A link is all or nothing and never replaces: O_EXCL without the half-written file after a crash. */
function linkOnce(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Makes a file with one new key, unless there is one: then that one is opened, also when two processes start at once. */
export function createKeysFile(path: string, clock: Clock): KeysFile {
  const key = { id: newId(), createdAt: new Date(clock.now()).toISOString(), key: randomBytes(32).toString('base64') };
  const folder = dirname(path);
  const draft = `${path}.${newId()}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeDurably(draft, `${JSON.stringify({ keys: [key] }, undefined, 2)}\n`);
    try {
      linkOnce(draft, path);
      syncFolder(folder);
    } finally {
      unlinkSync(draft);
    }
  } catch (error) {
    const fix = `Make ${folder} a folder that the user who runs Sparekey can write to, or set keysFile.`;
    return { is: 'unusable', cause: `Can’t create the key file ${path} (${codeOf(error)}).`, fix };
  }
  return readKeysFile(path);
}
