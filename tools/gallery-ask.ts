/** An `Ask` of somebody who may do everything, for pages of the console in the gallery. */
import type { Ask } from '../src/console/console.ts';
import { menu } from '../src/console/menu.ts';
import { rights } from '../src/staff/rights.ts';
import type { Language, Translate } from '../src/text/index.ts';
import type { ShellProps } from '../src/ui/shell.ts';

export interface GalleryFrame {
  t: Translate;
  language: Language;
  /** Of somebody who is signed in. */
  shell: ShellProps;
}

export const askOf = ({ t, language, shell }: GalleryFrame): Ask => ({
  t,
  language,
  shell,
  staff: {
    account: {
      id: 'chiara',
      directory: 'builtin',
      key: 'chiara',
      locator: 'chiara',
      username: 'chiara',
      displayName: 'Chiara Rossi',
      givenName: 'Chiara',
      mail: ['chiara@northfield.example'],
      language: undefined,
      groups: [],
      attributes: {},
    },
    role: 'IT',
    rights: new Set(rights),
    scope: { is: 'everybody' },
  },
  provedAt: 0,
  menu: menu.map(({ id }) => id),
  query: () => undefined,
  // Pages are only rendered here, so nothing is ever answered.
  origin: { ip: '192.0.2.1', network: '192.0.2.1', userAgent: '' },
  request: undefined as never,
  reply: undefined as never,
  page: () => undefined as never,
  go: () => undefined as never,
  file: () => undefined as never,
});
