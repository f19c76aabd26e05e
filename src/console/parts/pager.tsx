/** On to the next page, and back to the first; pages are found by where the last one ended, so they cost the same at any depth. */
import type { Translate } from '../../text/index.ts';

export const Pager = ({ t, first, next }: { t: Translate; first?: string | undefined; next?: string | undefined }) =>
  first === undefined && next === undefined ? null : (
    <nav class="pager" aria-label={t('console.pages')}>
      {first !== undefined && <a href={first}>{t('console.pages.first')}</a>}
      {next !== undefined && (
        <a href={next} rel="next">
          {t('console.pages.next')}
        </a>
      )}
    </nav>
  );
