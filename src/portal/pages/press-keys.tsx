/** The digits that a person presses during a call. They stand here and are never spoken, so only who sees this page gets the code. */
import type { Translate } from '../../text/index.ts';

export interface PressKeysProps {
  t: Translate;
  keys: string;
}

export const PressKeys = ({ t, keys }: PressKeysProps) => (
  <div class="note">
    <p>
      <strong>{t('call.press')}</strong>
    </p>
    <p class="keys" dir="ltr">
      {Array.from(keys, (digit, index) => (
        <kbd key={index}>{digit}</kbd>
      ))}
    </p>
    <p>{t('call.press-note')}</p>
  </div>
);
