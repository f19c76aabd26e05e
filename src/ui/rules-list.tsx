/** What a new password has to fulfil, each with its state in words; the browser script only turns `data-state`. */
import type { Translate } from '../text/index.ts';
import { CrossIcon, DotIcon, TickIcon } from './icons.tsx';

export interface RuleView {
  id: string;
  text: string;
  /** `open`: not known yet. */
  state: 'ok' | 'no' | 'open';
  fromDirectory: boolean;
}

export interface RulesListProps {
  t: Translate;
  id: string;
  rules: readonly RuleView[];
  /** Answers `{rules: [{id, state}]}` to a POST of `password`; without it the list stands still. */
  url?: string | undefined;
}

const States = ({ t }: { t: Translate }) => (
  <>
    <span class="ok">
      <TickIcon />
      <span class="unseen">{t('rules.ok')}</span>
    </span>
    <span class="no">
      <CrossIcon />
      <span class="unseen">{t('rules.no')}</span>
    </span>
    <span class="open">
      <DotIcon />
    </span>
  </>
);

export const RulesList = ({ t, id, rules, url }: RulesListProps) => (
  <ul class="rules" id={id} data-rules={url} data-said={t('rules.said', { n: '{n}', of: '{of}' })}>
    {rules.map((rule) => (
      <li key={rule.id} data-rule={rule.id} data-state={rule.state}>
        <States t={t} />
        <span>
          {rule.text}
          {rule.fromDirectory && <span class="soft"> {t('rules.from-directory')}</span>}
        </span>
      </li>
    ))}
  </ul>
);
