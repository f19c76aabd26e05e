/** How to reach a person: on every page, always in the same place (WCAG 2.2, 3.2.6). */
import type { Translate } from '../text/index.ts';
import type { Help } from './shell.ts';

/** RFC 3966: what a phone dials. */
export const dial = (phone: string): string => `tel:${phone.replace(/[^\d+*#]/g, '')}`;

export const Footer = ({ t, help, column }: { t: Translate; help: Help; column: string }) => (
  <footer class="foot">
    <div class={column}>
      <p>
        <b>{t('help.title')}</b> <bdi>{help.text}</bdi>{' '}
        {help.phone && (
          <a href={dial(help.phone)} dir="ltr">
            {help.phone}
          </a>
        )}{' '}
        {help.hours && <bdi>{help.hours}</bdi>}
      </p>
    </div>
  </footer>
);
