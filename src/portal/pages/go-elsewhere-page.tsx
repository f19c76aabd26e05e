/** Go to another site, sign in there and come back. A link, never a form: nothing of ours is sent along. */
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { type CodeError, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import { lookOf, type MethodId } from './method-look.ts';
import type { JourneyProps } from './page.ts';

export interface GoElsewherePageProps extends Omit<JourneyProps, 'action'> {
  method: MethodId;
  url: string;
  /** Name of the other site. */
  who: string;
  error?: CodeError;
  /** POST: "Try another way". */
  anotherAction?: string;
}

export const GoElsewherePage = ({ method, url, who, error, anotherAction, ...journey }: GoElsewherePageProps) => {
  const { t, shell, step } = journey;
  const look = lookOf(method);
  const wrong = error && codeError(t, method, error);
  return (
    <JourneyCard
      {...journey}
      title={t(look.enterTitle, { who })}
      lead={t(look.enterLead)}
      mistakes={wrong && { title: wrong.title, list: [{ text: wrong.text }] }}
    >
      <ButtonLink href={url}>{t('elsewhere.go', { who })}</ButtonLink>
      <p class="soft after">{t(look.trouble)}</p>
      {anotherAction && (
        <Form shell={shell} action={anotherAction} step={step}>
          <Button look="link">{t('code.another')}</Button>
        </Form>
      )}
    </JourneyCard>
  );
};
