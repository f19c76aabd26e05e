/** Says on every page of a demo that nothing is real, and where its people and their mail are. */
import type { Translate } from '../text/index.ts';
import { paths } from './paths.ts';

export const DemoBanner = ({ t, column }: { t: Translate; column: string }) => (
  <aside class="demo" aria-label={t('demo.banner.label')}>
    <div class={column}>
      <p>{t('demo.banner')}</p>
      <a href={paths.demo}>{t('demo.banner.people')}</a>
      <a href={paths.demoInbox}>{t('demo.banner.inbox')}</a>
    </div>
  </aside>
);
