/** One call: first who is calling, then what can be done for them. What is shown once stands here once. */
import type { Acted, Dossier, Said } from '../../flow/assisted/desk.ts';
import { DOCUMENTS } from '../../flow/assisted/note.ts';
import { formatMoment } from '../../text/index.ts';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Select } from '../../ui/select.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { SheetView } from './sheet-view.tsx';

export interface CallPageProps {
  ask: Ask;
  dossier: Dossier;
  said?: Said | Acted | undefined;
  /** By which the caller knows the helper. Shown once. */
  proof?: string | undefined;
}

export function CallPage({ ask, dossier, said, proof }: CallPageProps) {
  const { t, shell, language } = ask;
  const { call, data, sheet, live, acts, seconds, offered, number } = dossier;
  const moment = (at: number) => formatMoment(language, at, shell.timeZone);
  const to = (path: string) => `/console/desk/call/${call.id}/${path}`;
  const verified = data.verified.length > 0;
  const failed = said?.is === 'refused' || said?.is === 'wrong';
  const open = offered.filter((act) => !acts.some((one) => one.act === act));
  return (
    <ConsolePage ask={ask} title={t('desk.call', { name: sheet.account.displayName })} current="desk" failed={failed}>
      <Outcome ask={ask} said={said} />
      {!live && (
        <Notice tone="wait" title={t('desk.over')}>
          <p>
            {t(
              call.endedBy === 'tries'
                ? 'desk.over.tries'
                : call.endedBy === 'person'
                  ? 'desk.over.person'
                  : 'desk.over.text',
            )}
          </p>
          <ButtonLink href="/console/desk">{t('desk.find')}</ButtonLink>
        </Notice>
      )}
      {live && verified && (
        <section class="card" aria-labelledby="acts">
          <h2 id="acts">{t('desk.acts')}</h2>
          <p class="soft">{t('desk.acts.text')}</p>
          {open.map((act) => {
            const request = seconds.find((one) => one.act === act && one.usedAt === undefined);
            return (
              <div key={act}>
                <Form shell={shell} action={to('act')}>
                  <Button
                    look={act === 'pass' ? 'main' : act === 'clear' || act === 'freeze' ? 'danger' : 'quiet'}
                    name="act"
                    value={act}
                  >
                    {t(`desk.act.${act}`)}
                  </Button>
                </Form>
                {request && (
                  <p class="soft">
                    {request.decision === undefined
                      ? t('desk.second.waits')
                      : t(`desk.second.${request.decision}`, { who: request.decidedBy ?? '' })}
                  </p>
                )}
              </div>
            );
          })}
          {acts.map(({ act, at }) => (
            <p key={act}>
              {t(`desk.act.${act}` as 'desk.act.pass')}: {t('desk.done', { when: moment(at) })}
            </p>
          ))}
          <h3>{t('desk.second')}</h3>
          <Form shell={shell} action={to('ask')}>
            <Select
              name="act"
              label={t('desk.second.for')}
              empty={t('desk.seen.choose')}
              options={open.map((value) => ({ value, text: t(`desk.act.${value}`) }))}
            />
            <Field name="reason" label={t('desk.second.reason')} maxLength={200} />
            <Button look="quiet">{t('desk.second.button')}</Button>
          </Form>
        </section>
      )}
      {live && (
        <section class="card" aria-labelledby="caller">
          <h2 id="caller">{t('desk.caller')}</h2>
          {verified ? (
            <Notice title={t('desk.verified')}>
              {data.verified.map((one) => (
                <p key={one.at}>
                  {t(`desk.kind.${one.kind}`)} <small>{moment(one.at)}</small>
                </p>
              ))}
              {data.verified.length > 1 && <p>{t('desk.verified.twice')}</p>}
            </Notice>
          ) : (
            <p>{t('desk.caller.text')}</p>
          )}
          <details open={!verified || proof !== undefined || number !== undefined || data.code !== undefined}>
            <summary>{t('desk.caller.ways')}</summary>
            <h3>{t('desk.prove')}</h3>
            <p class="soft">{t('desk.prove.text')}</p>
            {proof !== undefined && (
              <Notice news title={t('desk.prove.read')}>
                <p class="number" dir="ltr">{`${proof.slice(0, 4)} ${proof.slice(4)}`}</p>
              </Notice>
            )}
            {data.checkedAt !== undefined && <p>{t('desk.prove.checked', { when: moment(data.checkedAt) })}</p>}
            <Form shell={shell} action={to('prove')}>
              <Button look="quiet">{t('desk.prove.button')}</Button>
            </Form>
            <h3>{t('desk.code')}</h3>
            {sheet.contacts.length === 0 && <p class="soft">{t('desk.code.none')}</p>}
            <p class="row">
              {sheet.contacts.map(({ id, to: address }) => (
                <Form key={id} shell={shell} action={to('send')}>
                  <input type="hidden" name="contact" value={id} />
                  <Button look="quiet">{t('desk.code.send', { to: address })}</Button>
                </Form>
              ))}
            </p>
            {data.code && (
              <Form shell={shell} action={to('code')}>
                <Field
                  name="code"
                  label={t('desk.code.read', { to: data.code.to })}
                  maxLength={40}
                  keyboard="tel"
                  ltr
                />
                <Button look={verified ? 'quiet' : 'main'}>{t('desk.code.check')}</Button>
              </Form>
            )}
            <h3>{t('desk.device')}</h3>
            <p class="soft">{t('desk.device.text')}</p>
            {number !== undefined && (
              <Notice title={t('desk.device.read')}>
                <p class="number" dir="ltr">
                  {number}
                </p>
                <a href={`/console/desk/call/${call.id}`}>{t('desk.look')}</a>
              </Notice>
            )}
            <Form shell={shell} action={to('device')}>
              <Button look="quiet">{t('desk.device.button')}</Button>
            </Form>
            <h3>{t('desk.seen')}</h3>
            <Form shell={shell} action={to('seen')}>
              <Select
                name="document"
                label={t('desk.seen.which')}
                empty={t('desk.seen.choose')}
                options={DOCUMENTS.map((value) => ({ value, text: t(`desk.document.${value}`) }))}
              />
              <Field name="note" label={t('desk.note')} hint={t('desk.note.hint')} maxLength={100} optional />
              <Button look="quiet">{t('desk.seen.button')}</Button>
            </Form>
            <h3>{t('desk.manager')}</h3>
            <Form shell={shell} action={to('manager')}>
              <Field name="name" label={t('desk.manager.name')} hint={t('desk.manager.hint')} maxLength={100} />
              <Button look="quiet">{t('desk.manager.button')}</Button>
            </Form>
          </details>
        </section>
      )}
      {live && (
        <Form shell={shell} action={to('end')}>
          <Button look="quiet">{t('desk.end')}</Button>
        </Form>
      )}
      <SheetView ask={ask} sheet={sheet} />
    </ConsolePage>
  );
}

function Outcome({ ask: { t, language, shell }, said }: Pick<CallPageProps, 'ask' | 'said'>) {
  if (!said) return null;
  if (said.is === 'ok') return <Notice news title={t('desk.said.ok')} />;
  if (said.is === 'wrong') return <Notice tone="bad" news title={t('desk.said.wrong', { n: said.triesLeft })} />;
  if (said.is === 'refused')
    return (
      <Notice tone="bad" news title={t(`desk.said.${said.why}`)}>
        {said.cause && (
          <p lang="en" dir="ltr">
            {said.cause}
          </p>
        )}
      </Notice>
    );
  const told = said.told.length > 0 ? t('desk.told', { to: said.told.join(', ') }) : t('desk.told.nobody');
  return (
    <Notice news title={t(said.is === 'pass' ? 'desk.pass' : 'desk.said.done')}>
      {said.is === 'pass' && (
        <>
          <p class="number" dir="ltr">
            {said.code}
          </p>
          <p>{t('desk.pass.text', { when: formatMoment(language, said.expiresAt, shell.timeZone) })}</p>
        </>
      )}
      <p>{told}</p>
      {said.warning && (
        <p lang="en" dir="ltr">
          {said.warning}
        </p>
      )}
    </Notice>
  );
}
