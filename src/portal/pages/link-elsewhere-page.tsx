/** Links an account at another site: go there, sign in, come back. */
import { ButtonLink } from '../../ui/button.tsx';
import { type CodeError, codeError } from './code-error.ts';
import { JourneyCard } from './journey-card.tsx';
import { lookOf, type MethodId } from './method-look.ts';
import type { PageProps } from './page.ts';

export interface LinkElsewherePageProps extends PageProps {
  method: MethodId;
  url: string;
  /** Name of the other site. */
  who: string;
  /** `shared`: that account belongs to somebody else here. */
  error?: CodeError | 'shared';
}

export const LinkElsewherePage = ({ t, shell, method, url, who, error }: LinkElsewherePageProps) => {
  const wrong =
    error === 'shared'
      ? { title: t('elsewhere.shared.title'), text: t('elsewhere.shared.text') }
      : error && codeError(t, method, error);
  return (
    <JourneyCard
      t={t}
      shell={shell}
      title={t('elsewhere.link-title', { who })}
      lead={t('elsewhere.link-lead')}
      mistakes={wrong && { title: wrong.title, list: [{ text: wrong.text }] }}
    >
      <ButtonLink href={url}>{t('elsewhere.go', { who })}</ButtonLink>
      <p class="soft after">{t(lookOf(method).trouble)}</p>
    </JourneyCard>
  );
};
