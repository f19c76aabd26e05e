/** Something outside of any journey went wrong: a plain sentence, what to do, and a reference for whoever looks into it. */
import type { TextKey } from '../../text/index.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Mark } from '../../ui/mark.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';

const texts = {
  400: { title: 'error.400.title', text: 'error.400.text' },
  403: { title: 'error.403.title', text: 'error.403.text' },
  404: { title: 'error.404.title', text: 'error.404.text' },
  405: { title: 'error.405.title', text: 'error.405.text' },
  413: { title: 'error.413.title', text: 'error.413.text' },
  415: { title: 'error.415.title', text: 'error.415.text' },
  429: { title: 'error.429.title', text: 'error.429.text' },
  500: { title: 'error.500.title', text: 'error.500.text' },
  503: { title: 'error.503.title', text: 'error.503.text' },
} as const satisfies Record<number, { title: TextKey; text: TextKey }>;

export type ErrorStatus = keyof typeof texts;

/** The nearest status that we have words for. */
export const errorStatus = (status: number): ErrorStatus =>
  Object.hasOwn(texts, status) ? (status as ErrorStatus) : status >= 500 ? 500 : 400;

export interface ErrorPageProps extends PageProps {
  status: ErrorStatus;
  /** Found again in the log. */
  reference: string;
  /** GET; where to look again, when it passes by itself (503). */
  again?: string;
}

export const ErrorPage = ({ t, shell, status, reference, again }: ErrorPageProps) => {
  const { title, text } = texts[status];
  return (
    <Layout t={t} shell={shell} title={t(title)}>
      <div class="card">
        <Mark is={status === 429 || status === 503 ? 'wait' : 'stop'} />
        <h1>{t(title)}</h1>
        <p>{t(text)}</p>
        {status === 503 && again !== undefined ? (
          <ButtonLink href={again}>{t('outcome.look-again')}</ButtonLink>
        ) : (
          <ButtonLink href={paths.start}>{t('outcome.start')}</ButtonLink>
        )}
        <p class="soft after">
          {t('error.reference')} <code dir="ltr">{reference}</code>
        </p>
      </div>
    </Layout>
  );
};
