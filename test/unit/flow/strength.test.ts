/** The meter: right often enough to help, and never in anybody's way. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createMeter, type MeterDeps } from '../../../src/flow/strength/meter.ts';
import { SUGGESTIONS, strengthOf, WARNINGS } from '../../../src/policy/passwords/strength.ts';
import { createTranslator } from '../../../src/text/index.ts';
import { createFakeClock } from '../../kit/fake-clock.ts';

function meterWith(more: Partial<MeterDeps> = {}) {
  const clock = createFakeClock(0);
  const said: string[] = [];
  const log = { warn: (_detail: object, message: string) => void said.push(message) };
  const meter = createMeter({ clock, log, patience: 20_000, limit: 20_000, ...more });
  onTestFinished(() => meter.close());
  return { meter, clock, said };
}

/** A worker made of a few lines. */
function workerOf(code: string): URL {
  const folder = mkdtempSync(join(tmpdir(), 'sparekey-worker-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'worker.mjs'), `import { parentPort } from 'node:worker_threads';\n${code}`);
  return pathToFileURL(join(folder, 'worker.mjs'));
}

describe('the estimator', () => {
  test('knows words, names, sequences and repetitions, also German ones', async () => {
    const { meter, said } = meterWith();
    const of = (password: string, words: string[] = []) => meter.measure(password, words);
    expect(await of('password')).toMatchObject({ level: 0, warning: 'topTen' });
    expect(await of('geheimnis')).toMatchObject({ level: 0 });
    expect(await of('aaaaaaaaaaaaaaaaaaaa')).toMatchObject({ level: 0, warning: 'simpleRepeat' });
    expect((await of('northfieldnorthfield', ['northfield']))?.level).toBeLessThan(2);
    expect((await of('seven quiet herons'))?.level).toBeGreaterThanOrEqual(3);
    expect(await of('teapot canyon violin meadow ladder')).toEqual({ level: 4, advice: [] });
    expect(await of('密碼不是這麼簡單的東西呢你說對')).toMatchObject({ level: 4 });
    expect(said).toEqual([]);
  });

  test('reads 64 characters and no more, so the longest password takes no longer', async () => {
    const { meter } = meterWith();
    const start = 'q7'.repeat(32);
    expect(await meter.measure(start, [])).toEqual(await meter.measure(`${start}${'x9Vk'.repeat(16)}`, []));
    expect(await meter.measure('\ud800'.repeat(128), [])).toMatchObject({ level: expect.any(Number) });
  });

  test('is asked nothing for an empty field, and not started for it', async () => {
    const { meter } = meterWith({ entry: new URL('file:///nowhere/worker.mjs') });
    expect(await meter.measure('', [])).toBe(undefined);
  });
});

describe('what goes wrong means "no meter" and nothing else', () => {
  test('a module that is not there: said once, tried again later', async () => {
    const { meter, clock, said } = meterWith({ entry: new URL('file:///nowhere/worker.mjs') });
    expect(await meter.measure('seven quiet herons', [])).toBe(undefined);
    expect(await meter.measure('seven quiet herons', [])).toBe(undefined);
    expect(said).toHaveLength(1);
    clock.advance(2_000);
    expect(await meter.measure('seven quiet herons', [])).toBe(undefined);
    expect(said).toHaveLength(2);
  });

  test('a worker that dies is replaced', async () => {
    const entry = workerOf(
      `parentPort.on('message', ({ text }) => { if (text === 'die') process.exit(1); parentPort.postMessage({ guesses: 20, warning: null, suggestions: [] }); });`,
    );
    const { meter, clock, said } = meterWith({ entry });
    expect(await meter.measure('live', [])).toEqual({ level: 4, advice: [] });
    expect(await meter.measure('die', [])).toBe(undefined);
    clock.advance(2_000);
    expect(await meter.measure('live', [])).toEqual({ level: 4, advice: [] });
    expect(said).toHaveLength(1);
  });

  test('a worker that never answers is ended, and nobody waits longer than their patience', async () => {
    const entry = workerOf(`parentPort.on('message', () => { for (;;); });`);
    const { meter, said } = meterWith({ entry, patience: 10, limit: 50 });
    const all = Array.from({ length: 30 }, (_, n) => meter.measure(`password ${n}`, []));
    expect(new Set(await Promise.all(all))).toEqual(new Set([undefined]));
    await expect.poll(() => said).toHaveLength(1);
  });

  test('of too many callers the oldest waiting give way, at once', async () => {
    const entry = workerOf(`parentPort.on('message', () => {});`);
    const { meter } = meterWith({ entry });
    const answered: number[] = [];
    for (let n = 0; n < 12; n += 1) void meter.measure(`password ${n}`, []).then(() => answered.push(n));
    await Promise.resolve();
    expect(answered).toEqual([1, 2, 3]);
    await meter.close();
    await expect.poll(() => answered).toHaveLength(12);
  });

  test('after closing there is none', async () => {
    const { meter } = meterWith();
    await meter.close();
    expect(await meter.measure('seven quiet herons', [])).toBe(undefined);
  });
});

describe('advice', () => {
  test.each(['en', 'de', 'ar'] as const)('has a sentence for everything the estimator says, in %s', (language) => {
    const t = createTranslator(language);
    const sentences = [
      ...WARNINGS.map((code) => t(`strength.warning.${code}`)),
      ...SUGGESTIONS.map((code) => t(`strength.advice.${code}`)),
    ];
    for (const sentence of sentences) expect(sentence).toMatch(/.{8,}\.$/u);
  });

  test('covers every code of the library', async () => {
    const keys = (await import('@zxcvbn-ts/language-en')).translations;
    const without = (names: string[]) => names.filter((name) => name !== 'pwned').sort();
    expect([...WARNINGS].sort()).toEqual(without(Object.keys(keys.warnings)));
    expect([...SUGGESTIONS].sort()).toEqual(without(Object.keys(keys.suggestions)));
  });

  test.each([
    [0, 0],
    [3.9, 0],
    [4, 1],
    [7, 2],
    [10, 3],
    [14, 4],
  ])('10 to the power of %d guesses is level %d', (guesses, level) => {
    const { advice } = strengthOf({ guesses, warning: null, suggestions: [] });
    expect(strengthOf({ guesses, warning: null, suggestions: [] }).level).toBe(level);
    expect(advice).toEqual(level < 3 ? ['anotherWord'] : []);
  });
});
