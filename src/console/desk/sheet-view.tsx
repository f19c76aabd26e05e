/** How one person stands: what they could do today, what stands in the way, what happened. No secret, contacts masked. */
import type { Sheet } from '../../flow/assisted/sheet.ts';
import { formatMoment, type TextKey } from '../../text/index.ts';
import type { Ask } from '../console.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Facts } from '../parts/facts.tsx';

export function SheetView({ ask: { t, language, shell }, sheet }: { ask: Ask; sheet: Sheet }) {
  const moment = (at: number) => formatMoment(language, at, shell.timeZone);
  const method = (id: string) => t(`method.${id}.name` as TextKey);
  const english = (text: string) => (
    <span lang="en" dir="ltr">
      {text}
    </span>
  );
  const ways = sheet.ways.map(({ method: id, state }) => `${method(id)}: ${t(`ways.${state}`)}`);
  return (
    <>
      <section class="card" aria-labelledby="person">
        <h2 id="person">
          {sheet.account.displayName} <small dir="ltr">{sheet.account.username}</small>
        </h2>
        <Facts
          items={[
            [
              t('desk.ready'),
              sheet.ready
                ? t('desk.ready.yes')
                : `${t('desk.ready.no')} ${sheet.missing.map((one) => one.map(method).join(' + ')).join(' / ')}`,
            ],
            [t('desk.ways'), ways.length > 0 ? ways.join(' · ') : t('desk.none')],
            [t('desk.contacts'), sheet.contacts.map(({ to }) => to).join(', ') || t('desk.none')],
            [t('desk.locked'), t(sheet.locked === undefined ? 'desk.unknown' : sheet.locked ? 'desk.yes' : 'desk.no')],
            ...(sheet.blocked ? [[t('desk.blocked'), english(sheet.blocked)] as const] : []),
            [
              t('desk.recovery'),
              sheet.frozenAt === undefined
                ? t('desk.recovery.open')
                : t('desk.recovery.stopped', { when: moment(sheet.frozenAt) }),
            ],
            ...(sheet.privileged ? [[t('desk.privileged'), t('desk.yes')] as const] : []),
          ]}
        />
      </section>
      {sheet.systems.length > 0 && (
        <DataTable
          caption={t('desk.systems')}
          empty=""
          columns={[
            { key: 'system', title: t('desk.system') },
            { key: 'state', title: t('desk.state') },
            { key: 'when', title: t('desk.when') },
          ]}
          rows={sheet.systems.map((one) => ({
            cells: {
              system: one.label,
              state: (
                <>
                  {t(`desk.system.${one.is}`)} {one.cause && english(one.cause)}
                </>
              ),
              when: moment(one.at),
            },
          }))}
        />
      )}
      <DataTable
        caption={t('desk.events')}
        empty={t('desk.none')}
        columns={[
          { key: 'when', title: t('desk.when') },
          { key: 'event', title: t('desk.event') },
          { key: 'reason', title: t('desk.why') },
        ]}
        rows={sheet.events.map((one) => ({
          cells: {
            when: moment(Date.parse(one.at)),
            event: (
              <>
                <code dir="ltr">{one.event}</code> <small>{one.outcome}</small>
              </>
            ),
            reason: english(one.reason ?? ''),
          },
        }))}
      />
    </>
  );
}
