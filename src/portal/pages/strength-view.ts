/** An estimate as words: how strong, what is weak, what would help. */
import type { Strength } from '../../policy/passwords/strength.ts';
import type { Translate } from '../../text/index.ts';
import type { StrengthView } from '../../ui/strength-meter.tsx';

export const strengthView = (t: Translate, { level, warning, advice }: Strength): StrengthView => ({
  level,
  text: t('strength.title', { level: t(`strength.level.${level}`) }),
  help: [...(warning ? [t(`strength.warning.${warning}`)] : []), ...advice.map((one) => t(`strength.advice.${one}`))],
});
