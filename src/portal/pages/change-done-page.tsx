/** The changed password is in force. */
import { ButtonLink } from '../../ui/button.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Mark } from '../../ui/mark.tsx';
import { Notice } from '../../ui/notice.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';
import { ToldAddresses } from './told-addresses.tsx';

export interface ChangeDonePageProps extends PageProps {
  told: readonly string[];
  signInUrl?: string;
}

export const ChangeDonePage = ({ t, shell, told, signInUrl }: ChangeDonePageProps) => (
  <Layout t={t} shell={shell} title={t('change.done.title')}>
    <div class="card">
      <Mark is="done" />
      <h1>{t('change.done.title')}</h1>
      <p class="soft">{t('change.done.text')}</p>
      <ToldAddresses t={t} told={told} />
      {shell.person && <ButtonLink href={paths.safety}>{t('back-to-safety')}</ButtonLink>}
      {!shell.person && signInUrl && <ButtonLink href={signInUrl}>{t('done.sign-in')}</ButtonLink>}
      <Notice tone="wait" title={t('done.not-you.title')}>
        <p>{t('done.not-you.text')}</p>
      </Notice>
    </div>
  </Layout>
);
