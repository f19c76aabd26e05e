/** One campaign: what it does, what came of it round by round, and its acts. */
import type { Campaign, Campaigns } from '../../rollout/campaigns.ts';
import { formatMoment } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Facts } from '../parts/facts.tsx';
import { groupText } from '../readiness/words.ts';
import { CAMPAIGNS, campaignState } from './words.ts';

export interface CampaignPageProps {
  ask: Ask;
  campaign: Campaign;
  progress: Awaited<ReturnType<Campaigns['progress']>>;
  quietUntil?: number | undefined;
}

export function CampaignPage({ ask, campaign, progress, quietUntil }: CampaignPageProps) {
  const { t, language, shell } = ask;
  const moment = (at: number) => formatMoment(language, at, shell.timeZone);
  const number = (n: number) => n.toLocaleString(language);
  const ended = campaign.state === 'ended';
  return (
    <ConsolePage ask={ask} title={campaign.name} current="rollout">
      {campaign.problem !== undefined && (
        <Notice tone="bad" title={t('rollout.problem')}>
          <p lang="en" dir="ltr">
            {campaign.problem}
          </p>
        </Notice>
      )}
      {quietUntil !== undefined && !ended && (
        <Notice>
          <p>{t('rollout.quiet', { when: moment(quietUntil) })}</p>
        </Notice>
      )}
      <section class="card">
        <Facts
          items={[
            [t('rollout.state'), campaignState(t, campaign)],
            [t('rollout.who'), t(`rollout.who.${campaign.who}`)],
            [t('rollout.groups'), campaign.groups.map(groupText).join(', ') || t('rollout.everybody')],
            [t('rollout.every'), t('rollout.days', { n: campaign.everyDays })],
            [t('rollout.most'), number(campaign.most)],
            [t('rollout.next'), campaign.state === 'active' ? moment(campaign.nextAt) : t('rollout.never')],
            [t('rollout.by'), <bdi>{campaign.createdBy}</bdi>],
            [t('rollout.enrolled-since'), number(progress.enrolled)],
          ]}
        />
        {!ended && ask.staff.rights.has('rollout.edit') && (
          <Form shell={shell} action={`${CAMPAIGNS}/${campaign.id}/act`}>
            <p class="row">
              <Button look="quiet" name="act" value={campaign.state === 'active' ? 'pause' : 'resume'}>
                {t(campaign.state === 'active' ? 'rollout.pause' : 'rollout.resume')}
              </Button>
              <Button look="quiet" name="act" value="send-now">
                {t('rollout.send-now')}
              </Button>
              <Button look="danger" name="act" value="end">
                {t('rollout.end')}
              </Button>
            </p>
          </Form>
        )}
      </section>
      <DataTable
        caption={t('rollout.rounds')}
        empty={t('rollout.rounds.none')}
        columns={[
          { key: 'round', title: t('rollout.round'), numeric: true },
          { key: 'sent', title: t('rollout.sent'), numeric: true },
          { key: 'noAddress', title: t('rollout.no-address'), numeric: true },
        ]}
        rows={progress.rounds.map(({ round, sent, noAddress }) => ({
          cells: { round: number(round), sent: number(sent), noAddress: number(noAddress) },
        }))}
      />
    </ConsolePage>
  );
}
