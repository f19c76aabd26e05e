/** All mail that the demo would have sent, newest first. */
import { formatMoment } from '../../text/index.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { Layout } from '../../ui/layout.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';

export interface DemoMail {
  id: string;
  to: string;
  subject: string;
  /** ms */
  at: number;
}

export interface DemoInboxPageProps extends PageProps {
  /** Each leads to `/demo/inbox/<id>`. */
  messages: readonly DemoMail[];
}

export const DemoInboxPage = ({ t, shell, messages }: DemoInboxPageProps) => (
  <Layout t={t} shell={shell} title={t('demo.inbox.title')} wide>
    <div class="card">
      <h1>{t('demo.inbox.title')}</h1>
      <p class="soft">{t(messages.length === 0 ? 'demo.inbox.empty' : 'demo.inbox.lead')}</p>
      {messages.length > 0 && (
        <ul class="list">
          {messages.map(({ id, to, subject, at }) => (
            <li key={id}>
              <span class="name">
                <a href={`${paths.demoInbox}/${encodeURIComponent(id)}`}>
                  <bdi>{subject}</bdi>
                </a>
                <small>{t('demo.inbox.to', { to })}</small>
                <small>{formatMoment(shell.language, at, shell.timeZone)}</small>
              </span>
            </li>
          ))}
        </ul>
      )}
      <ButtonLink look="quiet" href={paths.demoInbox}>
        {t('demo.inbox.refresh')}
      </ButtonLink>
    </div>
  </Layout>
);
