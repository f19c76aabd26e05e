import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createKeysFile, readKeysFile } from '../../../src/config/keys-file.ts';
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
  test('holds one key of 32 bytes, is for its owner only, and leaves nothing else behind', () => {
    const path = join(folder(), 'data/keys.json');
    const made = createKeysFile(path, clock);
    if (made.is !== 'opened') throw new Error(JSON.stringify(made));
    expect(made.keys.map(({ bytes }) => bytes.length)).toEqual([32]);
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
