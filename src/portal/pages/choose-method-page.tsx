/** Which way to prove it's you. Before the first gate it shows what the organisation offers, never what the person has. */
import { formatMoment, type Translate } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Form } from '../../ui/form.tsx';
import { type CodeError, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import { lookOf, type MethodId } from './method-look.ts';
import type { JourneyProps } from './page.ts';

export interface ChooseMethodPageProps extends JourneyProps {
  gate: 'first' | 'later';
  /** Posted as `method`. `hint` is masked; without it a general one stands there. */
  methods: readonly { id: MethodId; hint?: string | undefined }[];
  /** `missing`: nothing was chosen. Else what became of the last code. */
  error?: 'missing' | CodeError;
  /** Which way `error` is about, where it has words of its own. */
  about?: MethodId;
  /** ms; something that was added lately begins to count then, and is not among these yet. */
  settlesAt?: number | undefined;
  /** POST: "I can't use any of these". */
  noneAction?: string;
}

function mistakesOf(t: Translate, error: 'missing' | CodeError, about: MethodId = 'email') {
  if (error === 'missing')
    return { title: t('mistake.missing'), list: [{ text: t('choose.missing'), field: 'method' }] };
  const { title, text } = codeError(t, about, error);
  return { title, list: [{ text, field: 'method' }] };
}

export const ChooseMethodPage = ({
  action,
  gate,
  methods,
  error,
  about,
  settlesAt,
  noneAction,
  ...journey
}: ChooseMethodPageProps) => {
  const { t, shell, step } = journey;
  const title = t(gate === 'first' ? 'choose.title' : 'choose.title-later');
  return (
    <JourneyCard
      {...journey}
      title={title}
      lead={t(gate === 'first' ? 'choose.lead' : 'choose.lead-later')}
      mistakes={error && mistakesOf(t, error, about)}
    >
      {settlesAt !== undefined && (
        <p class="soft">{t('choose.settling', { when: formatMoment(shell.language, settlesAt, shell.timeZone) })}</p>
      )}
      <Form shell={shell} action={action} step={step}>
        <Choice
          name="method"
          legend={title}
          selected={methods[0]?.id}
          options={methods.map(({ id, hint }) => {
            const look = lookOf(id);
            return { value: id, icon: look.icon, title: t(look.offer), hint: hint ?? t(look.offerHint) };
          })}
        />
        <Button>{t('continue')}</Button>
      </Form>
      {noneAction && (
        <Form shell={shell} action={noneAction} step={step}>
          <Button look="link">{t('choose.none')}</Button>
        </Form>
      )}
    </JourneyCard>
  );
};
