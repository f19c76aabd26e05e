/** "No idea?": asks for a suggestion. A form of its own, so nothing that was typed leaves with it. */
import type { Translate } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import type { ShellProps } from '../../ui/shell.ts';

export interface NewPasswordSuggestProps {
  t: Translate;
  shell: ShellProps;
  /** POST `kind`: `words` or `random` → the page again with a suggestion filled in, or JSON `{password}`. */
  action: string;
  step?: string | undefined;
  /** There is one already: another is one press away. */
  again: boolean;
}

export const NewPasswordSuggest = ({ t, shell, action, step, again }: NewPasswordSuggestProps) => {
  const words = <Button look="quiet" name="kind" value="words" children={t('suggest.words')} />;
  const random = <Button look="quiet" name="kind" value="random" children={t('suggest.random')} />;
  return (
    <details
      class="suggest"
      open={again}
      data-note={t('suggest.note')}
      data-copy-word={t('suggest.copy')}
      data-copied={t('suggest.copied')}
    >
      <summary>{t('suggest.title')}</summary>
      <p class="soft">{t('suggest.text')}</p>
      <Form shell={shell} action={action} step={step} id="suggest">
        {/* There is no list of Arabic words: what everybody can read stands first. */}
        {shell.language === 'ar' ? [random, words] : [words, random]}
      </Form>
    </details>
  );
};
