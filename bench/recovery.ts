/**
 * Whole journeys over HTTP against a real slapd, and in the same run what the directory alone needs for them (the floor). What is
 * measured, and how, stands in bench/README.md. Runs the built product: `npm run build` first.
 */
import { parseArgs } from 'node:util';
import { addCrowd } from './recovery/crowd.ts';
import { mebibytes, ms, percent, percentile, perSecond, rate, row, table } from './recovery/figures.ts';
import { hashingTime } from './recovery/hashing.ts';
import type { Result, Task } from './recovery/load.ts';
import { openSite } from './recovery/site.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1' },
    people: { type: 'string', default: '3000' },
    journeys: { type: 'string', default: '1000' },
    flows: { type: 'string', default: '10000' },
    accounts: { type: 'string', default: '1000000' },
    requests: { type: 'string', default: '3000' },
    /** Only the journeys themselves. */
    brief: { type: 'boolean', default: false },
    'node-args': { type: 'string', default: '' },
  },
});
const [nodes, people, journeys, flows, accounts, requests] = (
  ['nodes', 'people', 'journeys', 'flows', 'accounts', 'requests'] as const
).map((name) => Number(values[name])) as [number, number, number, number, number, number];

const site = await openSite({ nodes, people, nodeArgs: values['node-args'].split(' ').filter(Boolean) });
const { load } = site;

interface Measured extends Result {
  /** Of all nodes, for each piece of work, in ms. */
  cpu: number;
  longestBlock: number;
  /** Of the largest node, in bytes. */
  rss: number;
}

async function measure(task: Extract<Task, { count: number }>): Promise<Measured> {
  for (const node of site.nodes) await node.reset();
  const result = await load.run(task);
  const probed = await Promise.all(site.nodes.map((node) => node.read()));
  return {
    ...result,
    cpu: probed.reduce((sum, { cpu }) => sum + cpu, 0) / task.count,
    longestBlock: Math.max(...probed.map(({ longestBlock }) => longestBlock)),
    rss: Math.max(...probed.map(({ peakRss }) => peakRss)),
  };
}

const shown = (run: Result): [string, string, string] => [
  rate(perSecond(run)),
  ms(percentile(run.times, 0.5)),
  ms(percentile(run.times, 0.99)),
];

const NAMES = { recover: 'recovery by mail and app', change: 'change of a known password' };

async function compare(kind: 'recover' | 'change', at: number): Promise<Measured> {
  const count = at === 1 ? Math.ceil(journeys / 10) : journeys;
  const floor = await load.run({ do: 'floor', kind, at, count });
  const run = await measure({ do: 'journeys', kind, at, count });
  const ratio = percent(perSecond(run) / perSecond(floor));
  row(NAMES[kind], at, ...shown(floor), ...shown(run), ratio, run.cpu.toFixed(1), run.longestBlock.toFixed(0));
  return run;
}

function steps({ requests: taken }: Result): void {
  for (const [what, times] of Object.entries(taken)) row(what, ms(percentile(times, 0.5)), ms(percentile(times, 0.99)));
}

/** The journeys of now against those of before. */
async function again(what: string, before: Result): Promise<void> {
  const run = await measure({ do: 'journeys', kind: 'recover', at: 16, count: journeys });
  row(
    what,
    rate(perSecond(run)),
    percent(perSecond(run) / perSecond(before)),
    run.cpu.toFixed(1),
    run.longestBlock.toFixed(0),
  );
}

async function run(): Promise<void> {
  const memory: [string, number][] = [
    ['at rest', Math.max(...(await Promise.all(site.nodes.map(async (node) => (await node.read()).rss))))],
  ];
  // Code that has not run yet is slow everywhere, and nobody restarts for every journey.
  await load.run({ do: 'journeys', kind: 'recover', at: 16, count: Math.ceil(journeys / 5) });

  const columns = [
    'floor: a second',
    'p50 ms',
    'p99 ms',
    'Sparekey: a second',
    'p50 ms',
    'p99 ms',
    'ratio',
    'CPU ms',
    'block ms',
  ];
  table(
    `Journeys, ${nodes === 1 ? 'one node on SQLite' : `${nodes} nodes on PostgreSQL`}`,
    'journey',
    'at a time',
    ...columns,
  );
  const alone = await compare('recover', 1);
  const crowded = await compare('recover', 16);
  await compare('change', 1);
  await compare('change', 16);
  memory.push(['under load', crowded.rss]);
  table('Requests of a recovery, 1 at a time, redirects included', 'request', 'p50 ms', 'p99 ms');
  steps(alone);
  table('Memory of one node', 'when', 'MiB');
  for (const [when, bytes] of memory) row(when, mebibytes(bytes));
  if (values.brief) return;

  table('Pages and forged links', 'request', 'at a time', 'p50 ms', 'p99 ms', 'CPU ms', 'block ms');
  const page = async (name: string, task: Extract<Task, { at: number }>) => {
    const run = await measure(task);
    row(
      name,
      task.at,
      ms(percentile(run.times, 0.5)),
      ms(percentile(run.times, 0.99)),
      run.cpu.toFixed(2),
      run.longestBlock.toFixed(0),
    );
  };
  for (const at of [1, 16]) await page('first page', { do: 'pages', path: '/', at, count: requests });
  for (const path of ['/recover/link', '/stop']) {
    await page(`page of ${path}`, { do: 'pages', path, at: 16, count: requests });
    await page(`forged ${path}`, { do: 'forged', path, at: 16, count: requests });
  }
  await page('/health/ready', { do: 'pages', path: '/health/ready', at: 1, count: 300 });

  table(
    'What else is in the database, recoveries, 16 at a time',
    'what',
    'a second',
    'against before',
    'CPU ms',
    'block ms',
  );
  row('nothing', rate(perSecond(crowded)), percent(1), crowded.cpu.toFixed(1), crowded.longestBlock.toFixed(0));
  await again('nothing, once more', crowded);
  await load.run({ do: 'begin', count: flows });
  await again(`${flows} live journeys`, crowded);
  if (nodes === 1) {
    await site.restart(undefined, (storage) => addCrowd(storage, accounts));
    await load.run({ do: 'journeys', kind: 'recover', at: 16, count: Math.ceil(journeys / 5) });
    await again(`and ${accounts} accounts`, crowded);
    const ready = await measure({ do: 'pages', path: '/health/ready', at: 1, count: 300 });
    row('/health/ready then', rate(perSecond(ready)), '', ready.cpu.toFixed(1), ready.longestBlock.toFixed(0));
  }

  await site.restart({});
  const browsers = Math.ceil(16 + perSecond(crowded) * 2.4);
  await load.run({ do: 'journeys', kind: 'recover', at: browsers, count: Math.ceil(journeys / 5) });
  table(
    'With the pad as shipped (800 ± 100 ms on three answers)',
    'browsers at a time',
    'a second',
    'p50 ms',
    'p99 ms',
    'CPU ms',
  );
  const padded = await measure({ do: 'journeys', kind: 'recover', at: browsers, count: journeys });
  row(browsers, ...shown(padded), padded.cpu.toFixed(1));

  table('Hashing of the built-in directory, in none of the figures above', 'what', 'ms');
  row('one password (argon2id)', ms(await hashingTime()));
}

try {
  await run();
} finally {
  await site.close();
}
