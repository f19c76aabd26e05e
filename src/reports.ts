/** Reports as the configuration wants them. */
import { reportsArea } from './console/reports/index.tsx';
import type { FlowDeps } from './flow/deps.ts';
import { createCalendar } from './insight/reports/calendar.ts';
import { createReports } from './insight/reports/reports.ts';
import type { SparekeyConfig } from './registries.ts';
import { ruleBookOf } from './rule-book.ts';

export const openReports = (config: SparekeyConfig, flow: FlowDeps) => {
  const { storage, audit, outbox, clock, log } = flow;
  const book = ruleBookOf(config);
  return createReports({
    storage,
    audit,
    outbox,
    clock,
    log,
    settings: config.reports,
    calendar: createCalendar(config.organisation.timeZone),
    language: config.language.default,
    rules: [book.default.name, book.privileged.name, ...book.groups.map(({ rule }) => rule.name)],
  });
};

export function reportsPart({ flow, config }: { flow: FlowDeps; config: SparekeyConfig }) {
  const reports = openReports(config, flow);
  return { area: reportsArea({ flow, reports }), begin: reports.begin };
}
