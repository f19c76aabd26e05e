/** `/console/readiness`: who could not recover today and why, by group; lists, and files of them. */
import type { FlowDeps } from '../../flow/deps.ts';
import { readinessCsv } from '../../insight/readiness/csv.ts';
import type { ReadinessFigures } from '../../insight/readiness/figures.ts';
import { MARKS } from '../../insight/readiness/reason.ts';
import { actorOf } from '../../staff/staff.ts';
import type { Area, Ask } from '../console.ts';
import { ReadinessPage } from './overview-page.tsx';
import { PeoplePage } from './people-page.tsx';
import { address, PATH, PEOPLE } from './words.ts';

export interface ReadinessAreaDeps {
  flow: Pick<FlowDeps, 'storage' | 'audit' | 'clock'>;
  figures(): Promise<ReadinessFigures>;
}

const filterOf = ({ query }: Ask) => {
  const mark = query('mark', 40);
  return {
    group: query('group', 200),
    mark: mark !== undefined && MARKS.includes(mark) ? mark : undefined,
    search: query('search', 100),
    after: query('after', 600),
  };
};

export function readinessArea({ flow, figures }: ReadinessAreaDeps): Area {
  return ({ get }) => {
    get(PATH, 'readiness.view', async (ask) => {
      // Figures count everybody: whoever may see only some people sees those.
      if (ask.staff.scope.is === 'limited') return ask.go(PEOPLE);
      const typed = ask.query('group', 200);
      const overview = await (await figures()).overview(typed, flow.clock.now());
      return ask.page(<ReadinessPage ask={ask} overview={overview} typed={typed} />);
    });

    get(PEOPLE, 'readiness.view', async (ask) => {
      const filter = filterOf(ask);
      const listed = await (await figures()).list(filter, ask.staff);
      return ask.page(<PeoplePage ask={ask} filter={filter} listed={listed} />);
    });

    get(`${PEOPLE}.csv`, 'readiness.view', async (ask) => {
      const filter = { ...filterOf(ask), after: undefined };
      await flow.storage.transaction((trx) =>
        flow.audit.append(trx, {
          event: 'readiness.exported',
          outcome: 'success',
          actor: actorOf(ask.staff),
          ip: ask.origin.ip,
          reason: address(PEOPLE, filter),
        }),
      );
      return ask.file(
        'readiness.csv',
        'text/csv; charset=utf-8',
        readinessCsv((await figures()).all(filter, ask.staff)),
      );
    });
  };
}
