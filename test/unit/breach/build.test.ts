import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type BuildDeps, type BuildOptions, buildCorpus } from '../../../src/breach/build.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';
import { build, corpusOf, download, leaked, linesOf, opened, perPrefix, scratch, sha1, words } from './kit.ts';

const LINES = linesOf(leaked(2_000));
const NTLM = LINES.map((line) => line.slice(8));

describe('the same corpus comes of every form of the same download', () => {
  const packed = (folder: string, name: string, ...parts: string[]): string => {
    const path = join(folder, name);
    writeFileSync(path, Buffer.concat(parts.map((part) => gzipSync(part))));
    return path;
  };
  const text = LINES.map((line) => `${line}\n`).join('');

  test.each<[string, (folder: string) => string[]]>([
    ['LF', (folder) => [download(folder, LINES, 'in.txt', '\n')]],
    [
      'lower case',
      (folder) => [
        download(
          folder,
          LINES.map((line) => line.toLowerCase()),
        ),
      ],
    ],
    ['no newline at the end', (folder) => [download(folder, [text.trimEnd()], 'in.txt', '')]],
    ['gzip', (folder) => [packed(folder, 'in.txt.gz', text)]],
    ['gzip in two members', (folder) => [packed(folder, 'in.gz', text.slice(0, 40_000), text.slice(40_000))]],
    [
      'two parts',
      (folder) => [download(folder, LINES.slice(0, 1_234), 'a'), download(folder, LINES.slice(1_234), 'b')],
    ],
    ['per-prefix files', (folder) => [perPrefix(folder, LINES)]],
    [
      'per-prefix files, packed',
      (folder) => {
        const path = perPrefix(folder, LINES);
        for (const name of readdirSync(path)) {
          const file = join(path, name);
          writeFileSync(file, gzipSync(readFileSync(file)));
        }
        return [path];
      },
    ],
    [
      'per-prefix files named one by one',
      (folder) => {
        const path = perPrefix(folder, LINES);
        return readdirSync(path)
          .sort()
          .map((name) => join(path, name));
      },
    ],
    [
      'with rows of padding',
      (folder) => [
        download(
          folder,
          LINES.flatMap((line) => [`${sha1(line)}:0`, line]),
        ),
      ],
    ],
    [
      'without counts',
      (folder) => [
        download(
          folder,
          LINES.map((line) => line.slice(0, 40)),
        ),
      ],
    ],
  ])('%s', async (_title, sources) => {
    const folder = scratch();
    const options = { target: 700, partial: true } as const;
    const expected = await corpusOf(leaked(2_000), options, folder);
    const out = join(folder, 'out');
    expect(await build({ sources: sources(folder), out, ...options })).toMatchObject({ is: 'built', entries: 2_000 });
    expect(readFileSync(out).equals(readFileSync(expected))).toBe(true);
    expect(existsSync(`${out}.part`)).toBe(false);
    expect(existsSync(`${out}.part.notes`)).toBe(false);
  });

  test('NTLM, whole and per prefix', async () => {
    const folder = scratch();
    const ntlm = NTLM.toSorted();
    const options = { layout: 'exact', counts: true, partial: true } as const;
    const one = await build({ sources: [download(folder, ntlm)], out: join(folder, 'one'), ...options });
    const two = await build({ sources: [perPrefix(folder, ntlm)], out: join(folder, 'two'), ...options });
    expect([one, two]).toMatchObject([
      { is: 'built', kind: 'ntlm', entries: 2_000 },
      { is: 'built', kind: 'ntlm', entries: 2_000 },
    ]);
    expect(readFileSync(join(folder, 'one')).equals(readFileSync(join(folder, 'two')))).toBe(true);
  });
});

describe('a download that can’t be used is refused with a sentence, and the old file stays as it was', () => {
  type Case = [string, (folder: string) => { sources: string[]; options?: Partial<BuildOptions> }, string];
  const file = (make: (lines: string[]) => readonly string[], name?: string) => (folder: string) => ({
    sources: [download(folder, make([...LINES]), name)],
  });
  const raw = (bytes: string | Buffer, name: string) => (folder: string) => {
    writeFileSync(join(folder, name), bytes);
    return { sources: [join(folder, name)] };
  };
  const gzipped = gzipSync(LINES.map((line) => `${line}\n`).join(''));
  const flipped = Buffer.from(gzipped);
  flipped[flipped.length >> 1]! ^= 0xff;

  test.each<Case>([
    [
      'wrong order',
      file((lines) => lines.with(1_200, lines[10]!)),
      'download.txt, line 1201: the hashes are not in order',
    ],
    ['ordered by prevalence', file((lines) => lines.toReversed()), 'line 2: the hashes are not in order'],
    ['a hash twice', file((lines) => lines.with(701, lines[700]!)), 'line 702: this hash was there already'],
    ['NTLM among SHA-1', file((lines) => lines.with(3, NTLM[3]!)), 'line 4: NTLM among SHA-1 hashes'],
    [
      'SHA-1 where NTLM was announced',
      (folder) => ({ ...file((lines) => lines)(folder), options: { kind: 'ntlm' } }),
      'line 1: SHA-1 among NTLM hashes',
    ],
    [
      'a second source of the other kind',
      (folder) => ({ sources: [download(folder, LINES, 'a'), download(folder, NTLM, 'b')] }),
      'b, line 1: NTLM among SHA-1 hashes',
    ],
    ['cut off in a hash', raw(`${LINES.join('\n')}`.slice(0, -20), 'cut.txt'), 'ends in the middle of a line'],
    [
      'cut off before a count',
      raw(`${LINES[0]}\n${LINES[1]!.slice(0, 41)}`, 'cut.txt'),
      'line 2: the count is missing',
    ],
    ['cut off half-way', file((lines) => lines.slice(0, 1_200)), 'they are cut off'],
    ['without its beginning', file((lines) => lines.slice(800)), 'The sources hold nothing between 00000000…'],
    ['a hole in it', file((lines) => lines.toSpliced(700, 600)), 'a part is missing'],
    ['empty', raw('', 'empty.txt'), 'empty.txt is empty'],
    ['empty lines only', raw('\r\n\r\n\n', 'blank.txt'), 'blank.txt is empty'],
    ['only padding', file(() => [`${sha1('x')}:0`]), 'is empty'],
    ['some other text', raw('Dear all,\nhello\n', 'letter.txt'), 'line 1: this is not HASH:COUNT'],
    ['a passage of zeros', file((lines) => lines.with(40, '\0'.repeat(44))), 'line 41: this is not HASH:COUNT'],
    [
      'a wrong digit',
      file((lines) => lines.with(40, `${lines[40]!.slice(0, 39)}G:1`)),
      'line 41: this is not HASH:COUNT',
    ],
    [
      'a longer hash',
      file((lines) => lines.with(40, `${lines[40]!.slice(0, 40)}A:1`)),
      'line 41: this is not HASH:COUNT',
    ],
    ['something behind the count', file((lines) => lines.with(9, `${lines[9]} x`)), 'line 10: there is more behind'],
    [
      'a count that is none',
      file((lines) => lines.with(9, `${lines[9]!.slice(0, 40)}:-3`)),
      'line 10: the count is missing',
    ],
    ['a binary without lines', raw(Buffer.alloc(9_000, 'A'), 'blob'), 'the line does not end'],
    ['7z', raw(Buffer.from('7z\xbc\xaf\x27\x1c\n\0\0', 'latin1'), 'in.7z'), 'in.7z is a packed archive'],
    ['zip', raw(Buffer.from('PK\x03\x04\n\0\0', 'latin1'), 'in.zip'), 'in.zip is a packed archive'],
    ['gzip, cut off', raw(gzipped.subarray(0, -9_000), 'in.gz'), 'in.gz: the packed data ends too early'],
    ['gzip, damaged', raw(flipped, 'in.gz'), 'in.gz: the packed data is damaged'],
    [
      'gzip with something behind it',
      raw(Buffer.concat([gzipped, Buffer.from('more')]), 'in.gz'),
      'packed data is damaged',
    ],
    ['a device', () => ({ sources: ['/dev/null'] }), 'is neither a file nor a folder'],
    ['a file that is not there', (folder) => ({ sources: [join(folder, 'none.txt')] }), 'There is no such file'],
    [
      'ends of hashes in a file whose name doesn’t tell the rest',
      file((lines) => lines.map((line) => line.slice(5)), 'ends.txt'),
      'line 1: the first digits of the hash are missing',
    ],
    [
      'a folder without per-prefix files',
      (folder) => {
        mkdirSync(join(folder, 'in'));
        download(join(folder, 'in'), LINES);
        return { sources: [join(folder, 'in')] };
      },
      'holds no per-prefix files',
    ],
    [
      'a folder whose download isn’t done',
      (folder) => ({ sources: [perPrefix(folder, LINES)] }),
      'prefixes is incomplete: 00000.txt is missing',
    ],
    [
      'a folder with a prefix twice',
      (folder) => {
        const path = perPrefix(folder, LINES);
        const [name = ''] = readdirSync(path);
        writeFileSync(join(path, `${name}.gz`), gzipSync(readFileSync(join(path, name))));
        return { sources: [path], options: { partial: true } };
      },
      'Keep one of the two',
    ],
    [
      'a per-prefix file without content',
      (folder) => {
        const path = perPrefix(folder, LINES);
        writeFileSync(join(path, readdirSync(path).sort()[7]!), '');
        return { sources: [path], options: { partial: true } };
      },
      'is empty',
    ],
    [
      'thousands that begin alike',
      (folder) => ({
        sources: [
          download(
            folder,
            linesOf(leaked(5_000)).map((line) => `00000000${line}`.slice(0, 40)),
          ),
        ],
        options: { target: 50, partial: true },
      }),
      'these are not hashes',
    ],
    [
      'counts for a filter',
      (folder) => ({ ...file((lines) => lines)(folder), options: { counts: true } }),
      'A filter can’t keep counts',
    ],
  ])('%s', async (_title, make, sentence) => {
    const folder = scratch();
    const out = await corpusOf(['the old one'], { partial: true }, folder, 'out');
    const before = readFileSync(out);
    const { sources, options = {} } = make(folder);
    const built = await build({ sources, out, target: 500, ...options });
    expect(built).toMatchObject({ is: 'refused' });
    expect(`${Object.values(built).join(' ')}`).toContain(sentence);
    expect(readFileSync(out).equals(before)).toBe(true);
    expect(existsSync(`${out}.part`)).toBe(false);
    expect(existsSync(`${out}.part.notes`)).toBe(false);
  });

  test('a source that grows while it is read', async () => {
    const folder = scratch();
    const source = download(folder, linesOf(leaked(60_000)));
    const out = join(folder, 'out');
    let once = true;
    const progress = () => {
      if (once) appendFileSync(source, `${'F'.repeat(40)}:1\r\n`);
      once = false;
    };
    const built = await buildCorpus({ sources: [source], out, layout: 'filter', counts: false }, { ...DEPS, progress });
    expect(built).toMatchObject({ is: 'refused', cause: expect.stringContaining('changed while it was read') });
    expect(existsSync(out)).toBe(false);
  });

  test.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['cut off', (bytes) => bytes.subarray(0, -400_000), 'in.gz: the packed data ends too early'],
    ['damaged', (bytes) => bytes.fill(0, bytes.length - 8, bytes.length - 4), 'in.gz: the packed data is damaged'],
  ])('a long packed file that is %s', async (_title, harm, cause) => {
    const folder = scratch();
    const packed = gzipSync(linesOf(leaked(60_000)).join('\n'));
    writeFileSync(join(folder, 'in.gz'), harm(packed));
    const built = await build({ sources: [join(folder, 'in.gz')], out: join(folder, 'out'), target: 500 });
    expect(built).toMatchObject({ is: 'refused', cause: expect.stringContaining(cause) });
  });

  test('a place that can’t be written to', async () => {
    const folder = scratch();
    const sources = [download(folder, LINES)];
    mkdirSync(join(folder, 'out'));
    expect(await build({ sources, out: join(folder, 'out') })).toMatchObject({
      is: 'refused',
      cause: expect.stringContaining('It is a folder'),
    });
    expect(await build({ sources, out: join(folder, 'none', 'out') })).toMatchObject({
      is: 'refused',
      cause: expect.stringContaining('There is no such file or folder'),
    });
  });
});

const DEPS: BuildDeps = { clock: createFakeClock(), newSalt: () => 0x5eed };

describe('a build that was interrupted', () => {
  class Stopped extends Error {}
  const PASSWORDS = leaked(100_000);
  const ALL = linesOf(PASSWORDS);

  /** Runs a build that dies when it has read so many hashes; gives how many the next one finds. */
  async function interrupted(sources: string[], out: string, at: number, salt = 0x5eed) {
    const deps: BuildDeps = {
      clock: DEPS.clock,
      newSalt: () => salt,
      progress: ({ hashes }) => {
        if (hashes >= at) throw new Stopped();
      },
    };
    const options = { sources, out, layout: 'exact', counts: true, target: 3_000, partial: true } as const;
    await expect(buildCorpus(options, deps)).rejects.toBeInstanceOf(Stopped);
    return options;
  }

  test.each<[string, (folder: string) => string[]]>([
    ['one file', (folder) => [download(folder, ALL)]],
    [
      'a packed file',
      (folder) => {
        writeFileSync(join(folder, 'in.gz'), gzipSync(ALL.map((line) => `${line}\n`).join('')));
        return [join(folder, 'in.gz')];
      },
    ],
    ['two files', (folder) => [download(folder, ALL.slice(0, 44_444), 'a'), download(folder, ALL.slice(44_444), 'b')]],
    ['per-prefix files', (folder) => [perPrefix(folder, ALL.slice(0, 4_000))]],
  ])('is taken up where it was, and gives the very same file: %s', async (title, make) => {
    const folder = scratch();
    const sources = make(folder);
    const whole = join(folder, 'whole');
    const out = join(folder, 'out');
    const half = title === 'per-prefix files' ? 3_500 : 50_000;
    const options = await interrupted(sources, out, half);
    expect(existsSync(out)).toBe(false);
    const built = await buildCorpus(options, { ...DEPS, newSalt: () => 99 });
    expect(built.is === 'built' && built.resumedAt).toBeGreaterThan(0);
    await buildCorpus({ ...options, out: whole }, DEPS);
    expect(readFileSync(out).equals(readFileSync(whole))).toBe(true);
    expect(opened(out).lookUp(words(ALL[0]!))).toMatchObject({ is: 'breached' });
  });

  test('begins anew when the source is another one', async () => {
    const folder = scratch();
    const options = await interrupted([download(folder, ALL)], join(folder, 'out'), 50_000);
    download(folder, linesOf(leaked(100_001)));
    expect(await buildCorpus(options, DEPS)).toMatchObject({ is: 'built', entries: 100_001, resumedAt: 0 });
  });

  test('begins anew when it is asked for something else', async () => {
    const folder = scratch();
    const options = await interrupted([download(folder, ALL)], join(folder, 'out'), 50_000);
    expect(await buildCorpus({ ...options, counts: false }, DEPS)).toMatchObject({ is: 'built', resumedAt: 0 });
  });

  test('uses nothing behind a page that did not reach the disk', async () => {
    const folder = scratch();
    const options = await interrupted([download(folder, ALL)], join(folder, 'out'), 50_000);
    const part = readFileSync(`${options.out}.part`);
    part.fill(0, part.length / 2);
    writeFileSync(`${options.out}.part`, part);
    const built = await buildCorpus(options, DEPS);
    expect(built).toMatchObject({ is: 'built', entries: 100_000 });
    expect(built.is === 'built' && built.resumedAt).toBeLessThan(45_000);
    expect(opened(options.out).verify()).toEqual([]);
  });

  test('takes a note that was written half as not written', async () => {
    const folder = scratch();
    const options = await interrupted([download(folder, ALL)], join(folder, 'out'), 50_000);
    const notes = readFileSync(`${options.out}.part.notes`, 'utf8');
    writeFileSync(`${options.out}.part.notes`, notes.slice(0, -40));
    expect(await buildCorpus(options, DEPS)).toMatchObject({ is: 'built', entries: 100_000 });
    expect(opened(options.out).verify()).toEqual([]);
  });

  test('is left alone while its process lives', async () => {
    const folder = scratch();
    const options = await interrupted([download(folder, ALL)], join(folder, 'out'), 50_000);
    const notes = `${options.out}.part.notes`;
    writeFileSync(notes, readFileSync(notes, 'utf8').replace(`"pid":${process.pid}`, `"pid":${process.ppid}`));
    expect(await buildCorpus(options, DEPS)).toEqual({
      is: 'refused',
      cause: `Another build (process ${process.ppid}) is writing ${options.out}.`,
      fix: `Wait for it. If there is none, delete ${notes}.`,
    });
  });
});
