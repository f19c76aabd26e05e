/** Where the organisation's own sign-in page sends people first: what is missing, and the way back once nothing is. */
import { ButtonLink } from '../../ui/button.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Mark } from '../../ui/mark.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';

export interface EnrolFirstPageProps extends PageProps {
  is: 'missing' | 'ready' | 'closed';
  /** Checked: one of the organisation's own addresses. */
  back?: string | undefined;
}

const marks = { missing: 'wait', ready: 'done', closed: 'wait' } as const;

export const EnrolFirstPage = ({ t, shell, is, back }: EnrolFirstPageProps) => (
  <Layout t={t} shell={shell} title={t(`rollout.first.${is}.title`)}>
    <div class="card">
      <Mark is={marks[is]} />
      <h1>{t(`rollout.first.${is}.title`)}</h1>
      <p>{t(`rollout.first.${is}.text`, { organisation: shell.organisation.name })}</p>
      {is === 'missing' && <ButtonLink href={paths.addWay}>{t('rollout.first.add')}</ButtonLink>}
      {is !== 'missing' && back !== undefined && (
        <ButtonLink href={back}>{t('rollout.first.back', { host: new URL(back).host })}</ButtonLink>
      )}
      {is !== 'missing' && back === undefined && <ButtonLink href={paths.start}>{t('outcome.start')}</ButtonLink>}
    </div>
  </Layout>
);
