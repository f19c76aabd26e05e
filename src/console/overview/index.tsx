/** `/console`: what needs somebody today, then everything this person may open. */
import type { FlowDeps } from '../../flow/deps.ts';
import { createIncidentService } from '../../flow/incidents/service.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import type { TextKey } from '../../text/index.ts';
import type { Ask } from '../console.ts';
import { type MenuId, menu } from '../menu.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { type Figure, Figures } from '../parts/figures.tsx';

/** More than this many are "many": nobody counts further to act. */
const MOST = 100;

const DESCRIPTIONS: Record<MenuId, TextKey> = {
  desk: 'console.home.desk',
  readiness: 'console.home.readiness',
  rules: 'console.home.rules',
  incidents: 'console.home.incidents-text',
  systems: 'console.home.systems-text',
  rollout: 'console.home.rollout',
  reports: 'console.home.reports',
  audit: 'console.home.audit',
  settings: 'console.home.settings',
  tokens: 'console.home.tokens',
  privacy: 'console.home.privacy',
};

const atMost = (count: number): string => (count >= MOST ? `${MOST - 1}+` : String(count));
const toneOf = (count: number): Figure['tone'] => (count > 0 ? 'bad' : 'good');

export const homePage = ({ flow, outbox }: { flow: FlowDeps; outbox: Outbox }) =>
  async function home(ask: Ask) {
    const { t, staff } = ask;
    const figures: Figure[] = [];
    if (staff.rights.has('incidents.view')) {
      const open = (await createIncidentService(flow).list({ open: true, limit: MOST })).length;
      figures.push({ label: t('console.home.incidents'), value: atMost(open), tone: toneOf(open) });
    }
    if (staff.rights.has('systems.view')) {
      const ill = ((await flow.spread?.overview()) ?? []).filter((one) => one.is !== 'working').length;
      const dead = (await outbox.dead(MOST)).length;
      figures.push({ label: t('console.home.systems'), value: ill, tone: toneOf(ill) });
      figures.push({ label: t('console.home.dead'), value: atMost(dead), tone: toneOf(dead) });
    }
    return ask.page(
      <ConsolePage ask={ask} title={t('console.home.title')} current="home">
        {figures.length > 0 && <Figures items={figures} />}
        <section class="card" aria-labelledby="parts">
          <h2 id="parts">{t('console.home.parts')}</h2>
          <ul class="list">
            {menu
              .filter(({ id }) => ask.menu.includes(id))
              .map(({ id, path }) => (
                <li key={id}>
                  <div>
                    <a class="name" href={path}>
                      {t(`console.menu.${id}` as TextKey)}
                    </a>
                    <small>{t(DESCRIPTIONS[id])}</small>
                  </div>
                </li>
              ))}
          </ul>
        </section>
      </ConsolePage>,
    );
  };
