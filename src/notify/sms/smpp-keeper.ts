/**
 * Keeps one link bound: opened on first use, opened again after a loss, with a pause that doubles while it fails. Asking
 * during a pause costs nothing and says how long to wait.
 */
import type { Clock } from '../../kernel/clock.ts';
import { BindError, type Link } from './smpp-link.ts';

export type Held = { is: 'link'; link: Link } | { is: 'down'; error: unknown; after: number };

export interface Keeper {
  hold(): Promise<Held>;
  /** As `hold`, but tries now even during a pause: for a check that an operator asked for. */
  holdNow(): Promise<Held>;
  lost(): void;
  close(): Promise<void>;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;
/** A link that ends sooner than this counts as a failure: some peers take a bind and hang up. */
const SETTLED = 5_000;

export function createKeeper(open: () => Promise<Link>, clock: Clock): Keeper {
  let opening: Promise<Held> | undefined;
  let link: Link | undefined;
  let closed = false;
  let failures = 0;
  let lastError: unknown = new BindError('ECLOSED');
  let boundAt = 0;
  let openAgainAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const down = (): Held => ({ is: 'down', error: lastError, after: Math.max(0, openAgainAt - clock.now()) });
  const later = (): void => {
    const pause = Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE);
    openAgainAt = clock.now() + pause;
    clearTimeout(timer);
    // Receipts come only over a bound link, so it is opened again without being asked.
    timer = setTimeout(() => void attempt(), pause);
    timer.unref();
  };
  const attempt = (): Promise<Held> => {
    if (link?.alive()) return Promise.resolve({ is: 'link', link });
    clearTimeout(timer);
    opening ??= open()
      .then(async (opened): Promise<Held> => {
        if (closed) {
          await opened.close();
          return down();
        }
        link = opened;
        boundAt = clock.now();
        openAgainAt = 0;
        return { is: 'link', link };
      })
      .catch((error: unknown): Held => {
        lastError = error;
        failures += 1;
        if (!closed) later();
        return down();
      })
      .finally(() => {
        opening = undefined;
      });
    return opening;
  };

  return {
    async hold() {
      if (closed) return down();
      if (link?.alive()) return { is: 'link', link };
      return clock.now() < openAgainAt && !opening ? down() : attempt();
    },
    holdNow: () => (closed ? Promise.resolve(down()) : attempt()),
    lost() {
      link = undefined;
      if (closed) return;
      lastError = new BindError('ECONNRESET');
      failures = clock.now() - boundAt < SETTLED ? failures + 1 : 1;
      later();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await opening;
      await link?.close();
    },
  };
}
