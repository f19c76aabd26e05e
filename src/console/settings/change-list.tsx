/** What differs, setting by setting and line by line; sign and words carry it, the colour only repeats it. */
import { diffLines } from 'diff';
import type { Change } from '../../settings/service.ts';
import { textOf } from '../../settings/written.ts';
import type { Translate } from '../../text/index.ts';

const linesOf = (value: unknown): string => {
  const text = textOf(value);
  return text === '' ? '' : `${text}\n`;
};

const Line = ({ t, sign, text }: { t: Translate; sign: 'added' | 'removed' | 'same'; text: string }) => {
  if (sign === 'same') return <span>{`  ${text}\n`}</span>;
  const Tag = sign === 'added' ? 'ins' : 'del';
  return (
    <Tag>
      <span class="unseen">{t(`settings.diff.${sign}`)} </span>
      {`${sign === 'added' ? '+' : '−'} ${text}\n`}
    </Tag>
  );
};

export const ChangeList = ({ t, changes }: { t: Translate; changes: readonly Change[] }) =>
  changes.length === 0 ? (
    <p class="soft">{t('settings.diff.none')}</p>
  ) : (
    <dl class="changes">
      {changes.map(({ path, before, after }) => (
        <div key={path}>
          <dt>
            <code dir="ltr">{path}</code>
            {before === undefined && <small> {t('settings.diff.new')}</small>}
            {after === undefined && <small> {t('settings.diff.gone')}</small>}
          </dt>
          <dd>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
            <pre class="diff" dir="ltr" tabIndex={0}>
              {diffLines(linesOf(before), linesOf(after)).flatMap((part, n) =>
                part.value
                  .replace(/\n$/, '')
                  .split('\n')
                  .map((text, line) => (
                    <Line
                      key={`${n}.${line}`}
                      t={t}
                      sign={part.added ? 'added' : part.removed ? 'removed' : 'same'}
                      text={text}
                    />
                  )),
              )}
            </pre>
          </dd>
        </div>
      ))}
    </dl>
  );
