/**
 * The file with the server's root keys. Made once, complete or not at all, readable by its owner only; never overwritten by a
 * start. Newest key first; the others still open. `base` makes MACs and peppers and is never rotated (see docs/adr/0013).
 */
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Clock } from '../kernel/clock.ts';
import type { RootKey } from '../kernel/keyring.ts';
import { newId } from '../kernel/random.ts';
import { syncPath } from '../kernel/sync-path.ts';

export type KeysFile =
  | { is: 'opened'; keys: [RootKey, ...RootKey[]] }
  | { is: 'missing' }
  /** `cause` holds no key material. */
  | { is: 'unusable'; cause: string; fix: string };

const entry = Type.Object({
  // Sealed values are written `<id>.<text>`, so an id must not hold a dot.
  id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
  createdAt: Type.String(),
  key: Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' }),
});
const schema = Type.Object({
  keys: Type.Array(entry, { minItems: 1 }),
  // Files of the first builds have none: there the oldest key is it.
  base: Type.Optional(entry),
});

type Content = Static<typeof schema>;

const RESTORE = 'Restore the file from its backup: without its keys nothing sealed can be opened again.';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';

type Parsed = { is: 'read'; content: Content } | Extract<KeysFile, { is: 'unusable' }>;

function parseContent(text: string): Parsed {
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
  const twice = file.keys.find(({ id }, index) => file.keys.slice(0, index).some((other) => other.id === id));
  if (twice)
    return { is: 'unusable', cause: `Key ${twice.id} stands in the key file twice.`, fix: 'Remove the wrong one.' };
  return { is: 'read', content: file };
}

function parseKeys(text: string): KeysFile {
  const parsed = parseContent(text);
  if (parsed.is === 'unusable') return parsed;
  const { keys, base } = parsed.content;
  const [first, ...others] = keys.map(({ id, key }): RootKey => ({ id, bytes: Buffer.from(key, 'base64') }));
  const last: RootKey[] = base ? [{ id: base.id, bytes: Buffer.from(base.key, 'base64'), role: 'base' }] : [];
  return { is: 'opened', keys: [first as RootKey, ...others, ...last] };
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

/** A link is all or nothing and never replaces: O_EXCL without the half-written file after a crash. */
function linkOnce(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

const newEntry = (clock: Clock): Content['keys'][number] => ({
  id: newId(),
  createdAt: new Date(clock.now()).toISOString(),
  key: randomBytes(32).toString('base64'),
});

const textOf = (content: Content): string => `${JSON.stringify(content, undefined, 2)}\n`;

/** Makes a file with one new key, unless there is one: then that one is opened, also when two processes start at once. */
export function createKeysFile(path: string, clock: Clock): KeysFile {
  const content: Content = { keys: [newEntry(clock)], base: newEntry(clock) };
  const folder = dirname(path);
  const draft = `${path}.${newId()}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeDurably(draft, textOf(content));
    try {
      linkOnce(draft, path);
      syncPath(folder);
    } finally {
      unlinkSync(draft);
    }
  } catch (error) {
    const fix = `Make ${folder} a folder that the user who runs Sparekey can write to, or set keysFile.`;
    return { is: 'unusable', cause: `Can’t create the key file ${path} (${codeOf(error)}).`, fix };
  }
  return readKeysFile(path);
}

/** Another content in place of the file, whole or not at all; owner and mode stay. Only one process at a time may do it. */
function changeKeysFile(path: string, change: (content: Content) => Content): KeysFile {
  const found = readKeysFile(path);
  if (found.is !== 'opened') return found;
  const draft = `${path}.${newId()}`;
  try {
    const parsed = parseContent(readFileSync(path, 'utf8'));
    if (parsed.is === 'unusable') return parsed;
    const content = change(parsed.content);
    if (content.keys.length === 0) throw new Error('A key file without a key opens nothing.');
    const { uid, gid } = statSync(path);
    writeDurably(draft, textOf(content));
    chownSync(draft, uid, gid);
    renameSync(draft, path);
    syncPath(dirname(path));
  } catch (error) {
    rmSync(draft, { force: true });
    const fix = `Run this as the user who owns ${path}, in a folder that this user can write to.`;
    return { is: 'unusable', cause: `Can’t change the key file ${path} (${codeOf(error)}).`, fix };
  }
  return readKeysFile(path);
}

/** Puts a new key first. What made MACs and peppers so far goes on making them. */
export const addKey = (path: string, clock: Clock): KeysFile =>
  changeKeysFile(path, ({ keys, base = keys.at(-1) as Content['keys'][number] }) => ({
    keys: [newEntry(clock), ...keys],
    base,
  }));

/** Takes every key out but that one. The base stays. */
export const keepKey = (path: string, id: string): KeysFile =>
  changeKeysFile(path, ({ keys, base = keys.at(-1) as Content['keys'][number] }) => ({
    keys: keys.filter((key) => key.id === id),
    base,
  }));

/** When the keys were made, newest first (ISO 8601), by id. The base is not among them. */
export function keyDates(path: string): Map<string, string> {
  const parsed = parseContent(readFileSync(path, 'utf8'));
  return new Map(parsed.is === 'read' ? parsed.content.keys.map(({ id, createdAt }) => [id, createdAt]) : []);
}
