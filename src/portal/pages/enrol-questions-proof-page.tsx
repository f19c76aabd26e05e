/** Two of the answers once more, as they will be asked one day: a slip of the finger shows now. */
import type { AnswerFields } from '../../kernel/prompt.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { type CodeError, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import type { JourneyProps } from './page.ts';
import { wording } from './wording.ts';

export interface EnrolQuestionsProofPageProps extends JourneyProps {
  fields: AnswerFields['fields'];
  error?: CodeError;
  /** POST: choose anew. */
  restartAction: string;
}

export const EnrolQuestionsProofPage = (props: EnrolQuestionsProofPageProps) => {
  const { action, fields, error, restartAction, ...journey } = props;
  const { t, shell, step } = journey;
  const [first] = fields;
  const wrong = error && mistakeOf(error);
  return (
    <JourneyCard
      {...journey}
      title={t('questions.proof.title')}
      lead={t('questions.proof.lead')}
      mistakes={wrong && { title: wrong.title, list: [{ text: wrong.text, field: first?.name }] }}
    >
      <Form shell={shell} action={action} step={step}>
        {fields.map((field) => (
          <Field key={field.name} name={field.name} label={wording(t, shell.language, field)} maxLength={300} ltr />
        ))}
        <Button>{t('questions.proof.button')}</Button>
      </Form>
      <Form shell={shell} action={restartAction} step={step}>
        <Button look="link">{t('questions.proof.restart')}</Button>
      </Form>
    </JourneyCard>
  );

  function mistakeOf(from: CodeError) {
    if (from.is !== 'mismatch') return codeError(t, 'questions', from);
    const left = from.triesLeft === undefined ? '' : ` ${t('answers.tries-left', { n: from.triesLeft })}`;
    return { title: t('answers.mismatch'), text: `${t('questions.proof.mismatch')}${left}` };
  }
};
