import { copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createWatchedCorpus } from '../../../src/breach/watched-corpus.ts';
import { seconds } from '../../../src/kernel/clock.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';
import { build, corpusOf, download, leaked, logBook, scratch } from './kit.ts';

const EXACT = { layout: 'exact', partial: true } as const;

function watching(path: string) {
  const clock = createFakeClock();
  const log = logBook();
  const corpus = createWatchedCorpus(path, { clock, log });
  onTestFinished(() => corpus.close());
  const told = () => log.lines.splice(0).map(({ level, message }) => `${level}: ${message}`);
  return { clock, log, corpus, told };
}

async function inUse() {
  const folder = scratch();
  const path = await corpusOf(['one'], EXACT, folder, 'live');
  const replacement = await corpusOf(['two'], EXACT, folder, 'next');
  return { folder, path, replacement, ...watching(path) };
}

describe('another file in its place', () => {
  test('is used within two seconds, without a restart', async () => {
    const { path, replacement, corpus, clock, told } = await inUse();
    expect([corpus.lookUp('one').is, corpus.lookUp('two').is]).toEqual(['breached', 'clean']);
    renameSync(replacement, path);
    clock.advance(seconds(2) - 1);
    expect(corpus.lookUp('one').is).toBe('breached');
    clock.advance(1);
    expect([corpus.lookUp('one').is, corpus.lookUp('two').is]).toEqual(['clean', 'breached']);
    expect(told()).toEqual(['info: The corpus file is in use.', 'info: The corpus file is in use.']);
  });

  test('that is broken leaves the old one in use, and is told once', async () => {
    const { path, replacement, corpus, clock, told } = await inUse();
    told();
    truncateSync(replacement, 1_500);
    renameSync(replacement, path);
    for (let nth = 0; nth < 5; nth += 1) {
      clock.advance(seconds(3));
      expect(corpus.lookUp('one').is).toBe('breached');
    }
    expect(told()).toEqual(['error: The corpus file can’t be used; the one before stays in use.']);
  });

  test('that is mended is used then', async () => {
    const { folder, path, replacement, corpus, clock } = await inUse();
    const good = readFileSync(replacement);
    writeFileSync(join(folder, 'bad'), good.subarray(0, 900));
    renameSync(join(folder, 'bad'), path);
    clock.advance(seconds(2));
    expect(corpus.lookUp('one').is).toBe('breached');
    renameSync(replacement, path);
    clock.advance(seconds(2));
    expect(corpus.lookUp('two').is).toBe('breached');
  });

  test('copied over it in place is used as soon as it is whole, and never mixed with the old one', async () => {
    const { path, replacement, corpus, clock } = await inUse();
    const next = readFileSync(replacement);
    writeFileSync(path, next.subarray(0, 1_700));
    clock.advance(seconds(2));
    expect(corpus.lookUp('one').is).toBe('unavailable');
    copyFileSync(replacement, path);
    clock.advance(seconds(2));
    expect([corpus.lookUp('one').is, corpus.lookUp('two').is]).toEqual(['clean', 'breached']);
  });

  test('of the other hash is used as such', async () => {
    const { folder, path, corpus, clock } = await inUse();
    const source = download(folder, ['8846F7EAEE8FB117AD06BDD830B7586C:1'], 'ntlm.txt');
    await build({ sources: [source], out: path, ...EXACT });
    clock.advance(seconds(2));
    expect(corpus.lookUp('password').is).toBe('breached');
  });
});

test('a file that is deleted stays in use', async () => {
  const { path, corpus, clock, told } = await inUse();
  told();
  rmSync(path);
  clock.advance(seconds(5));
  expect(corpus.lookUp('one').is).toBe('breached');
  expect(told()).toEqual(['error: The corpus file can’t be used; the one before stays in use.']);
});

test('a file that is not there yet is "unavailable", and used as soon as it comes', async () => {
  const folder = scratch();
  const path = join(folder, 'later');
  const { corpus, clock, told } = watching(path);
  expect(corpus.lookUp('one')).toEqual({ is: 'unavailable', cause: expect.stringContaining('There is no such file') });
  expect(told()).toEqual(['error: The corpus file can’t be used.']);
  await corpusOf(['one'], EXACT, folder, 'later');
  clock.advance(seconds(2));
  expect(corpus.lookUp('one').is).toBe('breached');
});

test('a damaged page is "unavailable", told once, without password or hash', async () => {
  const folder = scratch();
  const path = await corpusOf(leaked(50), EXACT, folder, 'live');
  const bytes = readFileSync(path);
  bytes[1_100]! ^= 1;
  writeFileSync(path, bytes);
  const { corpus, log, told } = watching(path);
  expect(corpus.lookUp('leaked-1').is).toBe('unavailable');
  expect(corpus.lookUp('leaked-2').is).toBe('unavailable');
  expect(JSON.stringify(log.lines)).not.toContain('leaked-');
  expect(told()).toEqual(['info: The corpus file is in use.', 'error: The corpus file is damaged.']);
});

test('a closed one answers "unavailable" and opens nothing again', async () => {
  const { corpus, clock } = await inUse();
  corpus.close();
  clock.advance(seconds(9));
  expect(corpus.lookUp('one')).toEqual({ is: 'unavailable', cause: 'The corpus file is closed.' });
});

describe('check', () => {
  test('names what is in it, and knows a corpus by the most common passwords', async () => {
    const path = await corpusOf(['password', '123456', ...leaked(10)], EXACT);
    expect(watching(path).corpus.check()).toEqual([
      { is: 'ok', what: `open the corpus file ${path}: 12 SHA-1 hashes, built 2026-11-23` },
    ]);
  });

  test('warns of a part, and fails without a file', async () => {
    expect(watching(await corpusOf(['one'], EXACT)).corpus.check()).toMatchObject([{ is: 'warning', key: 'file' }]);
    expect(watching(join(scratch(), 'none')).corpus.check()).toMatchObject([{ is: 'failed', key: 'file' }]);
  });
});
