/** "What was my username?": asks for the address that the answer goes to. */
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { paths } from '../../ui/paths.ts';
import { JourneyCard } from './journey-card.tsx';
import type { PageProps } from './page.ts';

export interface UsernamePageProps extends PageProps {
  address?: string;
  error?: 'missing' | 'invalid';
}

export const UsernamePage = ({ t, shell, address, error }: UsernamePageProps) => {
  const wrong = error && t(error === 'missing' ? 'username.missing' : 'username.invalid');
  const title = t(error === 'missing' ? 'mistake.missing' : 'mistake.look');
  return (
    <JourneyCard
      t={t}
      shell={shell}
      title={t('username.title')}
      lead={t('username.lead')}
      mistakes={wrong ? { title, list: [{ text: wrong, field: 'address' }] } : undefined}
    >
      <Form shell={shell} action={paths.username}>
        <Field
          name="address"
          keyboard="email"
          label={t('username.address')}
          value={address}
          autocomplete="email"
          error={wrong}
          ltr
        />
        <Button>{t('username.button')}</Button>
      </Form>
      <ul class="or">
        <li>
          <a href={paths.start}>{t('username.back')}</a>
        </li>
      </ul>
    </JourneyCard>
  );
};
