/** Where "It wasn't me" of a message leads. Opening it changes nothing: the button does (a mail scanner presses none). */
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Mark } from '../../ui/mark.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';

export const StopPage = ({ t, shell }: PageProps) => (
  <Layout t={t} shell={shell} title={t('stop.title')}>
    <div class="card">
      <Mark is="stop" />
      <h1>{t('stop.title')}</h1>
      <p>{t('stop.text')}</p>
      <div data-token-form data-token-waits hidden>
        <Form shell={shell} action={paths.stop}>
          <input type="hidden" name="token" value="" />
          <Button look="danger">{t('stop.button')}</Button>
        </Form>
        <p class="soft after">{t('stop.otherwise')}</p>
      </div>
      <div data-token-missing>
        <p>{t('stop.paste')}</p>
        <Form shell={shell} action={paths.stop}>
          <Field name="token" label={t('stop.link')} maxLength={1_000} ltr />
          <Button look="danger">{t('stop.button')}</Button>
        </Form>
      </div>
    </div>
  </Layout>
);
