/**
 * One section as a form: what the file fixes is shown locked. Every field remembers what it showed, so that only what the person
 * really changed counts, also when somebody else was faster.
 */
import type { Conflict, Problem, Setting } from '../../settings/service.ts';
import { textOf } from '../../settings/written.ts';
import { Button } from '../../ui/button.tsx';
import { Field, FieldFrame } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Select } from '../../ui/select.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { Facts } from '../parts/facts.tsx';
import { ChangeList } from './change-list.tsx';
import { ProblemList } from './problem-list.tsx';

export interface EditPageProps {
  ask: Ask;
  section: string;
  /** Of this section. */
  settings: readonly Setting[];
  /** Version in force. */
  base: number;
  /** By path, where it differs from what is in force. */
  typed?: ReadonlyMap<string, string>;
  comment?: string;
  problems?: readonly Problem[];
  conflict?: Conflict;
  unchanged?: boolean;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
const onOneLine = (value: unknown): string => textOf(value).replaceAll('\n', ', ');
const isLong = ({ value, allowed }: Setting): boolean => typeof value === 'object' || /^a (list|section)/.test(allowed);

/** English throughout, like the words of the schema. */
function Control({ setting, text }: { setting: Setting; text: string }) {
  const { path, description, allowed, choices, takesEffect } = setting;
  const name = `value.${path}`;
  const later = takesEffect === 'at-restart' ? 'Takes effect after a restart only.' : '';
  const hint = [description, choices ? '' : `Allowed: ${allowed}.`, later].filter((part) => part !== '').join(' ');
  const shown = textOf(setting.value);
  return (
    <>
      <input type="hidden" name={`was.${path}`} value={shown} />
      {choices ? (
        <Select
          name={name}
          label={`${nameOf(path)}: ${hint}`}
          empty="Not set here: the default"
          options={choices.map((value) => ({ value, text: value }))}
          selected={text}
        />
      ) : isLong(setting) ? (
        <FieldFrame id={name} label={nameOf(path)} hint={hint}>
          <textarea
            class="text yaml"
            id={name}
            name={name}
            rows={Math.min(20, Math.max(3, text.split('\n').length + 1))}
            dir="ltr"
            spellcheck={false}
            aria-describedby={`${name}-hint`}
          >
            {text}
          </textarea>
        </FieldFrame>
      ) : (
        <Field name={name} label={nameOf(path)} hint={hint} value={text} maxLength={2_000} optional ltr />
      )}
    </>
  );
}

export function EditPage(props: EditPageProps) {
  const { ask, section, settings, base, typed = new Map(), comment, problems = [], conflict, unchanged } = props;
  const { t, shell } = ask;
  const locked = settings.filter(({ lockedBy }) => lockedBy !== undefined);
  const open = settings.filter(({ lockedBy }) => lockedBy === undefined);
  const mayEdit = ask.staff.rights.has('settings.edit');
  return (
    <ConsolePage
      ask={ask}
      title={t('settings.edit.title', { section })}
      current="settings"
      failed={problems.length > 0 || conflict !== undefined}
    >
      <p>
        <a href="/console/settings">{t('settings.back')}</a>
      </p>
      {unchanged && <Notice news title={t('settings.unchanged')} />}
      {problems.length > 0 && (
        <Notice tone="bad" title={t('settings.invalid', { n: problems.length })}>
          <ProblemList list={problems} />
        </Notice>
      )}
      {conflict && (
        <Notice tone="wait" title={t('settings.conflict', { n: conflict.current })}>
          <p>{t('settings.conflict.lead')}</p>
          <h2>{t('settings.conflict.theirs')}</h2>
          <ChangeList t={t} changes={conflict.theirs} />
          <h2>{t('settings.conflict.own')}</h2>
          <ChangeList t={t} changes={conflict.own} />
        </Notice>
      )}
      {locked.length > 0 && (
        <section class="card" aria-labelledby="locked">
          <h2 id="locked">{t('settings.locked')}</h2>
          <p class="soft">{t('settings.locked.lead')}</p>
          <Facts
            items={locked.map(({ path, value, lockedBy }) => [
              nameOf(path),
              <>
                <code dir="ltr">{onOneLine(value)}</code>
                <br />
                <small>
                  {t('settings.locked.by')} <span dir="ltr">{lockedBy}</span>
                </small>
              </>,
            ])}
          />
        </section>
      )}
      {open.length > 0 && !mayEdit && (
        <section class="card">
          <Facts items={open.map(({ path, value }) => [nameOf(path), <code dir="ltr">{onOneLine(value)}</code>])} />
        </section>
      )}
      {open.length > 0 && mayEdit && (
        <section class="card" aria-labelledby="open">
          <h2 id="open">{t('settings.open')}</h2>
          <Form shell={shell} action="/console/settings/propose">
            <input type="hidden" name="section" value={section} />
            <input type="hidden" name="base" value={base} />
            <div lang="en" dir="ltr">
              {open.map((setting) => (
                <Control key={setting.path} setting={setting} text={typed.get(setting.path) ?? textOf(setting.value)} />
              ))}
            </div>
            <Field
              name="comment"
              label={t('settings.comment')}
              hint={t('settings.comment.hint')}
              value={comment}
              maxLength={500}
              optional
            />
            <Button>{t(conflict ? 'settings.propose-again' : 'settings.propose')}</Button>
          </Form>
        </section>
      )}
    </ConsolePage>
  );
}
