/**
 * One mail of the demo: the HTML in a sandboxed frame of its own address, the text beneath with its links alive.
 * The route must allow `frame-src 'self'` here and serve the frame with a policy of its own.
 */
import type { ComponentChildren } from 'preact';
import { formatMoment } from '../../text/index.ts';
import { Layout } from '../../ui/layout.tsx';
import { paths } from '../../ui/paths.ts';
import type { DemoMail } from './demo-inbox-page.tsx';
import type { PageProps } from './page.ts';

export interface DemoMessagePageProps extends PageProps {
  message: DemoMail & { text: string };
  /** GET of the mail's HTML, e.g. `/demo/inbox/<id>/html`. */
  htmlUrl?: string;
}

/** Only web addresses become links: nothing else of a mail is trusted to be one. */
function withLinks(text: string): ComponentChildren[] {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((part, index) =>
    index % 2 === 1 ? (
      <a key={part} href={part}>
        {part}
      </a>
    ) : (
      part
    ),
  );
}

export const DemoMessagePage = ({ t, shell, message, htmlUrl }: DemoMessagePageProps) => (
  <Layout t={t} shell={shell} title={message.subject} wide>
    <div class="card">
      <p>
        <a href={paths.demoInbox}>{t('demo.inbox.back')}</a>
      </p>
      <h1>
        <bdi>{message.subject}</bdi>
      </h1>
      <dl class="facts">
        <dt>{t('demo.message.to')}</dt>
        <dd>
          <bdi>{message.to}</bdi>
        </dd>
        <dt>{t('demo.message.at')}</dt>
        <dd>{formatMoment(shell.language, message.at, shell.timeZone)}</dd>
      </dl>
      {htmlUrl && (
        <iframe
          class="frame"
          src={htmlUrl}
          title={t('demo.message.html')}
          sandbox="allow-top-navigation-by-user-activation"
        />
      )}
      <details open={htmlUrl === undefined}>
        <summary>{t('demo.message.text')}</summary>
        <div class="letter" dir="auto">
          {withLinks(message.text)}
        </div>
      </details>
    </div>
  </Layout>
);
