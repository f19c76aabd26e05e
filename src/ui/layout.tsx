/** The document around every page: language, title, skip link, header, one column, help always in the same place. */
import type { ComponentChildren } from 'preact';
import { languageInfo, type Translate } from '../text/index.ts';
import { DemoBanner } from './demo-banner.tsx';
import { Footer } from './footer.tsx';
import { Header } from './header.tsx';
import { IdleWarning } from './idle-warning.tsx';
import type { ShellProps } from './shell.ts';

export interface LayoutProps {
  t: Translate;
  shell: ShellProps;
  title: string;
  /** Said first in the window's title, so that it is heard before everything else. */
  failed?: boolean | undefined;
  /** Room for tables and mails. */
  wide?: boolean;
  children: ComponentChildren;
}

/** The key of our header, small enough to travel inside the page. */
const FAVICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%230b8f78' stroke-width='2.4' stroke-linecap='round'%3E%3Ccircle cx='8' cy='15' r='5'/%3E%3Cpath d='m11.6 11.4 8.4-8.4M17 6l3 3'/%3E%3C/svg%3E";

export function Layout({ t, shell, title, failed, wide, children }: LayoutProps) {
  const { code, direction } = languageInfo(shell.language);
  const column = wide ? 'column wide' : 'column';
  return (
    <html lang={code} dir={direction}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${failed ? t('title.error', { title }) : title} – ${shell.organisation.name}`}</title>
        <meta name="robots" content="noindex" />
        <link rel="stylesheet" href={shell.assets.styles} />
        <link rel="icon" href={FAVICON} />
        {shell.assets.script && <script type="module" src={shell.assets.script} nonce={shell.nonce} />}
      </head>
      <body>
        <a class="skip" href="#content">
          {t('skip')}
        </a>
        {shell.demo && <DemoBanner t={t} column={column} />}
        <Header t={t} shell={shell} column={column} />
        <main class={column} id="content" tabIndex={-1}>
          {shell.idle && <IdleWarning t={t} shell={shell} idle={shell.idle} />}
          {children}
        </main>
        <Footer t={t} help={shell.organisation.help} column={column} />
      </body>
    </html>
  );
}
