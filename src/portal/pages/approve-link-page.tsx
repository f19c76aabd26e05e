/** Where the link of a contact's mail leads. The script takes the token out of the address; without it the link is pasted. */
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';

export const ApproveLinkPage = ({ t, shell }: PageProps) => (
  <Layout t={t} shell={shell} title={t('approve.link.title')}>
    <div class="card">
      <h1>{t('approve.link.title')}</h1>
      <div data-token-form hidden>
        <p class="soft">{t('link.lead')}</p>
        <Form shell={shell} action={paths.approve}>
          <input type="hidden" name="token" value="" />
          <Button>{t('continue')}</Button>
        </Form>
      </div>
      <div data-token-missing>
        <p>{t('approve.link.paste')}</p>
        <Form shell={shell} action={paths.approve}>
          <Field name="token" label={t('stop.link')} maxLength={1_000} ltr />
          <Button>{t('continue')}</Button>
        </Form>
      </div>
    </div>
  </Layout>
);
