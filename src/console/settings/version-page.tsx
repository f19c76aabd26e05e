/** One version: who, when, why, what it changes; and what can be done with it. */
import type { Change, Conflict, Problem, SettingsVersion } from '../../settings/service.ts';
import { actorOf } from '../../staff/staff.ts';
import { formatMoment, type TextKey } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { Facts } from '../parts/facts.tsx';
import { ChangeList } from './change-list.tsx';
import { ProblemList } from './problem-list.tsx';

export interface VersionPageProps {
  ask: Ask;
  version: SettingsVersion;
  changes: readonly Change[];
  /** Version in force. */
  current: number;
  secondApproval: boolean;
  /** Changed paths that take effect at a restart only. */
  later: readonly string[];
  problems?: readonly Problem[];
  conflict?: Conflict | undefined;
  /** It was put in force, or rejected, a moment ago. */
  done?: boolean;
}

function Acts({ ask, version, current, secondApproval, conflict }: VersionPageProps) {
  const { t, shell, staff } = ask;
  const { number, state } = version;
  const path = `/console/settings/versions/${number}`;
  const own = version.author === actorOf(staff);
  const mayEdit = staff.rights.has('settings.edit');
  const mayDecide = staff.rights.has(secondApproval ? 'settings.approve' : 'settings.edit');
  if (state === 'proposed')
    return (
      <section class="card" aria-labelledby="acts">
        <h2 id="acts">{t('settings.acts')}</h2>
        {secondApproval && own && <p>{t('settings.own')}</p>}
        <div class="row">
          {conflict
            ? mayEdit && (
                <Form shell={shell} action={`${path}/again`}>
                  <Button>{t('settings.again')}</Button>
                </Form>
              )
            : mayDecide &&
              !(secondApproval && own) && (
                <Form shell={shell} action={`${path}/apply`}>
                  <Button>{t(secondApproval ? 'settings.approve' : 'settings.apply')}</Button>
                </Form>
              )}
          {(own ? mayEdit : mayDecide) && (
            <Form shell={shell} action={`${path}/${own ? 'withdraw' : 'reject'}`}>
              <Button look="quiet">{t(own ? 'settings.withdraw' : 'settings.reject')}</Button>
            </Form>
          )}
        </div>
      </section>
    );
  if (state !== 'applied' || number === current || !mayEdit) return null;
  return (
    <section class="card" aria-labelledby="acts">
      <h2 id="acts">{t('settings.rollback')}</h2>
      <p>{t('settings.rollback.lead')}</p>
      <Form shell={shell} action={`${path}/rollback`}>
        <Field
          name="comment"
          label={t('settings.comment')}
          hint={t('settings.comment.hint')}
          maxLength={500}
          optional
        />
        <Button look="quiet">{t('settings.rollback.button', { n: number })}</Button>
      </Form>
    </section>
  );
}

export function VersionPage(props: VersionPageProps) {
  const { ask, version, changes, current, later, problems = [], conflict, done } = props;
  const { t, shell, language } = ask;
  const moment = (at: number) => formatMoment(language, at, shell.timeZone);
  const { number, state, author, createdAt, comment, decidedBy, decidedAt, rollsBackTo, base } = version;
  const said = number === current ? 'current' : state;
  return (
    <ConsolePage
      ask={ask}
      title={t('settings.version-n', { n: number })}
      current="settings"
      failed={problems.length > 0}
    >
      <p>
        <a href="/console/settings">{t('settings.back')}</a>
      </p>
      {done && state === 'applied' && <Notice news title={t('settings.done')} />}
      {later.length > 0 && state !== 'rejected' && (
        <Notice tone="wait" title={t('settings.later')}>
          <p>
            <code dir="ltr">{later.join(', ')}</code>
          </p>
        </Notice>
      )}
      {problems.length > 0 && (
        <Notice tone="bad" title={t('settings.invalid', { n: problems.length })}>
          <ProblemList list={problems} />
        </Notice>
      )}
      <section class="card">
        <Facts
          items={[
            [t('settings.state'), t(`settings.state.${said}` as TextKey)],
            [t('settings.who'), <span dir="ltr">{author}</span>],
            [t('settings.when'), moment(createdAt)],
            [t('settings.why'), comment === '' ? t('settings.no-comment') : comment],
            ...(rollsBackTo === undefined
              ? []
              : [[t('settings.back-to'), t('settings.version-n', { n: rollsBackTo })] as const]),
            ...(decidedBy === undefined || decidedAt === undefined
              ? []
              : [
                  [
                    t('settings.decided'),
                    <>
                      <span dir="ltr">{decidedBy}</span>, {moment(decidedAt)}
                    </>,
                  ] as const,
                ]),
          ]}
        />
      </section>
      {conflict ? (
        <Notice tone="wait" title={t('settings.conflict', { n: conflict.current })}>
          <p>{t('settings.conflict.lead')}</p>
          <h2>{t('settings.conflict.theirs')}</h2>
          <ChangeList t={t} changes={conflict.theirs} />
          <h2>{t('settings.conflict.own')}</h2>
          <ChangeList t={t} changes={conflict.own} />
        </Notice>
      ) : (
        <section class="card" aria-labelledby="changes">
          <h2 id="changes">{t('settings.changes', { n: base })}</h2>
          <ChangeList t={t} changes={changes} />
        </section>
      )}
      <Acts {...props} />
    </ConsolePage>
  );
}
