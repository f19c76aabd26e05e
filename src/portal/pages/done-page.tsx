/** Back in: what works now, who was told, what to write down, what to do when it wasn't you. */
import type { OwnSystem } from '../../flow/own-systems.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Mark } from '../../ui/mark.tsx';
import { Notice } from '../../ui/notice.tsx';
import { paths } from '../../ui/paths.ts';
import { OwnSystems } from './own-systems.tsx';
import type { PageProps } from './page.ts';
import { Rating } from './rating.tsx';
import { ReplacementCode } from './replacement-code.tsx';
import { ToldAddresses } from './told-addresses.tsx';

export interface DonePageProps extends PageProps {
  /** First name, or the display name where there is none. */
  name: string;
  /** Masked addresses that get the notice. */
  told: readonly string[];
  /** The new saved code in place of the used one: shown once. */
  replacementCode?: string;
  /** Where the organisation's people sign in. */
  signInUrl?: string;
  practice?: boolean;
  /** Only unlocked: the password is the same as before. */
  unlocked?: boolean;
  /** They may say how it was. */
  rate?: boolean;
  /** Connected systems of this person. */
  systems?: readonly OwnSystem[];
}

export const DonePage = ({ t, shell, systems = [], ...given }: DonePageProps) => {
  const { name, told, replacementCode, signInUrl, practice, unlocked, rate } = given;
  return (
    <Layout t={t} shell={shell} title={practice ? t('done.practice.title') : t('done.title', { name })}>
      <div class="card">
        <Mark is="done" />
        <h1>{practice ? t('done.practice.title') : t('done.title', { name })}</h1>
        <p class="soft">{t(practice ? 'done.practice.text' : unlocked ? 'done.unlocked' : 'done.text')}</p>
        {replacementCode && <ReplacementCode t={t} code={replacementCode} />}
        <OwnSystems t={t} systems={systems} url={paths.systems} />
        {!practice && <ToldAddresses t={t} told={told} />}
        {practice && <ButtonLink href={paths.safety}>{t('back-to-safety')}</ButtonLink>}
        {!practice && signInUrl && <ButtonLink href={signInUrl}>{t('done.sign-in')}</ButtonLink>}
        {!practice && (
          <Notice tone="wait" title={t('done.not-you.title')}>
            <p>{t('done.not-you.text')}</p>
          </Notice>
        )}
        {rate && <Rating t={t} shell={shell} />}
      </div>
    </Layout>
  );
};
