/** The changed password is in force. */
import type { OwnSystem } from '../../flow/own-systems.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Mark } from '../../ui/mark.tsx';
import { Notice } from '../../ui/notice.tsx';
import { paths } from '../../ui/paths.ts';
import { OwnSystems } from './own-systems.tsx';
import type { PageProps } from './page.ts';
import { ToldAddresses } from './told-addresses.tsx';

export interface ChangeDonePageProps extends PageProps {
  told: readonly string[];
  signInUrl?: string;
  /** Connected systems of this person. */
  systems?: readonly OwnSystem[];
}

export const ChangeDonePage = ({ t, shell, told, signInUrl, systems = [] }: ChangeDonePageProps) => (
  <Layout t={t} shell={shell} title={t('change.done.title')}>
    <div class="card">
      <Mark is="done" />
      <h1>{t('change.done.title')}</h1>
      <p class="soft">{t('change.done.text')}</p>
      <OwnSystems t={t} systems={systems} url={paths.systems} />
      <ToldAddresses t={t} told={told} />
      {shell.person && <ButtonLink href={paths.safety}>{t('back-to-safety')}</ButtonLink>}
      {!shell.person && signInUrl && <ButtonLink href={signInUrl}>{t('done.sign-in')}</ButtonLink>}
      <Notice tone="wait" title={t('done.not-you.title')}>
        <p>{t('done.not-you.text')}</p>
      </Notice>
    </div>
  </Layout>
);
