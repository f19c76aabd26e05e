/** How the feeds of the audit are: state first, then how far behind, then what to do about it. */
import type { FeedHealth } from '../../audit/feeds/health.ts';
import type { Finding } from '../../kernel/plugin.ts';
import { formatMoment, type TextKey } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { FEEDS, PATH } from './query.ts';

export interface FeedsPageProps {
  ask: Ask;
  feeds: readonly FeedHealth[];
  checked?: readonly { id: string; findings: readonly Finding[] }[];
}

/** Causes are written for operators, in English, whatever the page's language is. */
const English = ({ text }: { text: string }) => (
  <span lang="en" dir="ltr">
    {text}
  </span>
);

export function FeedsPage({ ask, feeds, checked }: FeedsPageProps) {
  const { t, shell, language } = ask;
  const moment = (at: number) => formatMoment(language, at, shell.timeZone);
  return (
    <ConsolePage ask={ask} title={t('audit.feeds')} current="audit">
      <p class="soft">{t('audit.feeds.text')}</p>
      <DataTable
        caption={t('audit.feeds.caption')}
        empty={t('audit.feeds.none')}
        columns={[
          { key: 'feed', title: t('audit.feeds.feed') },
          { key: 'state', title: t('audit.feeds.state') },
          { key: 'behind', title: t('audit.feeds.behind'), numeric: true },
          { key: 'last', title: t('audit.feeds.last') },
          { key: 'cause', title: t('audit.text') },
        ]}
        rows={feeds.map((one) => ({
          cells: {
            feed: (
              <>
                <bdi>{one.id}</bdi>
                <small dir="ltr">
                  {one.type}, {one.to}
                </small>
              </>
            ),
            state: (
              <>
                <span class={one.state === 'failing' ? 'state late' : 'state good'}>
                  {t(`audit.feeds.is.${one.state}` as TextKey)}
                </span>
                {one.failingSince !== undefined && (
                  <small>{t('audit.feeds.since', { when: moment(one.failingSince) })}</small>
                )}
              </>
            ),
            behind: (
              <>
                {one.behind}
                {one.oldest !== undefined && <small>{t('audit.feeds.oldest', { when: moment(one.oldest) })}</small>}
              </>
            ),
            last: one.deliveredAt === undefined ? t('audit.feeds.never') : moment(one.deliveredAt),
            cause: one.cause === undefined ? '' : <English text={`${one.cause} ${one.fix ?? ''}`} />,
          },
        }))}
      />
      {feeds.length > 0 && (
        <section class="card" aria-labelledby="try">
          <h2 id="try">{t('audit.feeds.try')}</h2>
          {checked && (
            <ul class="list">
              {checked.flatMap(({ id, findings }) =>
                findings.map(({ is, what, cause, fix }) => (
                  <li key={`${id} ${what}`}>
                    <span class="name" lang="en" dir="ltr">
                      {id}: {what}
                      {cause && <small>{cause}</small>}
                      {fix && <small>{fix}</small>}
                    </span>
                    <span class={is === 'ok' ? 'state good' : 'state late'}>
                      {t(is === 'ok' ? 'audit.feeds.reached' : 'audit.feeds.look')}
                    </span>
                  </li>
                )),
              )}
            </ul>
          )}
          <Form shell={shell} action={`${FEEDS}/check`}>
            <Button look="quiet">{t('audit.feeds.check')}</Button>
          </Form>
        </section>
      )}
      <p>
        <a href={PATH}>{t('audit.back')}</a>
      </p>
    </ConsolePage>
  );
}
