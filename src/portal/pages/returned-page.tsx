/** Where another site sends people back to. Opening it changes nothing; the button (pressed by the script) hands the answer in. */
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import type { PageProps } from './page.ts';

export interface ReturnedPageProps extends PageProps {
  /** POST of `returned`. */
  action: string;
  step?: string;
  /** The query as it came back. */
  returned: string;
}

export const ReturnedPage = ({ t, shell, action, step, returned }: ReturnedPageProps) => (
  <Layout t={t} shell={shell} title={t('returned.title')}>
    <div class="card" data-returned>
      <h1>{t('returned.title')}</h1>
      <p class="soft">{t('returned.lead')}</p>
      <Form shell={shell} action={action} step={step}>
        <input type="hidden" name="returned" value={returned} />
        <Button>{t('continue')}</Button>
      </Form>
    </div>
  </Layout>
);
