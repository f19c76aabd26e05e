/** What authenticator apps of the demo show, and a place to paste the key of a new one. */
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';

export interface DemoAppCode {
  /** Whose app, or which new key. */
  name: string;
  code: string;
}

export interface DemoAppPageProps extends PageProps {
  codes: readonly DemoAppCode[];
  /** Seconds until all codes change. */
  left: number;
  /** What was pasted is no key. */
  wrong?: boolean;
}

export const DemoAppPage = ({ t, shell, codes, left, wrong }: DemoAppPageProps) => (
  <Layout t={t} shell={shell} title={t('demo.app.title')} wide>
    <div class="card">
      <h1>{t('demo.app.title')}</h1>
      <p class="soft">{t(codes.length === 0 ? 'demo.app.empty' : 'demo.app.lead')}</p>
      {codes.length > 0 && (
        <>
          <p data-left={left}>{t('demo.app.left', { n: left })}</p>
          <dl class="facts">
            {codes.map(({ name, code }) => (
              <>
                <dt>
                  <bdi>{name}</bdi>
                </dt>
                <dd>
                  <code dir="ltr">{`${code.slice(0, 3)} ${code.slice(3)}`}</code>
                </dd>
              </>
            ))}
          </dl>
        </>
      )}
      <ButtonLink look="quiet" href={paths.demoApp}>
        {t('demo.app.refresh')}
      </ButtonLink>
    </div>
    <section class="card" aria-labelledby="add-key">
      <h2 id="add-key">{t('demo.app.add.title')}</h2>
      <p class="soft">{t('demo.app.add.lead')}</p>
      <Form shell={shell} action={paths.demoApp}>
        <Field
          name="key"
          label={t('demo.app.add.key')}
          error={wrong ? t('demo.app.add.wrong') : undefined}
          maxLength={400}
          ltr
        />
        <Button look="quiet">{t('demo.app.add')}</Button>
      </Form>
    </section>
  </Layout>
);
