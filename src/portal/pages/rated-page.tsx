/** After the tap: thanks, and the way on. */
import { ButtonLink } from '../../ui/button.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Mark } from '../../ui/mark.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';

export const RatedPage = ({ t, shell, signInUrl }: PageProps & { signInUrl?: string | undefined }) => (
  <Layout t={t} shell={shell} title={t('rating.thanks.title')}>
    <div class="card">
      <Mark is="done" />
      <h1>{t('rating.thanks.title')}</h1>
      <p class="soft">{t('rating.thanks.text')}</p>
      <ButtonLink href={signInUrl ?? paths.start}>{t(signInUrl ? 'done.sign-in' : 'outcome.start')}</ButtonLink>
    </div>
  </Layout>
);
