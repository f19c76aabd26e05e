/** Where "No more reminders" of a reminder leads. Opening it changes nothing: the button does (a mail scanner presses none). */
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Mark } from '../../ui/mark.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';

/** `done`: said to everybody who pressed it, whatever the value was. */
export const ReminderStopPage = ({ t, shell, done }: PageProps & { done?: boolean }) => (
  <Layout t={t} shell={shell} title={t(done ? 'rollout.no-more.done-title' : 'rollout.no-more.title')}>
    <div class="card">
      <Mark is={done ? 'done' : 'wait'} />
      <h1>{t(done ? 'rollout.no-more.done-title' : 'rollout.no-more.title')}</h1>
      <p>{t(done ? 'rollout.no-more.done-text' : 'rollout.no-more.text')}</p>
      {done ? (
        <ButtonLink href={paths.enrol}>{t('rollout.no-more.enrol')}</ButtonLink>
      ) : (
        <>
          <div data-token-form data-token-waits hidden>
            <Form shell={shell} action={paths.noReminders}>
              <input type="hidden" name="token" value="" />
              <Button>{t('rollout.no-more.button')}</Button>
            </Form>
          </div>
          <div data-token-missing>
            <p>{t('stop.paste')}</p>
            <Form shell={shell} action={paths.noReminders}>
              <Field name="token" label={t('stop.link')} maxLength={1_000} ltr />
              <Button>{t('rollout.no-more.button')}</Button>
            </Form>
          </div>
        </>
      )}
    </div>
  </Layout>
);
