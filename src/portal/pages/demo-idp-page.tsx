/** The page of the demo's identity provider: who somebody is there is chosen, not proven. */
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import type { PageProps } from './page.ts';

export interface DemoIdpPageProps extends PageProps {
  action: string;
  /** What the relying party asked for, to be sent along. */
  request: Readonly<Record<string, string>>;
  people: readonly { username: string; displayName: string }[];
}

export const DemoIdpPage = ({ t, shell, action, request, people }: DemoIdpPageProps) => (
  <Layout t={t} shell={shell} title={t('demo.idp.title')}>
    <div class="card">
      <h1>{t('demo.idp.title')}</h1>
      <p class="soft">{t('demo.idp.lead')}</p>
      <Form shell={shell} action={action}>
        {Object.entries(request).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <div class="stack">
          {people.map(({ username, displayName }) => (
            <Button key={username} look="quiet" name="as" value={username}>
              {t('demo.idp.as', { name: displayName })}
            </Button>
          ))}
          <Button look="link" name="as" value="">
            {t('demo.idp.refuse')}
          </Button>
        </div>
      </Form>
    </div>
  </Layout>
);
