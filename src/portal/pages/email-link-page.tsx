/** Where the link of a mail leads. Opening it changes nothing: the browser script posts the token, else the code is typed. */
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import type { PageProps } from './page.ts';

export interface EmailLinkPageProps extends PageProps {
  /** POST of `token`. */
  action: string;
  step?: string;
  /** Where the code of the same mail is typed. */
  codeUrl: string;
}

export const EmailLinkPage = ({ t, shell, action, step, codeUrl }: EmailLinkPageProps) => (
  <Layout t={t} shell={shell} title={t('link.title')}>
    <div class="card">
      <h1>{t('link.title')}</h1>
      <div data-token-form hidden>
        <p class="soft">{t('link.lead')}</p>
        <Form shell={shell} action={action} step={step}>
          <input type="hidden" name="token" value="" />
          <Button>{t('continue')}</Button>
        </Form>
      </div>
      <div data-token-missing>
        <p>{t('link.type-code')}</p>
        <ButtonLink href={codeUrl}>{t('link.to-code')}</ButtonLink>
      </div>
    </div>
  </Layout>
);
