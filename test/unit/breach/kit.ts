/** Corpora and downloads for tests, each in a folder of its own that goes away with the test. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { BreachLog } from '../../../src/breach/breach.ts';
import { type BuildOptions, type Built, buildCorpus } from '../../../src/breach/build.ts';
import { type CorpusFile, openCorpusFile } from '../../../src/breach/corpus-file.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sparekey-breach-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase();

/** `count` passwords that are in the made-up leaks. */
export const leaked = (count: number): string[] => Array.from({ length: count }, (_, nth) => `leaked-${nth}`);

/** `HASH:COUNT` lines in order. The count of `leaked-7` is 8. */
export const linesOf = (passwords: readonly string[]): string[] =>
  passwords.map((password, nth) => `${sha1(password)}:${nth + 1}`).sort();

export const words = (hash: string): Uint32Array =>
  Uint32Array.from({ length: 5 }, (_, nth) => Number.parseInt(hash.slice(nth * 8, nth * 8 + 8) || '0', 16));

/** Writes the download into `folder` and gives its path. */
export function download(folder: string, lines: readonly string[], name = 'download.txt', newline = '\r\n'): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${line}${newline}`).join(''));
  return path;
}

/** As the official downloader writes it with `-s false`: one file a prefix, ends of hashes, no newline at the end. */
export function perPrefix(folder: string, lines: readonly string[], name = 'prefixes'): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [prefix, own] of Map.groupBy(lines, (line) => line.slice(0, 5)))
    writeFileSync(join(path, `${prefix}.txt`), own.map((line) => line.slice(5)).join('\r\n'));
  return path;
}

export const build = (options: Pick<BuildOptions, 'sources' | 'out'> & Partial<BuildOptions>): Promise<Built> =>
  buildCorpus({ layout: 'filter', counts: false, ...options }, { clock: createFakeClock(), newSalt: () => 0x5eed });

export function opened(path: string): CorpusFile {
  const found = openCorpusFile(path);
  if (found.is === 'unusable') throw new Error(found.cause);
  onTestFinished(() => found.file.close());
  return found.file;
}

/** Builds a corpus of `passwords` and gives its path. */
export async function corpusOf(
  passwords: readonly string[],
  options: Partial<BuildOptions> = {},
  folder = scratch(),
  name = 'breached.corpus',
): Promise<string> {
  const out = join(folder, name);
  const built = await build({ sources: [download(folder, linesOf(passwords), `${name}.txt`)], out, ...options });
  if (built.is === 'refused') throw new Error(built.cause);
  return out;
}

export interface LogBook extends BreachLog {
  lines: { level: string; about: object; message: string }[];
}

export function logBook(): LogBook {
  const lines: LogBook['lines'] = [];
  const at = (level: string) => (about: object, message: string) => {
    lines.push({ level, about, message });
  };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}
