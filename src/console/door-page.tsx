/** The console stays closed: why, and what the person can do. Says nothing about what is behind the door. */
import type { TextKey, Translate } from '../text/index.ts';
import { ButtonLink } from '../ui/button.tsx';
import { Layout } from '../ui/layout.tsx';
import { Mark } from '../ui/mark.tsx';
import { paths } from '../ui/paths.ts';
import type { ShellProps } from '../ui/shell.ts';

export type ClosedDoor = 'no-role' | 'no-factor' | 'no-right' | 'invite-unknown';

const TEXTS: Record<ClosedDoor, { title: TextKey; text: TextKey; next?: { href: string; label: TextKey } }> = {
  'no-role': { title: 'console.closed.title', text: 'console.closed.no-role' },
  'no-factor': {
    title: 'console.factor.title',
    text: 'console.factor.text',
    next: { href: paths.addWay, label: 'console.factor.add' },
  },
  'no-right': {
    title: 'console.closed.title',
    text: 'console.closed.no-right',
    next: { href: '/console', label: 'console.back' },
  },
  'invite-unknown': { title: 'console.invite.unknown.title', text: 'console.invite.unknown' },
};

export function DoorPage({ t, shell, why }: { t: Translate; shell: ShellProps; why: ClosedDoor }) {
  const { title, text, next } = TEXTS[why];
  return (
    <Layout t={t} shell={shell} title={t(title)} failed>
      <div class="card">
        <Mark is="stop" />
        <h1>{t(title)}</h1>
        <p>{t(text)}</p>
        <p>
          <ButtonLink href={next?.href ?? paths.safety}>{t(next?.label ?? 'console.own-page')}</ButtonLink>
        </p>
      </div>
    </Layout>
  );
}
