/** How far long work is: a bar that moves on a terminal, a plain line now and then elsewhere. */
import { type Clock, seconds } from '../kernel/clock.ts';

export interface ProgressView {
  /** `done` in things (hashes, pages); `share` 0 to 1. */
  show(share: number, done: number): void;
  /** Takes the bar away. */
  end(): void;
}

interface Screen {
  isTTY?: boolean;
  write(text: string): unknown;
}

const WIDTH = 24;

const left = (ms: number): string => {
  const s = Math.ceil(ms / 1_000);
  return s < 90 ? `${s} s left` : `${Math.ceil(s / 60)} min left`;
};

export function createProgressView(unit: string, clock: Clock, screen: Screen = process.stderr): ProgressView {
  const startedAt = clock.now();
  const every = screen.isTTY ? 200 : seconds(10);
  let first: { share: number; done: number } | undefined;
  let shownAt = startedAt;
  let drawn = false;
  return {
    show(share, done) {
      // Work that is taken up doesn't begin at nothing, so speed counts from here.
      first ??= { share, done };
      const now = clock.now();
      if (now - shownAt < every) return;
      shownAt = now;
      const took = now - startedAt;
      const speed = Math.round((done - first.done) / (took / 1_000)).toLocaleString('en');
      const rest = share > first.share ? `, ${left((took * (1 - share)) / (share - first.share))}` : '';
      const percent = `${Math.floor(share * 100)} %`.padStart(5);
      const told = `${percent}  ${done.toLocaleString('en')} ${unit}, ${speed} a second${rest}`;
      const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '.');
      screen.write(screen.isTTY ? `\r[${bar}] ${told}\x1b[K` : `${told.trim()}\n`);
      drawn = true;
    },
    end() {
      if (drawn && screen.isTTY) screen.write('\r\x1b[K');
    },
  };
}
