/**
 * Which two rules no password can satisfy together, ours or the directory's. Empty means that the generator finds one:
 * both sides of that are property-tested.
 */
import type { Composition } from './directory-rules.ts';
import { leastKinds, total } from './least-kinds.ts';
import { type DirectoryRules, mergeRules, type OwnRules } from './merge.ts';
import { ENOUGH_POINTS } from './score.ts';

export interface Demand {
  whose: 'ours' | 'directory';
  /** For operators, as a part of a sentence: "at least 15 characters". */
  asks: string;
}

export interface Contradiction {
  between: readonly [Demand, Demand];
}

const KINDS_THERE_ARE = 5;

export function contradictions(own: OwnRules, directory: DirectoryRules): Contradiction[] {
  const { complexity, composition = {}, minLength, maxLength, fromDirectory } = mergeRules(own, directory, false);
  const { minCategories = 0, maxRepeats = 1 } = composition;
  const kinds = leastKinds(composition, complexity);
  const needed = total(kinds);
  const beyond = kinds['beyond-ascii'];
  // A letter beyond ASCII takes two bytes.
  const room = Math.min(maxLength, (composition.maxBytes ?? Number.POSITIVE_INFINITY) - beyond);

  const theirs = (asks: string): Demand => ({ whose: 'directory', asks });
  const least: Demand = { whose: fromDirectory.minLength ? 'directory' : 'ours', asks: `at least ${many(minLength)}` };
  const limit = directory.maxLength ?? Number.POSITIVE_INFINITY;
  const most: Demand =
    limit <= own.maxLength
      ? theirs(directory.lengthIn === 'bytes' ? `at most ${limit} bytes` : `at most ${many(limit)}`)
      : { whose: 'ours', asks: `at most ${many(own.maxLength)}` };

  const found: [boolean, Demand, Demand][] = [
    [minLength > room, least, most],
    [needed > room, theirs(`${counted(composition, complexity)}, together ${many(needed)}`), most],
    [
      ENOUGH_POINTS > room,
      { whose: 'ours', asks: `what is not guessed early, so at least ${many(ENOUGH_POINTS)}` },
      most,
    ],
    [maxRepeats < 1, least, theirs('each character at most 0 times in a row')],
    [
      minCategories > KINDS_THERE_ARE,
      theirs(`${minCategories} kinds of characters`),
      theirs(`no more than ${KINDS_THERE_ARE} kinds, because it knows no other`),
    ],
  ];
  return found.filter(([impossible]) => impossible).map(([, first, second]) => ({ between: [first, second] }));
}

export const contradictionText = ({ between: [first, second] }: Contradiction): string => {
  const say = ({ whose, asks }: Demand) => `${whose === 'ours' ? 'our rules ask' : 'the directory asks'} for ${asks}`;
  return `No password fits: ${say(first)}, and ${say(second)}.`;
};

const many = (count: number): string => (count === 1 ? '1 character' : `${count} characters`);

function counted(composition: Composition, complexity: boolean): string {
  const named: [number | undefined, string, string][] = [
    [composition.minDigits, 'digit', 'digits'],
    [composition.minUppers, 'capital letter', 'capital letters'],
    [composition.minLowers, 'small letter', 'small letters'],
    [composition.minLetters, 'letter', 'letters'],
    [composition.minSpecials, 'sign', 'signs'],
    [composition.minCategories, 'kind of characters', 'kinds of characters'],
    [complexity ? 3 : 0, '', 'kinds of characters for Windows complexity'],
  ];
  return named
    .filter(([least = 0]) => least > 0)
    .map(([least, one, more]) => `${least} ${least === 1 ? one : more}`)
    .join(', ');
}
