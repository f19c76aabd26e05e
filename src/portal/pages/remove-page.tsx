/** Asks before a way back in is taken away, and says what that means. */
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Notice } from '../../ui/notice.tsx';
import { paths } from '../../ui/paths.ts';
import { lookOf, type MethodId } from './method-look.ts';
import type { PageProps } from './page.ts';

export interface RemovePageProps extends PageProps {
  /** POST */
  action: string;
  method: MethodId;
  label?: string;
  /** Afterwards the person could not get back in by themselves. */
  strands?: boolean;
}

export const RemovePage = ({ t, shell, action, method, label, strands }: RemovePageProps) => {
  const name = t(lookOf(method).name);
  const title = t('remove.title', { name });
  return (
    <Layout t={t} shell={shell} title={title}>
      <div class="card">
        <h1>{title}</h1>
        {label && <p class="soft">{label}</p>}
        <p>{t('remove.text')}</p>
        {strands && (
          <Notice tone="bad" title={t('remove.strands.title')}>
            <p>{t('remove.strands.text')}</p>
          </Notice>
        )}
        <Form shell={shell} action={action}>
          <Button look="danger">{t('remove.button')}</Button>
        </Form>
        <ButtonLink look="quiet" href={paths.safety}>
          {t('remove.keep')}
        </ButtonLink>
      </div>
    </Layout>
  );
};
