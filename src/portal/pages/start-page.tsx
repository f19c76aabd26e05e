/** The front door: who are you? Everything else stays quiet. */
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { paths } from '../../ui/paths.ts';
import { JourneyCard } from './journey-card.tsx';
import type { PageProps } from './page.ts';

export interface StartPageProps extends PageProps {
  /** What was typed, when the page comes back. */
  identifier?: string;
  error?: 'missing' | 'too-long';
}

export const StartPage = ({ t, shell, identifier, error }: StartPageProps) => {
  const wrong = error && t(error === 'missing' ? 'start.missing' : 'start.too-long');
  return (
    <JourneyCard
      t={t}
      shell={shell}
      title={t('start.title')}
      lead={t('start.lead')}
      mistakes={
        wrong
          ? {
              title: t(error === 'missing' ? 'mistake.missing' : 'mistake.look'),
              list: [{ text: wrong, field: 'identifier' }],
            }
          : undefined
      }
    >
      <Form shell={shell} action={paths.recover}>
        <Field
          name="identifier"
          label={t('start.identifier')}
          value={identifier}
          autocomplete="username"
          error={wrong}
          ltr
        />
        <Button>{t('continue')}</Button>
      </Form>
      <ul class="or">
        <li>
          <a href={paths.change}>{t('start.change')}</a>
        </li>
        <li>
          <a href={paths.signIn}>{t('start.enrol')}</a>
        </li>
      </ul>
    </JourneyCard>
  );
};
