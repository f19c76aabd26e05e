/**
 * Points of a password, counted as Microsoft documents it for banned passwords: every banned word, run of keys or
 * repetition is one point, every other character is one point; fewer than five are too few. Only the cheapest way to
 * read the password counts. A search by price, so it ends as soon as five are certain.
 * Source: https://learn.microsoft.com/entra/identity/authentication/concept-password-ban-bad (Score calculation).
 */
import { runFrom } from './keyboard.ts';
import { fold, unleet } from './normalise.ts';

export const ENOUGH_POINTS = 5;

/** Shorter ones are found in everything. */
const SHORTEST_WORD = 4;
const SHORTEST_RUN = 3;
const LONGEST_PERIOD = 16;

/** UTF-16 units that `begins` looks at. */
export const START = SHORTEST_WORD;

export interface BannedWords {
  has(word: string): boolean;
  /** False: no word begins with this, so that none of the longer ones need be looked for. */
  begins(start: string): boolean;
  /** Characters of the longest one. */
  readonly longest: number;
}

/** 0 to 5; five means "five or more". */
export function points(password: string, banned: BannedWords): number {
  const text = fold(password);
  const plain = Array.from(text);
  // All three stand letter for letter beside each other.
  const readings = [...new Set([text, unleet(text), unleet(text.replaceAll('1', 'i'))])].map((one) => Array.from(one));
  const repeats = repeatsOf(plain);

  const seen = new Uint8Array(plain.length + 1);
  let places = [0];
  for (let price = 0; price < ENOUGH_POINTS; price += 1) {
    const next: number[] = [];
    for (const at of places) {
      if (at === plain.length) return price;
      if (seen[at] === 1) continue;
      seen[at] = 1;
      for (const length of lengthsFrom(at)) next.push(at + length);
    }
    places = next;
  }
  return ENOUGH_POINTS;

  /** What one point can buy here. */
  function lengthsFrom(at: number): number[] {
    const lengths = [1];
    const run = runFrom(plain, at);
    if (run >= SHORTEST_RUN) lengths.push(run);
    const repeat = repeats[at] ?? 0;
    if (repeat >= SHORTEST_RUN) lengths.push(repeat);
    const longest = Math.min(banned.longest, plain.length - at);
    for (const reading of readings) {
      let word = reading.slice(at, at + SHORTEST_WORD - 1).join('');
      if (!banned.begins((word + (reading[at + SHORTEST_WORD - 1] ?? '')).slice(0, START))) continue;
      for (let length = SHORTEST_WORD; length <= longest; length += 1) {
        word += reading[at + length - 1];
        if (banned.has(word)) lengths.push(length);
      }
    }
    return lengths;
  }
}

/** For every place, how many characters from there on repeat what stands just before it. */
function repeatsOf(chars: readonly string[]): Uint16Array {
  const best = new Uint16Array(chars.length);
  for (let period = 1; period <= Math.min(LONGEST_PERIOD, chars.length - 1); period += 1) {
    let length = 0;
    for (let at = chars.length - 1; at >= period; at -= 1) {
      length = chars[at] === chars[at - period] ? length + 1 : 0;
      // A repetition is one only from its first whole round on.
      if (length >= period && length > (best[at] ?? 0)) best[at] = length;
    }
  }
  return best;
}
