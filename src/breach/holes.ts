/**
 * Notices that a part of a download is missing. Hashes are even, so a gap between two neighbours that is 60 times the average
 * has a chance of e^-60 for each of them: something was cut off or left out.
 */
import { InputFault } from './input-fault.ts';

export interface Gap {
  /** In 32-bit prefixes. */
  width: number;
  /** The prefix that it begins behind. */
  after: number;
}

const HOLE = 60;
/** Of fewer nothing can be said. */
const FEWEST = 1_000;
const SPAN = 2 ** 32;

const written = (prefix: number): string => `${prefix.toString(16).toUpperCase().padStart(8, '0')}…`;

/** `from`: what an earlier run saw. */
export function createHoleWatch(from?: { gap: Gap; last: number }) {
  let gap: Gap = from?.gap ?? { width: 0, after: 0 };
  let last = from?.last ?? 0;

  function pass(prefix: number): void {
    if (prefix - last > gap.width) gap = { width: prefix - last, after: last };
    last = prefix;
  }

  return {
    /** The widest gap so far. */
    get gap() {
      return gap;
    },
    /** Called with each 32-bit prefix, in order. */
    pass,
    /** Called behind the last one. @throws InputFault */
    refuseHole(entries: number): void {
      const end = last;
      pass(SPAN);
      if (entries < FEWEST || gap.width * entries < HOLE * SPAN) return;
      const cause =
        gap.after === end
          ? `The sources end at ${written(end)}, long before FFFFFFFF…: they are cut off.`
          : `The sources hold nothing between ${written(gap.after)} and ${written(gap.after + gap.width)}: a part is missing.`;
      throw new InputFault(cause, 'Download them anew. If they are meant to be a part, say --partial.');
    },
  };
}
