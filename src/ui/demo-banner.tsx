/** Says on every page of a demo that nothing is real, and where its people, their mail, phone and app are. */
import type { Translate } from '../text/index.ts';
import { paths } from './paths.ts';

export const DemoBanner = ({ t, column }: { t: Translate; column: string }) => (
  <aside class="demo" aria-label={t('demo.banner.label')}>
    <div class={column}>
      <p>{t('demo.banner')}</p>
      <a href={paths.demo}>{t('demo.banner.people')}</a>
      <a href={paths.demoInbox}>{t('demo.banner.inbox')}</a>
      <a href={paths.demoPhone}>{t('demo.banner.phone')}</a>
      <a href={paths.demoApp}>{t('demo.banner.app')}</a>
    </div>
  </aside>
);
