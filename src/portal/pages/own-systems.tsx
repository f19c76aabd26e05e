/** The new password, system by system. The browser script turns the lines; without it, the link shows them anew. */
import type { OwnSystem } from '../../flow/own-systems.ts';
import type { Translate } from '../../text/index.ts';
import { SystemsList } from '../../ui/systems-list.tsx';

const tones = { done: 'good', waiting: undefined, retrying: 'late', failed: 'late' } as const;

export const systemText = (t: Translate, { is }: OwnSystem): string => t(`systems.${is}`);

/** Nothing will change by itself any more. */
export const settled = (systems: readonly OwnSystem[]): boolean =>
  systems.every(({ is }) => is === 'done' || is === 'failed');

export interface OwnSystemsProps {
  t: Translate;
  systems: readonly OwnSystem[];
  /** GET: the same lines, as a page or as JSON. */
  url: string;
  title?: boolean;
}

export const OwnSystems = ({ t, systems, url, title = true }: OwnSystemsProps) => {
  if (systems.length === 0) return null;
  return (
    <section data-systems={settled(systems) ? undefined : url}>
      {title && <h2>{t('systems.title')}</h2>}
      <SystemsList
        lines={systems.map((system) => ({
          id: system.id,
          name: system.label,
          tone: tones[system.is],
          state: systemText(t, system),
        }))}
      />
      {systems.some(({ is }) => is === 'failed') && <p class="soft">{t('systems.failed-help')}</p>}
    </section>
  );
};
