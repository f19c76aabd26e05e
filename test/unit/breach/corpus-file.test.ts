import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildCorpus } from '../../../src/breach/build.ts';
import { openCorpusFile } from '../../../src/breach/corpus-file.ts';
import { hashWords } from '../../../src/breach/hash-kind.ts';
import { build, corpusOf, download, leaked, linesOf, opened, scratch, sha1, words } from './kit.ts';

const PASSWORDS = leaked(20_000);
const strangers = (count: number): string[] => Array.from({ length: count }, (_, nth) => `stranger-${nth}`);

describe.each([
  ['one shard', undefined],
  ['many shards', 300],
] as const)('a filter of %s', (_title, target) => {
  const own = target === undefined ? {} : { target };

  test('knows every password that was put in', async () => {
    const file = opened(await corpusOf(PASSWORDS, own));
    for (const password of PASSWORDS) expect(file.lookUp(hashWords('sha1', password))).toEqual({ is: 'breached' });
  });

  test('takes about 1 in 1,024 others for breached', async () => {
    const file = opened(await corpusOf(PASSWORDS, own));
    const probe = new Uint32Array(5);
    const seen = { breached: 0, clean: 0, corrupt: 0 };
    for (let nth = 0; nth < 300_000; nth += 1) seen[file.lookUp(randomFillSync(probe)).is] += 1;
    expect(seen.corrupt).toBe(0);
    // 293 expected; five standard deviations are 86.
    expect(seen.breached).toBeGreaterThan(207);
    expect(seen.breached).toBeLessThan(379);
  });
});

test('a filter of 600,000 hashes takes at most 11.5 bits each, with everything around it', async () => {
  const folder = scratch();
  const all = randomFillSync(Buffer.alloc(600_000 * 20))
    .toString('hex')
    .toUpperCase();
  const lines = Array.from({ length: 600_000 }, (_, nth) => `${all.slice(nth * 40, nth * 40 + 40)}:1`).sort();
  const built = await build({ sources: [download(folder, lines)], out: join(folder, 'out') });
  expect(built).toMatchObject({ is: 'built', entries: 600_000, shards: 2 });
  expect((statSync(join(folder, 'out')).size * 8) / 600_000).toBeLessThan(11.5);
});

describe.each([
  ['with counts', true, 12],
  ['without counts', false, 12],
  ['of one shard', false, undefined],
  ['of shards with several pages', true, 2_000],
] as const)('an exact file %s', (_title, counts, target) => {
  const own = { layout: 'exact', counts, ...(target === undefined ? {} : { target }) } as const;

  test('knows every password that was put in, and no other', async () => {
    const file = opened(await corpusOf(PASSWORDS, own));
    for (const [nth, password] of PASSWORDS.entries())
      expect(file.lookUp(hashWords('sha1', password))).toEqual({
        is: 'breached',
        ...(counts ? { count: nth + 1 } : {}),
      });
    for (const password of strangers(20_000)) expect(file.lookUp(hashWords('sha1', password))).toEqual({ is: 'clean' });
  });
});

test('hashes that are anything but even are found as well', async () => {
  const folder = scratch();
  const even = linesOf(leaked(500)).map((line) => `0000${line.slice(4)}`);
  const crowded = linesOf(leaked(900)).map((line) => `7FFF${line.slice(4)}`);
  const lines = [...even, ...crowded, `${'F'.repeat(40)}:3`].sort();
  const source = download(folder, lines);
  await build({ sources: [source], out: join(folder, 'exact'), layout: 'exact', partial: true });
  const file = opened(join(folder, 'exact'));
  for (const line of lines) expect(file.lookUp(words(line))).toEqual({ is: 'breached' });
  expect(file.lookUp(words('0'.repeat(40)))).toEqual({ is: 'clean' });
  expect(file.lookUp(words(`8${'0'.repeat(39)}`))).toEqual({ is: 'clean' });
  expect(file.lookUp(words(`${'F'.repeat(39)}E`)).is).toBe('breached'); // Same first 80 bits.
  expect(file.lookUp(words(`${'F'.repeat(19)}E${'F'.repeat(20)}`))).toEqual({ is: 'clean' });
});

test('a hash before the first one of the file is clean', async () => {
  const folder = scratch();
  const out = join(folder, 'out');
  await build({ sources: [download(folder, [`8${sha1('x').slice(1)}:1`])], out, partial: true });
  expect(opened(out).lookUp(words('0'.repeat(40)))).toEqual({ is: 'clean' });
});

test('an NTLM corpus is asked by NTLM', async () => {
  const folder = scratch();
  const hash = '8846F7EAEE8FB117AD06BDD830B7586C';
  await build({ sources: [download(folder, [`${hash}:9`])], out: join(folder, 'out'), layout: 'exact', partial: true });
  const file = opened(join(folder, 'out'));
  expect(file.header.kind).toBe('ntlm');
  expect(file.lookUp(hashWords('ntlm', 'password'))).toEqual({ is: 'breached' });
  expect(file.lookUp(hashWords('ntlm', 'Password'))).toEqual({ is: 'clean' });
});

describe('a file that can’t be used says why', () => {
  const causeOf = (path: string): string => {
    const found = openCorpusFile(path);
    return found.is === 'unusable' ? found.cause : 'opened';
  };
  const changed = async (change: (bytes: Buffer) => Buffer): Promise<string> => {
    const path = await corpusOf(leaked(3_000), { target: 500 });
    writeFileSync(path, change(readFileSync(path)));
    return causeOf(path);
  };
  const flipped = (at: number) => (bytes: Buffer) => {
    bytes[at < 0 ? bytes.length + at : at]! ^= 1;
    return bytes;
  };

  test.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['empty', () => Buffer.alloc(0), 'too short'],
    ['some text', () => Buffer.from('hello '.repeat(400)), 'not a corpus file'],
    ['zeros', (bytes) => Buffer.alloc(bytes.length), 'not a corpus file'],
    ['of another version', flipped(8), 'has version 0 of the format'],
    ['a flipped bit in the header', flipped(20), 'header is damaged'],
    ['a flipped bit in the index', flipped(-30), 'index is damaged'],
    ['cut off', (bytes) => bytes.subarray(0, bytes.length - 10), 'cut off'],
    ['longer than it was', (bytes) => Buffer.concat([bytes, Buffer.from('x')]), 'something was added'],
  ])('%s', async (_title, change, cause) => {
    expect(await changed(change)).toContain(cause);
  });

  test('missing, a folder, or a pipe', () => {
    const folder = scratch();
    spawnSync('mkfifo', [join(folder, 'pipe')]);
    expect(causeOf(join(folder, 'pipe'))).toContain('It is not a file');
    expect(causeOf(join(folder, 'nothing'))).toContain('There is no such file');
    expect(causeOf(folder)).toContain('can’t be used');
  });
});

describe('an open file that is damaged meanwhile', () => {
  test('never answers from a damaged page, and verify names it', async () => {
    const path = await corpusOf(PASSWORDS, { layout: 'exact', target: 2_000 });
    const bytes = readFileSync(path);
    bytes[5_000]! ^= 4;
    writeFileSync(path, bytes);
    const file = opened(path);
    const answers = PASSWORDS.map((password) => file.lookUp(hashWords('sha1', password)).is);
    expect(new Set(answers)).toEqual(new Set(['breached', 'corrupt']));
    expect(file.verify()).toEqual([expect.stringContaining('page 4 is damaged')]);
  });

  test('is noticed when it is cut off', async () => {
    const path = await corpusOf(PASSWORDS);
    const file = opened(path);
    truncateSync(path, 2_048);
    const answers = PASSWORDS.slice(0, 50).map((password) => file.lookUp(hashWords('sha1', password)));
    for (const answer of answers) expect(answer).toEqual({ is: 'corrupt', cause: expect.stringContaining('cut off') });
  });

  test('is noticed when another sound corpus is copied over it in place', async () => {
    const folder = scratch();
    const path = await corpusOf(PASSWORDS, {}, folder, 'one');
    const file = opened(path);
    // Same number of hashes, so the same shape; another build has another salt.
    const other = join(folder, 'two');
    const sources = [download(folder, linesOf(strangers(20_000)), 'two.txt')];
    await buildCorpus({ sources, out: other, layout: 'filter', counts: false }, { clock: Date, newSalt: () => 2 });
    copyFileSync(other, path);
    for (const password of PASSWORDS.slice(0, 50)) expect(file.lookUp(hashWords('sha1', password)).is).toBe('corrupt');
  });

  test('is no crash when it is closed', async () => {
    const file = opened(await corpusOf(leaked(10)));
    file.close();
    expect(file.lookUp(hashWords('sha1', 'leaked-1')).is).toBe('corrupt');
    file.close();
  });
});
