/** `/console/incidents`: what risk and "it wasn't me" brought up, with its timeline and what can be done about it. */
import type { FlowDeps } from '../../flow/deps.ts';
import { ACTS, type Act, createIncidentService } from '../../flow/incidents/service.ts';
import { readFields } from '../../http/form.ts';
import { formatMoment } from '../../text/index.ts';
import type { Area, Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Pager } from '../parts/pager.tsx';
import { IncidentPage } from './incident-page.tsx';
import { kindOf } from './kind.ts';

const PATH = '/console/incidents';
const PAGE = 50;
const isAct = (name: string): name is Act => (ACTS as readonly string[]).includes(name);

/** Digits only: whatever else is typed into the address means "from the newest on". */
const instant = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

export function incidentsArea(flow: FlowDeps): Area {
  const incidents = createIncidentService(flow);

  const dossierOf = (ask: Ask) => incidents.find(ask.staff, String((ask.request.params as { id?: string }).id ?? ''));

  return ({ get, post }) => {
    get(PATH, 'incidents.view', async (ask) => {
      const { t, shell } = ask;
      const open = ask.query('all') === undefined;
      const before = instant(ask.query('before', 15));
      // One more than fits tells whether there is a next page.
      const found = await incidents.list({ open, ...(before === undefined ? {} : { before }), limit: PAGE + 1 });
      const shown = found.slice(0, PAGE);
      const query = open ? '' : 'all=1&';
      return ask.page(
        <ConsolePage ask={ask} title={t('console.incidents.title')} current="incidents">
          <p class="tabs">
            <a href={PATH} aria-current={open ? 'page' : undefined}>
              {t('console.incidents.open')}
            </a>
            <a href={`${PATH}?all=1`} aria-current={open ? undefined : 'page'}>
              {t('console.incidents.all')}
            </a>
          </p>
          <DataTable
            caption={t('console.incidents.caption')}
            empty={t('console.incidents.none')}
            columns={[
              { key: 'when', title: t('console.incidents.when') },
              { key: 'kind', title: t('console.incidents.kind') },
              { key: 'says', title: t('console.incidents.says') },
              { key: 'state', title: t('console.incidents.state') },
            ]}
            rows={shown.map((one) => ({
              cells: {
                when: <a href={`${PATH}/${one.id}`}>{formatMoment(ask.language, one.openedAt, shell.timeZone)}</a>,
                kind: kindOf(t, one.kind),
                says: (
                  <span lang="en" dir="ltr">
                    {one.says}
                  </span>
                ),
                state: t(one.closedAt === undefined ? 'console.incidents.is-open' : 'console.incidents.is-closed'),
              },
            }))}
          />
          <Pager
            t={t}
            first={before === undefined ? undefined : `${PATH}?${query}`}
            next={found.length > PAGE ? `${PATH}?${query}before=${shown.at(-1)?.openedAt}` : undefined}
          />
        </ConsolePage>,
      );
    });

    get(`${PATH}/:id`, 'incidents.view', async (ask) => {
      const dossier = await dossierOf(ask);
      return dossier
        ? ask.page(<IncidentPage ask={ask} dossier={dossier} done={ask.query('done') !== undefined} />)
        : missing(ask);
    });

    post(
      `${PATH}/:id/act`,
      'incidents.act',
      async (ask) => {
        const dossier = await dossierOf(ask);
        if (!dossier) return missing(ask);
        const { act, note } = readFields(ask.request.body, { act: { max: 20 }, note: { max: 500 } });
        if (!isAct(act)) return ask.go(`${PATH}/${dossier.incident.id}`);
        if (note.trim() === '') return ask.page(<IncidentPage ask={ask} dossier={dossier} error />, 422);
        await incidents.act(ask.staff, dossier, act, note.trim(), ask.origin.ip);
        return ask.go(`${PATH}/${dossier.incident.id}?done=1`);
      },
      { stepUp: true },
    );
  };
}

const missing = (ask: Ask) =>
  ask.page(
    <ConsolePage ask={ask} title={ask.t('console.incidents.title')} current="incidents" failed>
      <p>{ask.t('console.incidents.outside')}</p>
    </ConsolePage>,
    404,
  );
