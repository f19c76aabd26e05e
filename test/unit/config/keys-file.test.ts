import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addKey, createKeysFile, keepKey, keyDates, readKeysFile } from '../../../src/config/keys-file.ts';
import { createKeysReader } from '../../../src/config/keys-reader.ts';
import { createKeyring } from '../../../src/kernel/keyring.ts';
import { folder } from './kit.ts';

const clock = { now: () => Date.UTC(2026, 0, 2) };
const key = (id: string) => ({
  id,
  createdAt: '2026-01-02T00:00:00.000Z',
  key: Buffer.alloc(32, id).toString('base64'),
});
const written = (content: unknown, mode = 0o600): string => {
  const path = join(
    folder({ 'keys.json': typeof content === 'string' ? content : JSON.stringify(content) }),
    'keys.json',
  );
  chmodSync(path, mode);
  return path;
};

describe('a new key file', () => {
  test('holds one key and a base of 32 bytes each, is for its owner only, and leaves nothing else behind', () => {
    const path = join(folder(), 'data/keys.json');
    const made = createKeysFile(path, clock);
    if (made.is !== 'opened') throw new Error(JSON.stringify(made));
    expect(made.keys.map(({ bytes, role }) => [bytes.length, role])).toEqual([
      [32, undefined],
      [32, 'base'],
    ]);
    expect(made.keys[0].bytes.equals(made.keys[1]?.bytes as Buffer)).toBe(false);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(path, '..'))).toEqual(['keys.json']);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ keys: [{ createdAt: '2026-01-02T00:00:00.000Z' }] });
  });

  test('opens again with the same keys, which seal and open', () => {
    const path = join(folder(), 'keys.json');
    const made = createKeysFile(path, clock);
    const read = readKeysFile(path);
    if (made.is !== 'opened' || read.is !== 'opened') throw new Error('Not opened.');
    expect(createKeyring(read.keys).open(createKeyring(made.keys).seal('text', 'here'), 'here')).toBe('text');
  });

  test('never replaces one that is there', () => {
    const path = join(folder(), 'keys.json');
    const first = createKeysFile(path, clock);
    expect(createKeysFile(path, clock)).toEqual(first);
    expect(readdirSync(join(path, '..'))).toEqual(['keys.json']);
  });

  test('that can’t be written names the folder', () => {
    const home = folder({ 'not-a-folder': '' });
    const made = createKeysFile(join(home, 'not-a-folder/keys.json'), clock);
    expect(made).toMatchObject({ is: 'unusable', fix: expect.stringContaining(`${home}/not-a-folder`) });
  });
});

test('reading never makes a file', () => {
  const path = join(folder(), 'keys.json');
  expect(readKeysFile(path)).toEqual({ is: 'missing' });
  expect(existsSync(path)).toBe(false);
});

test('several keys come in the order of the file', () => {
  const read = readKeysFile(written({ keys: [key('b'), key('a')] }));
  expect(read).toMatchObject({ is: 'opened', keys: [{ id: 'b', bytes: Buffer.alloc(32, 'b') }, { id: 'a' }] });
});

test.each([0o640, 0o604, 0o660, 0o644])('a file of mode %o is refused with the command that mends it', (mode) => {
  const path = written({ keys: [key('a')] }, mode);
  expect(readKeysFile(path)).toMatchObject({ is: 'unusable', fix: `chmod 600 ${path}` });
});

test.each([
  ['no JSON', '{'],
  ['no keys', { keys: [] }],
  ['a short key', { keys: [{ ...key('a'), key: Buffer.alloc(16).toString('base64') }] }],
  ['an id with a dot', { keys: [key('a.b')] }],
  ['an id twice', { keys: [key('a'), key('b'), key('b')] }],
])('a damaged file is refused without quoting it: %s', (_name, content) => {
  const path = written(content);
  const read = readKeysFile(path);
  expect(read.is).toBe('unusable');
  expect(JSON.stringify(read)).not.toMatch(/[A-Za-z0-9+/]{20}=/);
  expect(readFileSync(path, 'utf8')).toBe(typeof content === 'string' ? content : JSON.stringify(content));
});

test('two processes that start at once end up with the same key', () => {
  const path = join(folder(), 'keys.json');
  writeFileSync(`${path}.left-over`, 'from a crash');
  const both = [createKeysFile(path, clock), createKeysFile(path, clock)];
  expect(both[0]).toEqual(both[1]);
});

describe('rotation', () => {
  const opened = (path: string) => {
    const read = readKeysFile(path);
    if (read.is !== 'opened') throw new Error(JSON.stringify(read));
    return read.keys;
  };
  const ids = (path: string) => opened(path).map(({ id, role }) => role ?? id);

  test('puts a new key first and takes old ones out; MACs stay the same', () => {
    const path = join(folder(), 'keys.json');
    createKeysFile(path, clock);
    const [old = ''] = ids(path);
    const before = createKeyring(opened(path));
    const sealed = before.seal('text', 'here');
    const added = addKey(path, { now: () => Date.UTC(2026, 1, 3) });
    const [fresh = ''] = ids(path);
    expect(ids(path)).toEqual([fresh, old, 'base']);
    expect(added).toEqual(readKeysFile(path));
    expect([...keyDates(path).values()]).toEqual(['2026-02-03T00:00:00.000Z', '2026-01-02T00:00:00.000Z']);
    expect(createKeyring(opened(path)).open(sealed, 'here')).toBe('text');
    keepKey(path, fresh);
    expect(ids(path)).toEqual([fresh, 'base']);
    const after = createKeyring(opened(path));
    expect(after.mac('session-token', 't')).toBe(before.mac('session-token', 't'));
    expect(() => after.open(sealed, 'here')).toThrow('not in the key file');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['keys.json']);
  });

  test('of a file of the first builds, which has no base: what made MACs goes on making them', () => {
    const path = written({ keys: [key('b'), key('a')] });
    const before = createKeyring(opened(path)).mac('session-token', 't');
    addKey(path, clock);
    const [fresh = ''] = ids(path);
    expect(createKeyring(opened(path)).mac('session-token', 't')).toBe(before);
    keepKey(path, fresh);
    expect(ids(path)).toEqual([fresh, 'base']);
    expect(createKeyring(opened(path)).mac('session-token', 't')).toBe(before);
  });

  test('keeps the owner of the file', () => {
    const path = written({ keys: [key('a')] });
    if (process.getuid?.() !== 0) return expect(addKey(path, clock).is).toBe('opened');
    chownSync(path, 1234, 1235);
    addKey(path, clock);
    expect(statSync(path)).toMatchObject({ uid: 1234, gid: 1235 });
  });

  test('never leaves a file without a key, and touches no damaged one', () => {
    const path = written({ keys: [key('a')] });
    expect(keepKey(path, 'nobody')).toMatchObject({ is: 'unusable' });
    expect(ids(path)).toEqual(['a']);
    const damaged = written('{');
    expect(addKey(damaged, clock)).toMatchObject({ is: 'unusable' });
    expect(readFileSync(damaged, 'utf8')).toBe('{');
    expect(addKey(join(folder(), 'none.json'), clock)).toEqual({ is: 'missing' });
  });
});

test('a running process sees what came into the file, and looks at most once a second', () => {
  const path = written({ keys: [key('a')] });
  let now = 10_000;
  const reader = createKeysReader(path, { now: () => now });
  expect(reader().map(({ id }) => id)).toEqual(['a']);
  addKey(path, clock);
  expect(reader()).toEqual([]);
  now += 1_000;
  expect(reader()).toHaveLength(3);
  now += 1_000;
  writeFileSync(path, '{');
  expect(reader()).toEqual([]);
});
