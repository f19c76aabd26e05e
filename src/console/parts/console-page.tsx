/** The frame of every page of the console: the parts that this person may open, the title, then the content. */
import type { ComponentChildren } from 'preact';
import type { TextKey } from '../../text/index.ts';
import { Layout } from '../../ui/layout.tsx';
import type { Ask } from '../console.ts';
import { type MenuId, menu } from '../menu.ts';

export interface ConsolePageProps {
  ask: Pick<Ask, 't' | 'shell' | 'menu' | 'staff'>;
  title: string;
  /** Which part this is; `home` for the overview. */
  current: MenuId | 'home';
  failed?: boolean;
  children: ComponentChildren;
}

export function ConsolePage({
  ask: { t, shell, menu: offered, staff },
  title,
  current,
  failed,
  children,
}: ConsolePageProps) {
  return (
    <Layout t={t} shell={shell} title={title} failed={failed} wide>
      <nav class="parts" aria-label={t('console.menu')}>
        <a href="/console" aria-current={current === 'home' ? 'page' : undefined}>
          {t('console.menu.home')}
        </a>
        {menu
          .filter(({ id }) => offered.includes(id))
          .map(({ id, path }) => (
            <a key={id} href={path} aria-current={current === id ? 'page' : undefined}>
              {t(`console.menu.${id}` as TextKey)}
            </a>
          ))}
      </nav>
      <p class="soft as">{t('console.as', { role: staff.role })}</p>
      <h1>{title}</h1>
      {children}
    </Layout>
  );
}
