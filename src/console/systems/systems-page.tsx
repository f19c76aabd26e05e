/** Senders, the queue behind them, and the connected systems: state first, then what can be done. */
import type { Finding } from '../../kernel/plugin.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import type { SystemOverview, SystemState } from '../../spread/operation.ts';
import { formatMoment } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';

export type Tried = { is: 'sent' } | { is: 'failed'; cause: string };

export interface SystemsPageProps {
  ask: Ask;
  dead: Awaited<ReturnType<Outbox['dead']>>;
  queue: readonly Finding[];
  systems: readonly SystemOverview[];
  failures: readonly (SystemState & { accountId: string })[];
  checked?: readonly { name: string; kind: 'mail' | 'texts' | 'calls'; findings: readonly Finding[] }[];
  tried?: Tried | undefined;
}

const STATES = {
  ok: 'console.systems.fine',
  warning: 'console.systems.warning',
  failed: 'console.systems.failed',
} as const;

export function SystemsPage({ ask, dead, queue, systems, failures, checked, tried }: SystemsPageProps) {
  const { t, shell, language } = ask;
  const moment = (at: number) => formatMoment(language, at, shell.timeZone);
  const may = ask.staff.rights.has('systems.act');
  const [to] = ask.staff.account.mail;
  return (
    <ConsolePage ask={ask} title={t('console.systems.title')} current="systems" failed={tried?.is === 'failed'}>
      {tried?.is === 'sent' && <Notice news title={t('console.systems.test.sent')} />}
      {tried?.is === 'failed' && (
        <Notice news tone="bad" title={t('console.systems.test.failed', { cause: tried.cause })} />
      )}
      <section class="card" aria-labelledby="senders">
        <h2 id="senders">{t('console.systems.senders')}</h2>
        {checked?.map(({ name, kind, findings }) => (
          <Findings
            key={`${kind} ${name}`}
            ask={ask}
            title={kind === 'texts' ? t('console.systems.texts', { name }) : t(`console.systems.${kind}`)}
            findings={findings}
          />
        ))}
        <div class="row">
          <Form shell={shell} action="/console/systems/check">
            <Button look="quiet">{t('console.systems.check')}</Button>
          </Form>
          {may && to !== undefined && (
            <Form shell={shell} action="/console/systems/test">
              <Button look="quiet">{t('console.systems.test')}</Button>
            </Form>
          )}
        </div>
        {may && (
          <p class="soft">
            {to === undefined ? t('console.systems.test.none') : t('console.systems.test.hint', { to })}
          </p>
        )}
        <Findings ask={ask} title={t('console.systems.queue')} findings={queue} />
        <DataTable
          caption={t('console.systems.dead')}
          empty={t('console.systems.dead.none')}
          columns={[
            { key: 'when', title: t('console.systems.dead.when') },
            { key: 'kind', title: t('console.systems.dead.kind') },
            { key: 'reason', title: t('console.systems.dead.reason') },
            { key: 'tries', title: t('console.systems.dead.tries'), numeric: true },
          ]}
          rows={dead.map(({ at, kind, reason, attempt }) => ({
            cells: { when: moment(at), kind, reason: <English text={reason} />, tries: attempt },
          }))}
        />
      </section>
      <section class="card" aria-labelledby="connected">
        <h2 id="connected">{t('console.systems.connected')}</h2>
        <DataTable
          caption={t('console.systems.overview')}
          empty={t('console.systems.none')}
          columns={[
            { key: 'system', title: t('console.systems.system') },
            { key: 'state', title: t('console.systems.state') },
            { key: 'waiting', title: t('console.systems.waiting'), numeric: true },
            { key: 'failed', title: t('console.systems.given-up'), numeric: true },
            { key: 'last', title: t('console.systems.last') },
            ...(may ? [{ key: 'acts' as const, title: t('console.systems.acts') }] : []),
          ]}
          rows={systems.map((one) => ({
            cells: {
              system: one.label,
              state: <SystemNow ask={ask} one={one} />,
              waiting: (
                <>
                  {one.waiting}
                  {one.oldest !== undefined && (
                    <small>{t('console.systems.oldest', { when: moment(one.oldest) })}</small>
                  )}
                </>
              ),
              failed: one.failed,
              last: one.deliveredAt === undefined ? t('console.systems.never') : moment(one.deliveredAt),
              acts: may && <Acts ask={ask} one={one} />,
            },
          }))}
        />
        {systems.length > 0 && (
          <DataTable
            caption={t('console.systems.failures')}
            empty={t('console.systems.failures.none')}
            columns={[
              { key: 'when', title: t('console.systems.dead.when') },
              { key: 'system', title: t('console.systems.system') },
              { key: 'account', title: t('console.systems.account') },
              { key: 'cause', title: t('console.systems.cause') },
            ]}
            rows={failures.map((one) => ({
              cells: {
                when: moment(one.at),
                system: one.label,
                account: <code dir="ltr">{one.accountId}</code>,
                cause: <English text={one.cause ?? ''} />,
              },
            }))}
          />
        )}
      </section>
    </ConsolePage>
  );
}

/** Causes are written for operators, in English, whatever the page's language is. */
const English = ({ text }: { text: string }) => (
  <span lang="en" dir="ltr">
    {text}
  </span>
);

const Findings = ({ ask, title, findings }: { ask: Ask; title: string; findings: readonly Finding[] }) => (
  <>
    <h3>{title}</h3>
    <ul class="list">
      {findings.map(({ is, what, cause, fix }) => (
        <li key={what}>
          <span class="name" lang="en" dir="ltr">
            {what}
            {cause && <small>{cause}</small>}
            {fix && <small>{fix}</small>}
          </span>
          <span class={is === 'ok' ? 'state good' : 'state late'}>{ask.t(STATES[is])}</span>
        </li>
      ))}
    </ul>
  </>
);

function SystemNow({ ask: { t }, one }: { ask: Ask; one: SystemOverview }) {
  if (one.is === 'paused') return <>{t('console.systems.is.paused', { who: one.pausedBy ?? '' })}</>;
  if (one.is === 'failing') return <>{t('console.systems.is.failing', { cause: one.cause ?? '' })}</>;
  return <>{t('console.systems.is.working')}</>;
}

const Acts = ({ ask: { t, shell }, one }: { ask: Ask; one: SystemOverview }) => (
  <Form shell={shell} action="/console/systems/steer">
    <input type="hidden" name="system" value={one.id} />
    <Button look="link" name="act" value={one.is === 'paused' ? 'resume' : 'pause'}>
      {t(one.is === 'paused' ? 'console.systems.resume' : 'console.systems.pause')}
    </Button>{' '}
    {(one.waiting > 0 || one.failed > 0) && (
      <Button look="link" name="act" value="retry">
        {t('console.systems.retry')}
      </Button>
    )}
  </Form>
);
