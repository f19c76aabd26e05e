/** Classes of data with their keep times, and one person's: how much there is, export, erasure with a confirmation. */
import { dataClasses } from '../../privacy/data-classes.ts';
import type { LeaversState } from '../../privacy/leavers.ts';
import type { Erased, Subject } from '../../privacy/service.ts';
import { formatMoment, type TextKey } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorSummary } from '../../ui/error-summary.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { FilterForm } from '../parts/filter-form.tsx';
import { type KeepSettings, keepWords, PATH } from './words.ts';

export interface PrivacyPageProps {
  ask: Ask;
  settings: KeepSettings;
  deleted: ReadonlyMap<string, number>;
  leavers: Pick<LeaversState, 'held_at' | 'known' | 'missing' | 'accepted' | 'looked_at' | 'problem'> | undefined;
  /** As typed. */
  who?: string | undefined;
  subject?: Subject | undefined;
  problem?: 'none' | 'unavailable' | undefined;
  /** Fields of the erasure that were not filled in rightly. */
  mistakes?: readonly ('reason' | 'number' | 'confirm')[];
  erased?: Erased | undefined;
}

const FIELD = { reason: 'reason', number: 'reason', confirm: 'confirm' } as const;

/** What the person is called here: the username, or the account id of whoever has left. */
export const nameOf = ({ account, accountId }: Pick<Subject, 'account' | 'accountId'>): string =>
  account?.username ?? accountId;

export function PrivacyPage(props: PrivacyPageProps) {
  const { ask, settings, deleted, leavers, who, subject, problem, mistakes = [], erased } = props;
  const { t, shell } = ask;
  return (
    <ConsolePage ask={ask} title={t('privacy.title')} current="privacy" failed={mistakes.length > 0}>
      {mistakes.length > 0 && (
        <ErrorSummary
          title={t('mistake.missing')}
          mistakes={mistakes.map((one) => ({ field: FIELD[one], text: t(`privacy.mistake.${one}` as TextKey) }))}
        />
      )}
      <Outcome ask={ask} erased={erased} />
      {leavers?.held_at != null && <Held ask={ask} leavers={leavers} />}
      <FilterForm action={PATH} label={t('privacy.find')} button={t('privacy.find')}>
        <Field name="who" label={t('privacy.who')} value={who ?? ''} ltr />
      </FilterForm>
      {problem && <Notice tone="wait" title={t(`privacy.problem.${problem}` as TextKey)} />}
      {subject && (
        <section class="card" aria-labelledby="person">
          <h2 id="person">
            <bdi>{subject.account?.displayName ?? t('privacy.left')}</bdi>
          </h2>
          <p class="soft">
            <bdi>{nameOf(subject)}</bdi>
          </p>
          <DataTable
            caption={t('privacy.kept')}
            empty={t('privacy.kept.none')}
            columns={[
              { key: 'class', title: t('privacy.class') },
              { key: 'rows', title: t('privacy.rows'), numeric: true },
            ]}
            rows={subject.kept.map(({ id, rows }) => ({
              cells: { class: t(`privacy.class.${id}` as TextKey), rows },
            }))}
          />
          <Form shell={shell} action={`${PATH}/export`}>
            <input type="hidden" name="who" value={nameOf(subject)} />
            <Button look="quiet">{t('privacy.export')}</Button>
          </Form>
          <h3>{t('privacy.erase')}</h3>
          <p class="soft">{t(subject.account ? 'privacy.erase.text' : 'privacy.erase.text.left')}</p>
          <Form shell={shell} action={`${PATH}/erase`}>
            <input type="hidden" name="who" value={nameOf(subject)} />
            <Field
              name="reason"
              label={t('privacy.reason')}
              hint={t('privacy.reason.hint')}
              maxLength={200}
              error={mistakes.find((one) => FIELD[one] === 'reason') && t('privacy.mistake.reason')}
            />
            <Field
              name="confirm"
              label={t('privacy.confirm', { name: nameOf(subject) })}
              ltr
              error={mistakes.includes('confirm') ? t('privacy.mistake.confirm') : undefined}
            />
            <Button look="danger">{t('privacy.erase.button')}</Button>
          </Form>
        </section>
      )}
      <DataTable
        caption={t('privacy.classes')}
        empty=""
        columns={[
          { key: 'class', title: t('privacy.class') },
          { key: 'keep', title: t('privacy.keep') },
          { key: 'deleted', title: t('privacy.deleted'), numeric: true },
        ]}
        rows={dataClasses.map((one) => ({
          cells: {
            class: (
              <>
                {t(`privacy.class.${one.id}` as TextKey)}
                <small>{t(`privacy.class.${one.id}.purpose` as TextKey)}</small>
              </>
            ),
            keep: keepWords(t, one, settings),
            deleted: deleted.get(one.id) ?? 0,
          },
        }))}
      />
      <p class="soft">
        {t('privacy.where')}
        {leavers?.looked_at != null && (
          <>
            {' '}
            {t('privacy.looked', {
              when: formatMoment(ask.language, Number(leavers.looked_at), shell.timeZone),
              known: Number(leavers.known),
              missing: Number(leavers.missing),
            })}
          </>
        )}
      </p>
      {leavers?.problem != null && (
        <Notice tone="wait" title={t('privacy.looked.problem')}>
          <p lang="en" dir="ltr">
            {leavers.problem}
          </p>
        </Notice>
      )}
    </ConsolePage>
  );
}

function Outcome({ ask: { t }, erased }: { ask: Ask; erased: Erased | undefined }) {
  if (!erased) return null;
  if (erased.is === 'erased') {
    const to = erased.told.join(', ');
    return (
      <Notice news title={t('privacy.erased', { rows: erased.rows })}>
        {to !== '' && <p>{t('privacy.erased.told', { to })}</p>}
      </Notice>
    );
  }
  return (
    <Notice news tone="bad" title={t(`privacy.not-erased.${erased.is}` as TextKey)}>
      {erased.is !== 'busy' && (
        <p lang="en" dir="ltr">
          {erased.cause}
        </p>
      )}
    </Notice>
  );
}

function Held({ ask: { t, shell }, leavers }: { ask: Ask; leavers: NonNullable<PrivacyPageProps['leavers']> }) {
  const { missing, known, accepted } = leavers;
  return (
    <Notice tone="wait" title={t('privacy.held', { missing: Number(missing), known: Number(known) })}>
      {accepted >= missing ? (
        <p>{t('privacy.held.accepted')}</p>
      ) : (
        <>
          <p>{t('privacy.held.text')}</p>
          <Form shell={shell} action={`${PATH}/accept`}>
            <input type="hidden" name="missing" value={String(missing)} />
            <Button look="quiet">{t('privacy.held.accept')}</Button>
          </Form>
        </>
      )}
    </Notice>
  );
}
