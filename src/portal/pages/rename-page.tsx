/** The person's own name for a way back in. */
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { paths } from '../../ui/paths.ts';
import { JourneyCard } from './journey-card.tsx';
import { lookOf, type MethodId } from './method-look.ts';
import type { PageProps } from './page.ts';

export interface RenamePageProps extends PageProps {
  /** POST of `name`. */
  action: string;
  method: MethodId;
  label: string;
  missing?: boolean;
}

export const RenamePage = ({ t, shell, action, method, label, missing }: RenamePageProps) => {
  const wrong = missing ? t('rename.missing') : undefined;
  return (
    <JourneyCard
      t={t}
      shell={shell}
      title={t('rename.title', { name: t(lookOf(method).name) })}
      mistakes={wrong ? { title: t('mistake.missing'), list: [{ text: wrong, field: 'name' }] } : undefined}
    >
      <Form shell={shell} action={action}>
        <Field name="name" label={t('rename.label')} value={label} autocomplete="off" error={wrong} maxLength={60} />
        <Button>{t('rename.button')}</Button>
      </Form>
      <ButtonLink look="quiet" href={paths.safety}>
        {t('back-to-safety')}
      </ButtonLink>
    </JourneyCard>
  );
};
