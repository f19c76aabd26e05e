/**
 * Measures the corpus files: build, look-ups, size and false positives, and the usual other ways in the same run on the same
 * hashes. `node bench/breach.ts [--sizes 1000000,10000000] [--others 10000000] [--folder DIR]`; see README.md here.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBreach } from '../src/breach/breach.ts';
import { type CorpusFile, openCorpusFile } from '../src/breach/corpus-file.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { Secret } from '../src/kernel/secret.ts';
import { bloomFilter, sortedFile, sqliteIndex } from './other-ways.ts';
import { syntheticHash, writeSyntheticText } from './synthetic-hashes.ts';

const { values: flags } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000000,10000000' },
    others: { type: 'string', default: '10000000' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const sizes = flags.sizes.split(',').map(Number);
const others = Number(flags.others);
const folder = mkdtempSync(join(flags.folder, 'sparekey-bench-'));

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });

function table(head: string[], rows: string[][]): void {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  console.log([line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n'));
}

/** Half of them are in the corpus. */
function probesOf(count: number, probes: number): Uint32Array[] {
  return Array.from({ length: probes }, (_, nth) => {
    const words = randomFillSync(new Uint32Array(5));
    if (nth % 2 === 0) syntheticHash(Math.floor((words[0]! / 2 ** 32) * count), count, words);
    return words;
  });
}

/** So many a second, when `callers` ask one after the other each and all at once. */
async function rate(ask: (nth: number) => unknown, probes: number, callers: number): Promise<number> {
  let next = 0;
  const caller = async () => {
    while (next < probes) {
      const nth = next;
      next += 1;
      await ask(nth);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  return probes / ((performance.now() - startedAt) / 1_000);
}

/** Microseconds of single look-ups: median and 99th percentile. */
function latency(ask: (nth: number) => unknown, probes: number): { p50: number; p99: number } {
  const took = new Float64Array(probes);
  for (let nth = 0; nth < probes; nth += 1) {
    const startedAt = performance.now();
    ask(nth);
    took[nth] = (performance.now() - startedAt) * 1_000;
  }
  took.sort();
  return { p50: took[Math.floor(probes * 0.5)]!, p99: took[Math.floor(probes * 0.99)]! };
}

/** Takes the file out of the page cache (GNU dd documents it so); each look-up after it goes to the disk. */
function coldLatency(file: CorpusFile, probes: readonly Uint32Array[]): { p50: number; p99: number } {
  const took = probes.map((words) => {
    execFileSync('dd', [`of=${file.path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], { stdio: 'ignore' });
    const startedAt = performance.now();
    file.lookUp(words);
    return (performance.now() - startedAt) * 1_000;
  });
  took.sort((a, b) => a - b);
  return { p50: took[Math.floor(took.length * 0.5)]!, p99: took[Math.floor(took.length * 0.99)]! };
}

function opened(path: string): CorpusFile {
  const found = openCorpusFile(path);
  if (found.is === 'unusable') throw new Error(found.cause);
  return found.file;
}

interface Built {
  path: string;
  seconds: number;
  peakMegabytes: number;
  bytes: number;
}

function built(source: string, layout: 'filter' | 'exact'): Built {
  const path = `${source}.${layout}`;
  const script = join(import.meta.dirname, 'breach-build.ts');
  const { stdout, status } = spawnSync(process.execPath, [script, source, path, layout], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('The build failed.');
  return { path, ...JSON.parse(stdout) };
}

async function measure(count: number): Promise<{ build: string[][]; ask: string[][] }> {
  const source = join(folder, `${count}.txt`);
  writeSyntheticText(source, count);
  const build: string[][] = [];
  const ask: string[][] = [];
  for (const layout of ['filter', 'exact'] as const) {
    const { path, seconds, peakMegabytes, bytes } = built(source, layout);
    const file = opened(path);
    const probes = probesOf(count, 400_000);
    const one = (nth: number) => file.lookUp(probes[nth]!);
    await rate(one, probes.length, 1);
    let wrong = 0;
    const strange = new Uint32Array(5);
    const strangers = layout === 'filter' ? 8_000_000 : 1_000_000;
    for (let nth = 0; nth < strangers; nth += 1) if (file.lookUp(randomFillSync(strange)).is === 'breached') wrong += 1;
    const missed = probes.filter((words, nth) => nth % 2 === 0 && file.lookUp(words).is !== 'breached').length;
    if (missed > 0) throw new Error(`${missed} hashes that were put in are not found.`);
    const breach = openBreach(
      { file: path, online: { enabled: false, url: '', timeout: 0 }, whenUnavailable: 'accept' },
      { clock: systemClock, log: { info() {}, warn: console.error, error: console.error } },
    )!;
    const passwords = Array.from({ length: 200_000 }, (_, nth) => new Secret(`correct horse ${nth}`));
    const port = (nth: number) => breach.lookUp(passwords[nth]!);
    await rate(port, 50_000, 1);
    const speeds = [
      await rate(one, probes.length, 1),
      await rate(port, passwords.length, 1),
      await rate(port, passwords.length, 16),
    ];
    const warm = latency(one, probes.length);
    const cold = coldLatency(file, probes.slice(0, 200));
    build.push([
      `${number(count / 1e6)} M`,
      layout,
      number(count / seconds),
      number(peakMegabytes),
      number((bytes * 8) / count, 2),
      wrong === 0 ? `0 of ${number(strangers)}` : `1 in ${number(strangers / wrong)}`,
    ]);
    ask.push([
      `${number(count / 1e6)} M`,
      layout,
      ...speeds.map((speed) => number(speed)),
      `${number(warm.p50, 1)} / ${number(warm.p99, 1)}`,
      `${number(cold.p50)} / ${number(cold.p99)}`,
    ]);
    await breach.close();
    file.close();
    if (count !== others) rmSync(path);
  }
  rmSync(source);
  return { build, ask };
}

async function compare(count: number): Promise<string[][]> {
  const probes = probesOf(count, 200_000);
  const rows: { name: string; bits: number; speeds: number[] }[] = [];
  const add = async (name: string, bytes: number, has: (words: Uint32Array) => unknown) => {
    const ask = (nth: number) => has(probes[nth]!);
    await rate(ask, probes.length, 1);
    rows.push({
      name,
      bits: (bytes * 8) / count,
      speeds: [await rate(ask, probes.length, 1), await rate(ask, probes.length, 16)],
    });
  };
  for (const layout of ['filter', 'exact'] as const) {
    const file = opened(join(folder, `${count}.txt.${layout}`));
    await add(`Sparekey, ${layout}`, statSync(file.path).size, (words) => file.lookUp(words));
    file.close();
  }
  for (const make of [bloomFilter, sortedFile, sqliteIndex]) {
    const path = join(folder, make.name);
    const way = make(path, count);
    await add(way.name, way.bytes, way.has);
    way.close();
    rmSync(path);
  }
  const [{ bits, speeds: own } = { bits: 0, speeds: [] }] = rows;
  return rows.map((row) => [
    row.name,
    number(row.bits, 2),
    `${number(row.bits / bits, 2)} ×`,
    ...row.speeds.flatMap((speed, nth) => [number(speed), `${number(speed / own[nth]!, 2)} ×`]),
  ]);
}

try {
  console.log(`Node ${process.version}, ${cpus()[0]?.model.trim()} (${cpus().length} threads)\n`);
  const results = [];
  for (const size of sizes) results.push(await measure(size));
  table(
    ['hashes', 'file', 'built, hashes a second', 'peak memory, MB', 'bits a hash', 'false positives'],
    results.flatMap(({ build }) => build),
  );
  table(
    [
      'hashes',
      'file',
      'look-ups a second',
      'with SHA-1, through the port',
      '… 16 callers',
      'warm µs p50 / p99',
      'cold µs p50 / p99',
    ],
    results.flatMap(({ ask }) => ask),
  );
  if (sizes.includes(others))
    table(
      [
        `${number(others / 1e6)} M hashes`,
        'bits a hash',
        'ratio',
        'look-ups a second, 1 caller',
        'ratio',
        '16 callers',
        'ratio',
      ],
      await compare(others),
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
