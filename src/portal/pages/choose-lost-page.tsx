/** Which of the second factors is lost? What is ticked stops working at once. */
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { JourneyCard } from './journey-card.tsx';
import { lookOf, type MethodId } from './method-look.ts';
import type { JourneyProps } from './page.ts';

export interface ChooseLostPageProps extends JourneyProps {
  /** Posted as `lost-<id>`. */
  factors: readonly { id: string; method: MethodId; label: string }[];
  /** Nothing was ticked. */
  missing?: boolean;
}

export const ChooseLostPage = ({ action, factors, missing, ...journey }: ChooseLostPageProps) => {
  const { t, shell, step } = journey;
  const text = t('lost.missing');
  return (
    <JourneyCard
      {...journey}
      title={t('lost.title')}
      lead={t('lost.lead')}
      mistakes={missing ? { title: t('mistake.missing'), list: [{ text, field: 'lost' }] } : undefined}
    >
      <Form shell={shell} action={action} step={step}>
        <fieldset class="ways" id="lost">
          <legend class="unseen">{t('lost.title')}</legend>
          {factors.map(({ id, method, label }) => {
            const { icon: Drawing, name } = lookOf(method);
            return (
              <label class="way" key={id}>
                <Drawing />
                <span>
                  <b>{t(name)}</b>
                  {label && <small>{label}</small>}
                </span>
                <input type="checkbox" name={`lost-${id}`} value="1" checked={factors.length === 1} />
              </label>
            );
          })}
        </fieldset>
        <Button look="danger">{t('lost.button')}</Button>
      </Form>
    </JourneyCard>
  );
};
