/** The saved code that takes the place of the one just used. It is shown this once. */
import type { Translate } from '../../text/index.ts';
import { Notice } from '../../ui/notice.tsx';

export const ReplacementCode = ({ t, code }: { t: Translate; code: string }) => (
  <Notice title={t('done.code.title')}>
    <p>{t('done.code.text')}</p>
    <p>
      <code class="secret" dir="ltr">
        {code}
      </code>
    </p>
  </Notice>
);
