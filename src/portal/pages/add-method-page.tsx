/** What would you like to add? */
import type { Translate } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Form } from '../../ui/form.tsx';
import { paths } from '../../ui/paths.ts';
import { JourneyCard } from './journey-card.tsx';
import { lookOf, type MethodId } from './method-look.ts';
import type { JourneyProps } from './page.ts';

export interface AddMethodPageProps extends Omit<JourneyProps, 'practice' | 'progress'> {
  /** Posted as `method`. */
  methods: readonly MethodId[];
  selected?: MethodId;
  /** `unavailable`: the one that was chosen can't be added just now. */
  error?: 'missing' | 'unavailable';
}

const mistakes = {
  missing: (t: Translate) => ({
    title: t('mistake.missing'),
    list: [{ text: t('choose.missing'), field: 'method' }],
  }),
  unavailable: (t: Translate) => ({
    title: t('code.unavailable.title'),
    list: [{ text: t('code.unavailable.text'), field: 'method' }],
  }),
};

export const AddMethodPage = ({ action, methods, selected, error, ...journey }: AddMethodPageProps) => {
  const { t, shell, step } = journey;
  return (
    <JourneyCard {...journey} title={t('add.title')} lead={t('add.lead')} mistakes={error && mistakes[error](t)}>
      <Form shell={shell} action={action} step={step}>
        <Choice
          name="method"
          legend={t('add.title')}
          selected={selected ?? methods[0]}
          options={methods.map((id) => {
            const look = lookOf(id);
            return { value: id, icon: look.icon, title: t(look.addTitle), hint: t(look.addHint) };
          })}
        />
        <Button>{t('continue')}</Button>
      </Form>
      <ul class="or">
        <li>
          <a href={paths.safety}>{t('back-to-safety')}</a>
        </li>
      </ul>
    </JourneyCard>
  );
};
