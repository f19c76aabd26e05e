/** The words of passphrases by language, read once when first asked for. Sources and licences: policy/passwords/word-lists/NOTICE.md. */
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

const FOLDER = new URL('../policy/passwords/word-lists/', import.meta.url);
const read = new Map<string, readonly string[]>();

/** German for German, English for everybody else. */
export function wordsFor(language: string): readonly string[] {
  const name = language.split('-')[0] === 'de' ? 'de' : 'en';
  const known = read.get(name);
  if (known) return known;
  const words = brotliDecompressSync(readFileSync(new URL(`${name}.txt.br`, FOLDER)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  read.set(name, words);
  return words;
}
