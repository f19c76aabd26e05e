/** The desk: find a person, go on with a call, agree to what a colleague asks for. */
import type { SecondRequest, StoredCall } from '../../flow/assisted/desk.ts';
import type { Sheet } from '../../flow/assisted/sheet.ts';
import { formatMoment } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { FilterForm } from '../parts/filter-form.tsx';
import { SheetView } from './sheet-view.tsx';

export interface DeskPageProps {
  ask: Ask;
  /** As typed. */
  who?: string | undefined;
  sheet?: Sheet | undefined;
  problem?: 'none' | 'unavailable' | 'own' | 'ticket' | undefined;
  calls: readonly StoredCall[];
  requests: readonly SecondRequest[];
}

export function DeskPage({ ask, who, sheet, problem, calls, requests }: DeskPageProps) {
  const { t, shell, language, staff } = ask;
  const moment = (at: number) => formatMoment(language, at, shell.timeZone);
  return (
    <ConsolePage ask={ask} title={t('console.menu.desk')} current="desk" failed={problem !== undefined}>
      <FilterForm action="/console/desk" label={t('desk.find')} button={t('desk.find')}>
        <Field name="who" label={t('desk.who')} hint={t('desk.who.hint')} value={who} ltr />
      </FilterForm>
      {problem && <Notice tone="bad" news title={t(`desk.problem.${problem}`)} />}
      {sheet && (
        <>
          {staff.rights.has('people.assist') && (
            <section class="card" aria-labelledby="open">
              <h2 id="open">{t('desk.open.title')}</h2>
              <p class="soft">{t('desk.open.text')}</p>
              <Form shell={shell} action="/console/desk/open">
                <input type="hidden" name="who" value={sheet.account.username} />
                <Field
                  name="ticket"
                  label={t('desk.ticket')}
                  hint={t('desk.ticket.hint')}
                  maxLength={60}
                  optional
                  ltr
                />
                <Button>{t('desk.open')}</Button>
              </Form>
            </section>
          )}
          <SheetView ask={ask} sheet={sheet} />
        </>
      )}
      {requests.length > 0 && (
        <section class="card" aria-labelledby="seconds">
          <h2 id="seconds">{t('desk.seconds')}</h2>
          {requests.map((one) => (
            <Form key={one.id} shell={shell} action="/console/desk/decide">
              <h3>
                {t('desk.second.asks', {
                  helper: one.helper,
                  person: one.username,
                  act: t(`desk.act.${one.act}` as 'desk.act.pass'),
                })}
              </h3>
              <p>
                <bdi>{one.reason}</bdi> <small class="soft">{t('desk.until', { when: moment(one.expiresAt) })}</small>
              </p>
              <input type="hidden" name="request" value={one.id} />
              <p class="row">
                <Button look="quiet" name="decision" value="agreed">
                  {t('desk.second.agree')}
                </Button>
                <Button look="danger" name="decision" value="refused">
                  {t('desk.second.refuse')}
                </Button>
              </p>
            </Form>
          ))}
        </section>
      )}
      {calls.length > 0 && (
        <section class="card" aria-labelledby="calls">
          <h2 id="calls">{t('desk.calls')}</h2>
          <ul>
            {calls.map((call) => (
              <li key={call.id}>
                <a href={`/console/desk/call/${call.id}`}>{call.username}</a>{' '}
                <small class="soft">
                  {moment(call.openedAt)} <bdi>{call.ticket}</bdi>
                </small>
              </li>
            ))}
          </ul>
        </section>
      )}
    </ConsolePage>
  );
}
