/** "Step 2 of 3", as words and as a line. */
import type { Translate } from '../text/index.ts';

export interface Progress {
  at: number;
  of: number;
}

export const Steps = ({ t, progress: { at, of } }: { t: Translate; progress: Progress }) => (
  <p class="steps">
    {Array.from({ length: of }, (_, index) => (
      <i key={index} class={index < at ? 'on' : undefined} aria-hidden="true" />
    ))}
    <span>{t('step', { at, of })}</span>
  </p>
);
