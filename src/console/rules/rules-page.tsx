/** Two questions: what would a changed rule do, and what would happen to this person? */
import { Button } from '../../ui/button.tsx';
import { Field, FieldFrame } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import type { Said } from './index.tsx';

export interface RulesPageProps {
  ask: Ask;
  policy: string;
  person?: string | undefined;
  problems?: readonly Said[];
  /** Of the trial run. */
  failed?: 'none' | 'unavailable';
}

export const Sentences = ({ list }: { list: readonly Said[] }) => (
  <ul lang="en" dir="ltr">
    {list.map(({ path, what, allowed, fix, at }) => (
      <li key={`${path}${what}`}>
        {at?.line !== undefined && `Line ${at.line}: `}
        {path !== '' && <code>{path}</code>} {what}
        {allowed && ` Allowed: ${allowed}`} {fix}
      </li>
    ))}
  </ul>
);

export function RulesPage({ ask, policy, person, problems = [], failed }: RulesPageProps) {
  const { t, shell } = ask;
  return (
    <ConsolePage
      ask={ask}
      title={t('readiness.rules.title')}
      current="rules"
      failed={problems.length > 0 || failed !== undefined}
    >
      <section class="card" aria-labelledby="try">
        <h2 id="try">{t('readiness.trial.title')}</h2>
        <p>{t('readiness.trial.lead')}</p>
        <Form shell={shell} action="/console/rules/try">
          <Field
            name="person"
            label={t('readiness.trial.person')}
            value={person}
            maxLength={320}
            autocomplete="off"
            error={failed && t(`readiness.trial.${failed}`)}
          />
          <Button look="quiet">{t('readiness.trial.button')}</Button>
        </Form>
      </section>
      <section class="card" aria-labelledby="preview">
        <h2 id="preview">{t('readiness.rules.preview')}</h2>
        <p>{t('readiness.rules.lead')}</p>
        {problems.length > 0 && (
          <Notice tone="bad" title={t('readiness.rules.invalid', { n: problems.length })}>
            <Sentences list={problems} />
          </Notice>
        )}
        <Form shell={shell} action="/console/rules/preview">
          <FieldFrame id="policy" label={t('readiness.rules.policy')} hint={t('readiness.rules.hint')}>
            <textarea
              class="text yaml"
              id="policy"
              name="policy"
              rows={18}
              dir="ltr"
              spellcheck={false}
              maxLength={50_000}
              aria-describedby="policy-hint"
            >
              {policy}
            </textarea>
          </FieldFrame>
          <Button>{t('readiness.rules.button')}</Button>
        </Form>
      </section>
    </ConsolePage>
  );
}
