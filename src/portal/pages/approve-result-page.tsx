/** How a contact's visit ends, or why there is nothing for them to do. */
import { ButtonLink } from '../../ui/button.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Mark } from '../../ui/mark.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';

export interface ApproveResultPageProps extends PageProps {
  /** `declined`: does not want to be a contact. */
  result: 'given' | 'agreed' | 'refused' | 'declined' | 'void' | 'over' | 'not-you' | 'sign-in';
  /** With `sign-in`: signed in already, but too long ago. */
  again?: boolean;
}

const marks = {
  given: 'done',
  agreed: 'done',
  refused: 'done',
  declined: 'done',
  void: 'stop',
  over: 'wait',
  'not-you': 'stop',
  'sign-in': 'wait',
} as const;

export const ApproveResultPage = ({ t, shell, result, again }: ApproveResultPageProps) => {
  const title = t(`approve.${result}.title`);
  return (
    <Layout t={t} shell={shell} title={title}>
      <div class="card">
        <Mark is={marks[result]} />
        <h1>{title}</h1>
        <p>{t(`approve.${result}.text`, { name: shell.person?.displayName ?? '' })}</p>
        {result === 'sign-in' && (
          <ButtonLink href={again ? `${paths.signIn}?confirm=1` : paths.signIn}>{t('sign-in.button')}</ButtonLink>
        )}
      </div>
    </Layout>
  );
};
