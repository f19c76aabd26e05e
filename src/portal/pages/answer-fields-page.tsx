/** Several answers at once: security questions, or details on file. Nobody learns which one was wrong. */
import type { AnswerFields } from '../../kernel/prompt.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { type CodeError, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import { lookOf, type MethodId } from './method-look.ts';
import type { JourneyProps } from './page.ts';
import { wording } from './wording.ts';

export interface AnswerFieldsPageProps extends JourneyProps {
  method: MethodId;
  fields: AnswerFields['fields'];
  error?: CodeError;
  /** POST: "Try another way". */
  anotherAction?: string;
}

export const AnswerFieldsPage = ({
  action,
  method,
  fields,
  error,
  anotherAction,
  ...journey
}: AnswerFieldsPageProps) => {
  const { t, shell, step } = journey;
  const look = lookOf(method);
  const [first] = fields;
  const wrong = error && mistakeOf(error);
  return (
    <JourneyCard
      {...journey}
      title={t(look.enterTitle)}
      lead={t(look.enterLead)}
      mistakes={wrong && { title: wrong.title, list: [{ text: wrong.text, field: wrong.field && first?.name }] }}
    >
      <Form shell={shell} action={action} step={step}>
        {fields.map((field) => (
          <Field key={field.name} name={field.name} label={wording(t, shell.language, field)} maxLength={300} ltr />
        ))}
        <Button>{t('answers.check')}</Button>
      </Form>
      <p class="soft after">{t(look.trouble)}</p>
      {anotherAction && (
        <Form shell={shell} action={anotherAction} step={step}>
          <Button look="link">{t('code.another')}</Button>
        </Form>
      )}
    </JourneyCard>
  );

  function mistakeOf(from: CodeError) {
    const mistake = codeError(t, method, from);
    return from.is === 'mismatch' ? { ...mistake, title: t('answers.mismatch') } : mistake;
  }
};
