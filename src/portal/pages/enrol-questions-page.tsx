/**
 * Choose questions and answer them. What was typed stays in the form when something is wrong with it, and everything that is
 * wrong is told at once: five answers are not typed twice.
 */
import type { ChooseQuestions } from '../../kernel/prompt.ts';
import type { Answer, InvalidInput } from '../../methods/method.ts';
import type { TextKey } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Select } from '../../ui/select.tsx';
import { JourneyCard } from './journey-card.tsx';
import type { JourneyProps } from './page.ts';
import { wording } from './wording.ts';

type Problem = Pick<InvalidInput, 'why' | 'field'>;

export interface EnrolQuestionsPageProps
  extends JourneyProps,
    Pick<ChooseQuestions, 'catalogue' | 'count' | 'own' | 'least'> {
  /** In the order of the form. */
  problems?: readonly Problem[];
  typed?: Answer;
}

const ANSWER_TEXTS: Partial<Record<Problem['why'], TextKey>> = {
  missing: 'questions.wrong.missing',
  'too-short': 'questions.wrong.too-short',
  'answer-is-name': 'questions.wrong.answer-is-name',
  'answer-is-question': 'questions.wrong.answer-is-question',
  'answer-trivial': 'questions.wrong.answer-trivial',
  'answers-alike': 'questions.wrong.answers-alike',
};

function textOf({ why, field = '' }: Problem): TextKey {
  if (field.startsWith('answer')) return ANSWER_TEXTS[why] ?? 'questions.wrong.missing';
  if (why === 'questions-alike') return 'questions.wrong.questions-alike';
  if (why === 'too-short') return 'questions.wrong.own-short';
  return field.startsWith('own') ? 'questions.wrong.own-missing' : 'questions.wrong.question-missing';
}

export const EnrolQuestionsPage = (props: EnrolQuestionsPageProps) => {
  const { action, catalogue, count, own, least, problems = [], typed = {}, ...journey } = props;
  const { t, shell, step } = journey;
  const sentences = problems.map((problem) => {
    const n = Number(/\d+$/.exec(problem.field ?? '')?.[0] ?? 0) + 1;
    return { field: problem.field, text: t(textOf(problem), { n, least }) };
  });
  const wrong = (field: string): string | undefined => sentences.find((one) => one.field === field)?.text;
  const onlyMissing = problems.every(({ why }) => why === 'missing');
  const options = [
    ...catalogue.map(({ id, ...asked }) => ({ value: id, text: wording(t, shell.language, asked) })),
    ...(own ? [{ value: 'own', text: t('questions.own') }] : []),
  ];
  return (
    <JourneyCard
      {...journey}
      title={t('questions.title', { n: count })}
      lead={t('questions.lead')}
      mistakes={
        sentences.length > 0
          ? { title: t(onlyMissing ? 'mistake.missing' : 'mistake.look'), list: sentences }
          : undefined
      }
    >
      <p class="soft">{t('questions.hint')}</p>
      <Form shell={shell} action={action} step={step}>
        {Array.from({ length: count }, (_, n) => (
          <fieldset class="question" key={`question${n}`}>
            <legend class="unseen">{t('questions.question', { n: n + 1 })}</legend>
            <Select
              name={`question${n}`}
              label={t('questions.question', { n: n + 1 })}
              empty={t('questions.choose')}
              options={options}
              selected={typed[`question${n}`]}
              error={wrong(`question${n}`)}
            />
            {own && (
              <div class="own">
                <Field
                  name={`own${n}`}
                  label={t('questions.own-label', { n: n + 1 })}
                  value={typed[`own${n}`]}
                  error={wrong(`own${n}`)}
                  maxLength={200}
                  ltr
                />
              </div>
            )}
            <Field
              name={`answer${n}`}
              label={t('questions.answer', { n: n + 1 })}
              value={typed[`answer${n}`]}
              error={wrong(`answer${n}`)}
              maxLength={200}
              ltr
            />
          </fieldset>
        ))}
        <Button>{t('questions.button')}</Button>
      </Form>
    </JourneyCard>
  );
};
