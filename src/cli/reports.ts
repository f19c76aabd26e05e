/** `sparekey reports`: the figures of the console as text or JSON, the counts as a file, and counting anew. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { pino } from 'pino';
import { compose } from '../compose.ts';
import type { Report } from '../insight/reports/report.ts';
import type { Reports } from '../insight/reports/reports.ts';
import { systemClock } from '../kernel/clock.ts';
import { openReports } from '../reports.ts';
import { amountsIn } from '../text/index.ts';
import { createProgressView } from './progress.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function opened(file: string, work: (reports: Reports) => Promise<void>): Promise<void> {
  const { config } = loadOrExit(file);
  const keys = keysOrExit(config.keysFile);
  const sparekey = await compose({ config, keys, clock: systemClock, logger: pino({ level: 'silent' }) });
  try {
    await work(openReports(config, sparekey.flow));
  } finally {
    await sparekey.close();
  }
}

interface Options {
  config: string;
  from?: string;
  to?: string;
  group?: string;
  json?: boolean;
}

const withRange = (command: Command): Command =>
  withConfig(command)
    .option('--from <day>', 'first day, like 2026-11-01; thirty days ago if absent')
    .option('--to <day>', 'last day; today if absent')
    .option('--group <rule>', 'only people whom this rule holds for');

function rangeOf(reports: Reports, { from, to, group }: Options) {
  const range = reports.rangeOf({ from, to, group });
  if ((from !== undefined && from !== range.from) || (to !== undefined && to !== range.to))
    throw new Error('--from and --to must be days like 2026-11-01, the first not after the last.');
  return range;
}

function sentences(report: Report): string {
  const show = amountsIn('en');
  const { adoption, time, rating, savings } = report;
  const lines: [string, string][] = [
    [
      'ready',
      adoption
        ? `${show.share(adoption.enrolled, adoption.eligible)} (${adoption.enrolled} of ${adoption.eligible})`
        : '–',
    ],
    ['resets', show.number(report.resets)],
    ['unlocks', show.number(report.unlocks)],
    ['changes', show.number(report.changes)],
    ['time', time ? `${show.span(time.median)} at the median, ${show.span(time.p90)} at the 90th percentile` : '–'],
    ['began', `${report.funnel[0]?.n ?? 0}, of whom ${report.left} just went away`],
    [
      'calls avoided',
      `${show.number(savings.selfHelped)} who helped themselves × ${show.percent(savings.share)} = ${show.number(savings.callsAvoided)}`,
    ],
    ...(savings.money
      ? [
          [
            'saved',
            `${show.number(savings.callsAvoided)} × ${show.money(savings.money.perCall, savings.currency)} − ${show.money(savings.messages, savings.currency)} = ${show.money(savings.money.net, savings.currency)}`,
          ] as [string, string],
        ]
      : []),
    ['rating', rating ? `${show.rating(rating.average)} of 5 (${rating.n} answers)` : '–'],
  ];
  return [
    `${report.from} to ${report.to}${report.group === undefined ? '' : `, ${report.group}`}`,
    ...lines.map(([name, value]) => `  ${name.padEnd(14)} ${value}`),
  ].join('\n');
}

export const reportsCommand = (program: Command) => {
  const reports = program.command('reports').description('adoption, resets, time, calls and money saved');
  withRange(reports.command('show').description('the figures of a range of days'))
    .option('--json', 'every figure as JSON')
    .action((options: Options) =>
      opened(options.config, async (all) => {
        await all.work();
        const report = await all.report(rangeOf(all, options));
        say(options.json ? JSON.stringify(report) : sentences(report));
      }),
    );
  withRange(reports.command('export <file>').description('all counts of these days as CSV')).action(
    (file: string, options: Options) =>
      opened(options.config, async (all) => {
        await all.work();
        await pipeline(all.csv(rangeOf(all, options)), createWriteStream(file, { mode: 0o600 }));
        say(`Written to ${file}.`);
      }),
  );
  withConfig(reports.command('rebuild').description('count everything anew from the audit'))
    .option('--even-so', 'also when the first records are gone, and counts of old days with them')
    .action(({ config, evenSo }: { config: string; evenSo?: boolean }) =>
      opened(config, async (all) => {
        const view = createProgressView('records', systemClock);
        const onProgress = (done: number, left: number) => view.show(done / Math.max(1, done + left), done);
        const rebuilt = await all.rebuild({ onProgress, people: true, evenSo: evenSo === true });
        view.end();
        if (rebuilt.is === 'busy') throw new Error('A node is counting just now. Try again in a minute.');
        if (rebuilt.is === 'cut')
          throw new Error(
            'The first records of the audit are gone (audit.keep): counts of those days would be, too. --even-so does it all the same.',
          );
        say(`${rebuilt.records} records counted.`);
      }),
    );
};
