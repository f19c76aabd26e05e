/** What would you like to add? */
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
  error?: 'missing';
}

export const AddMethodPage = ({ action, methods, selected, error, ...journey }: AddMethodPageProps) => {
  const { t, shell, step } = journey;
  return (
    <JourneyCard
      {...journey}
      title={t('add.title')}
      lead={t('add.lead')}
      mistakes={error && { title: t('mistake.missing'), list: [{ text: t('choose.missing'), field: 'method' }] }}
    >
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
