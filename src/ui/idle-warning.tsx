/** Shown by the browser script two minutes before an idle session ends; one button extends it as often as needed (WCAG 2.2.1). */
import type { Translate } from '../text/index.ts';
import type { ShellProps } from './shell.ts';

export interface IdleWarningProps {
  t: Translate;
  shell: ShellProps;
  idle: NonNullable<ShellProps['idle']>;
}

export const IdleWarning = ({ t, shell, idle }: IdleWarningProps) => (
  <div
    data-idle={idle.seconds}
    data-keep-alive={idle.keepAlive}
    data-ended={idle.ended}
    data-csrf={shell.csrf}
    role="alert"
  >
    <div class="note wait" hidden>
      <p>
        <strong>{t('idle.title')}</strong>
      </p>
      <p>{t('idle.text')}</p>
      <button class="button quiet" type="button">
        {t('idle.stay')}
      </button>
    </div>
  </div>
);
