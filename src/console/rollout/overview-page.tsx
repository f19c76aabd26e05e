/** The roll-out at a glance: phases, who is reminded, which lists came in. */

import type { Campaign } from '../../rollout/campaigns.ts';
import type { Import } from '../../rollout/import/imports.ts';
import type { Rollout } from '../../rollout.ts';
import { formatMoment } from '../../text/index.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { groupText } from '../readiness/words.ts';
import { CAMPAIGNS, campaignState, kindText, LISTS, listState } from './words.ts';

export interface RolloutPageProps {
  ask: Ask;
  phases: ReturnType<Rollout['phases']>;
  campaigns: readonly Campaign[];
  lists: readonly Import[];
  /** ms; until then no reminder leaves. */
  quietUntil?: number | undefined;
}

export function RolloutPage({ ask, phases, campaigns, lists, quietUntil }: RolloutPageProps) {
  const { t, language, shell } = ask;
  const moment = (at: number) => formatMoment(language, at, shell.timeZone);
  const edits = ask.staff.rights.has('rollout.edit');
  return (
    <ConsolePage ask={ask} title={t('rollout.title')} current="rollout">
      {quietUntil !== undefined && (
        <Notice>
          <p>{t('rollout.quiet', { when: moment(quietUntil) })}</p>
        </Notice>
      )}
      <DataTable
        caption={t('rollout.phases')}
        empty={t('rollout.phases.none')}
        columns={[
          { key: 'name', title: t('rollout.name') },
          { key: 'groups', title: t('rollout.groups') },
          { key: 'opens', title: t('rollout.opens') },
          { key: 'state', title: t('rollout.state') },
        ]}
        rows={phases.map(({ name, groups, opens, open }) => ({
          cells: {
            name,
            groups: groups.map(groupText).join(', ') || t('rollout.everybody'),
            opens: <bdi>{opens}</bdi>,
            state: t(open ? 'rollout.phase.open' : 'rollout.phase.closed'),
          },
        }))}
      />
      <DataTable
        caption={t('rollout.campaigns')}
        empty={t('rollout.campaigns.none')}
        columns={[
          { key: 'name', title: t('rollout.name') },
          { key: 'who', title: t('rollout.who') },
          { key: 'state', title: t('rollout.state') },
          { key: 'next', title: t('rollout.next') },
        ]}
        rows={campaigns.map((one) => ({
          cells: {
            name: <a href={`${CAMPAIGNS}/${one.id}`}>{one.name}</a>,
            who: t(`rollout.who.${one.who}`),
            state: campaignState(t, one),
            next: one.state === 'active' ? moment(one.nextAt) : '',
          },
        }))}
      />
      {edits && (
        <p>
          <ButtonLink look="quiet" href={`${CAMPAIGNS}/new`}>
            {t('rollout.campaign.new')}
          </ButtonLink>
        </p>
      )}
      <DataTable
        caption={t('rollout.lists')}
        empty={t('rollout.lists.none')}
        columns={[
          { key: 'name', title: t('rollout.name') },
          { key: 'kind', title: t('rollout.kind') },
          { key: 'lines', title: t('rollout.lines'), numeric: true },
          { key: 'state', title: t('rollout.state') },
          { key: 'when', title: t('rollout.when') },
        ]}
        rows={lists.map((one) => ({
          cells: {
            name: <a href={`${LISTS}/${one.id}`}>{one.name}</a>,
            kind: kindText(t, one.kind),
            lines: one.lines.toLocaleString(language),
            state: listState(t, one),
            when: moment(one.createdAt),
          },
        }))}
      />
      {edits && (
        <p>
          <ButtonLink look="quiet" href={`${LISTS}/new`}>
            {t('rollout.list.new')}
          </ButtonLink>
        </p>
      )}
    </ConsolePage>
  );
}
