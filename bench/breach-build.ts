/** Builds one corpus in a process of its own, so that its peak memory is that of the build alone. Prints JSON. */
import { randomInt } from 'node:crypto';
import { buildCorpus } from '../src/breach/build.ts';
import { systemClock } from '../src/kernel/clock.ts';

const [source = '', out = '', layout] = process.argv.slice(2);
const startedAt = performance.now();
const built = await buildCorpus(
  { sources: [source], out, layout: layout === 'exact' ? 'exact' : 'filter', counts: false },
  { clock: systemClock, newSalt: () => randomInt(2 ** 32) },
);
if (built.is === 'refused') throw new Error(built.cause);
const seconds = (performance.now() - startedAt) / 1_000;
console.log(JSON.stringify({ ...built, seconds, peakMegabytes: process.resourceUsage().maxRSS / 1_024 }));
