/** `/console/reports`: figures for the board, and the counts they are made of as a file. They are about everybody. */
import type { FlowDeps } from '../../flow/deps.ts';
import type { Reports } from '../../insight/reports/reports.ts';
import { actorOf } from '../../staff/staff.ts';
import type { Area, Ask } from '../console.ts';
import { DoorPage } from '../door-page.tsx';
import { ReportsPage } from './reports-page.tsx';
import { PATH } from './words.ts';

export interface ReportsAreaDeps {
  flow: Pick<FlowDeps, 'storage' | 'audit'>;
  reports: Reports;
}

const typedOf = ({ query }: Ask) => ({ from: query('from', 10), to: query('to', 10), group: query('group', 100) });

export function reportsArea({ flow, reports }: ReportsAreaDeps): Area {
  /** Whoever may see a part of the people only would learn of the others here. */
  const closed = (ask: Ask) => ask.page(DoorPage({ t: ask.t, shell: ask.shell, why: 'no-right' }), 403);
  const isLimited = ({ staff }: Ask): boolean => staff.scope.is === 'limited';

  return ({ get }) => {
    get(PATH, 'reports.view', async (ask) => {
      if (isLimited(ask)) return closed(ask);
      const typed = typedOf(ask);
      const range = reports.rangeOf(typed);
      const corrected =
        (typed.from !== undefined && typed.from !== range.from) || (typed.to !== undefined && typed.to !== range.to);
      return ask.page(
        <ReportsPage
          ask={ask}
          report={await reports.report(range)}
          groups={await reports.groups()}
          standing={await reports.standing()}
          corrected={corrected}
        />,
      );
    });

    get(`${PATH}.csv`, 'reports.view', async (ask) => {
      if (isLimited(ask)) return closed(ask);
      const range = reports.rangeOf(typedOf(ask));
      await flow.storage.transaction((trx) =>
        flow.audit.append(trx, {
          event: 'report.exported',
          outcome: 'success',
          actor: actorOf(ask.staff),
          ip: ask.origin.ip,
          detail: { from: range.from, to: range.to },
        }),
      );
      return ask.file(`report-${range.from}-${range.to}.csv`, 'text/csv; charset=utf-8', reports.csv(range));
    });
  };
}
