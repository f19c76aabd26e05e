/**
 * Whole journeys against a real slapd, and in the same run what the directory alone needs for them. See bench/README.md.
 * `node bench/recovery.ts [--nodes 1] [--people 3000] [--journeys 1500]`
 */
import { parseArgs } from 'node:util';
import { ms, percent, percentile, perSecond, rate, row, table } from './recovery/figures.ts';
import { openSite } from './recovery/site.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1' },
    people: { type: 'string', default: '3000' },
    journeys: { type: 'string', default: '1500' },
    'node-args': { type: 'string', default: '' },
  },
});
const journeys = Number(values.journeys);
const site = await openSite({
  nodes: Number(values.nodes),
  people: Number(values.people),
  nodeArgs: values['node-args'].split(' ').filter(Boolean),
});
const { load } = site;
try {
  for (const kind of ['recover', 'change'] as const) {
    table(kind, 'at a time', 'floor /s', 'p50', 'p99', 'journeys /s', 'p50', 'p99', 'ratio', 'CPU ms', 'block ms');
    for (const at of [1, 16]) {
      const count = at === 1 ? Math.ceil(journeys / 10) : journeys;
      await load.run({ do: 'journeys', kind, at, count: Math.ceil(count / 10) });
      const floor = await load.run({ do: 'floor', kind, at, count: count });
      for (const node of site.nodes) await node.reset();
      const run = await load.run({ do: 'journeys', kind, at, count });
      const probed = await Promise.all(site.nodes.map((node) => node.read()));
      const cpu = probed.reduce((sum, one) => sum + one.cpu, 0) / count;
      const block = Math.max(...probed.map(({ longestBlock }) => longestBlock));
      row(
        at,
        rate(perSecond(floor)),
        ms(percentile(floor.times, 0.5)),
        ms(percentile(floor.times, 0.99)),
        rate(perSecond(run)),
        ms(percentile(run.times, 0.5)),
        ms(percentile(run.times, 0.99)),
        percent(perSecond(run) / perSecond(floor)),
        cpu.toFixed(1),
        block.toFixed(0),
      );
      for (const [what, times] of Object.entries(run.requests)) row('', what, ms(percentile(times, 0.5)), ms(percentile(times, 0.99)));
    }
  }
} finally {
  await site.close();
}
