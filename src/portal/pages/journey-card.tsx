/** The frame of a journey's page: practice notice, steps, mistakes, title, then the one question. */
import type { ComponentChildren } from 'preact';
import { Button } from '../../ui/button.tsx';
import { ErrorSummary, type Mistake } from '../../ui/error-summary.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Steps } from '../../ui/steps.tsx';
import type { JourneyProps } from './page.ts';

export interface JourneyCardProps extends Omit<JourneyProps, 'action'> {
  title: string;
  lead?: string | undefined;
  mistakes?: { title: string; list: readonly Mistake[] } | undefined;
  children: ComponentChildren;
}

export const JourneyCard = (props: JourneyCardProps) => {
  const { t, shell, step, title, lead, mistakes, progress, practice, lostAction, cancelAction, children } = props;
  return (
    <Layout t={t} shell={shell} title={title} failed={mistakes !== undefined}>
      <div class="card">
        {progress && <Steps t={t} progress={progress} />}
        {practice && <Notice title={t('practice.title')}>{<p>{t('practice.text')}</p>}</Notice>}
        {mistakes && <ErrorSummary title={mistakes.title} mistakes={mistakes.list} />}
        <h1>{title}</h1>
        {lead && <p class="soft">{lead}</p>}
        {children}
        {lostAction && (
          <Form shell={shell} action={lostAction} step={step}>
            <Button look="link">{t('lost.link')}</Button>
          </Form>
        )}
        {cancelAction && (
          <Form shell={shell} action={cancelAction} step={step} class="stop">
            <Button look="link">{t(practice ? 'practice.stop' : 'cancel')}</Button>
          </Form>
        )}
      </div>
    </Layout>
  );
};
