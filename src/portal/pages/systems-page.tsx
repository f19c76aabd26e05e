/** How far the new password has come, for whoever waits at the end of a journey. */
import type { OwnSystem } from '../../flow/own-systems.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Mark } from '../../ui/mark.tsx';
import { OwnSystems, settled } from './own-systems.tsx';
import type { PageProps } from './page.ts';

export interface SystemsPageProps extends PageProps {
  systems: readonly OwnSystem[];
  url: string;
  signInUrl: string;
}

export const SystemsPage = ({ t, shell, systems, url, signInUrl }: SystemsPageProps) => (
  <Layout t={t} shell={shell} title={t('systems.title')}>
    <div class="card">
      <Mark is={settled(systems) ? 'done' : 'wait'} />
      <h1>{t('systems.title')}</h1>
      <p class="soft">{t(settled(systems) ? 'systems.settled' : 'systems.lead')}</p>
      <OwnSystems t={t} systems={systems} url={url} title={false} />
      <ButtonLink href={signInUrl}>{t('done.sign-in')}</ButtonLink>
      {!settled(systems) && (
        <ul class="or">
          <li>
            <a href={url}>{t('systems.look')}</a>
          </li>
        </ul>
      )}
    </div>
  </Layout>
);
