/**
 * Suggests a password that satisfies the resultant rules, checked by the same judge as a typed one. Passphrases carry at
 * least 60 bits (five words of 7,776: 64), random ones 79 where the rules leave room for 16 characters. Pure: the caller
 * brings words and randomness.
 */
import type { Blocklist } from './blocklist.ts';
import { type Kinds, leastKinds, total } from './least-kinds.ts';
import type { PersonalWords } from './own-words.ts';
import { brokenRules, judgePassword, type PasswordRules } from './rules.ts';

export type SuggestionKind = 'words' | 'random';

export interface Suggestion {
  password: string;
  /** What was made: words that do not fit the rules become `random`. */
  kind: SuggestionKind;
  /** Entropy in bits, rounded down: whoever knows the rules and this file has to try two to the power of this. */
  bits: number;
}

export interface SuggestInput {
  rules: PasswordRules;
  blocklist: Blocklist;
  person?: PersonalWords | undefined;
  /** For passphrases: lower case, ASCII. */
  words: readonly string[];
}

/** Uniform in 0 ≤ n < below, from a CSPRNG. */
export type Random = (below: number) => number;

export const WORDS_BITS = 60;
const [FEWEST_WORDS, MOST_WORDS] = [5, 8];
const RANDOM_LENGTH = 16;
const GROUP = 4;
/** A draw that meets a name or a listed password is thrown away; hardly ever more than one in a hundred. */
const DRAWS = 60;
const DOUBLE = /(.)\1/;

/** Without those that are taken for each other: i l o 0 1. */
const CHARACTERS: Record<keyof Kinds, string> = {
  lower: 'abcdefghjkmnpqrstuvwxyz',
  digit: '23456789',
  upper: 'ABCDEFGHJKLMNPQRSTUVWXYZ',
  sign: '-.!?+=',
  'beyond-ascii': 'äéñöü',
};

/** `undefined`: the rules contradict each other (contradictions.ts names which). */
export function suggest(input: SuggestInput, kind: SuggestionKind, random: Random): Suggestion | undefined {
  const { rules, blocklist, person } = input;
  const kinds = leastKinds(rules.composition ?? {}, rules.complexity);
  // A letter beyond ASCII takes two bytes.
  const bytes = (rules.composition?.maxBytes ?? Number.POSITIVE_INFINITY) - kinds['beyond-ascii'];
  const room = Math.min(rules.maxLength, bytes);
  const makers: [SuggestionKind, Maker | undefined][] = [
    ['words', kind === 'words' ? passphrases(input, kinds, room) : undefined],
    ['random', scrambles(rules, kinds, room)],
  ];
  for (const [made, make] of makers)
    for (let draw = 0; make && draw < DRAWS; draw += 1) {
      const { password, bits } = make(random);
      if (brokenRules(judgePassword(password, rules, blocklist, person)).length === 0)
        return { password, kind: made, bits: Math.floor(bits) };
    }
  return undefined;
}

type Maker = (random: Random) => { password: string; bits: number };

const pick = <Item>(from: ArrayLike<Item>, random: Random): Item => from[random(from.length)] as Item;

/** Words, then what the directory counts: "Lantern-harbour-…-7". */
function passphrases({ rules, words }: SuggestInput, kinds: Kinds, room: number): Maker | undefined {
  const between = total(kinds) === kinds.lower ? ' ' : '-';
  const counted = kinds.digit + kinds['beyond-ascii'];
  const tailLength = counted + (counted > 0 ? 1 : 0);
  const free = (word: string) => rules.composition?.maxRepeats !== 1 || !DOUBLE.test(word);
  for (let count = FEWEST_WORDS; count <= MOST_WORDS; count += 1) {
    const signs = Math.max(0, kinds.sign - (count - 1) - (tailLength > 0 ? 1 : 0));
    const longest = Math.floor((room - tailLength - signs - (count - 1)) / count);
    // Every word that is drawn fits, so that no draw says anything about the others.
    const usable = words.filter((word) => word.length <= longest && free(word));
    const bits = count * Math.log2(usable.length);
    if (!(bits >= WORDS_BITS)) continue;
    return (random) => {
      const drawn = Array.from({ length: count }, () => pick(usable, random));
      const lengthOf = () => drawn.join(between).length + tailLength + signs;
      while (lengthOf() < rules.minLength && lengthOf() + 1 + longest <= room) drawn.push(pick(usable, random));
      const tail = draw('digit', kinds.digit, random) + draw('beyond-ascii', kinds['beyond-ascii'], random);
      const parts = [...capitalised(drawn, kinds.upper), ...(tail === '' ? [] : [tail])];
      return { password: parts.join(between) + draw('sign', signs, random), bits };
    };
  }
  return undefined;
}

/** The first letters of the words, then the second ones, until `count` are capitals. */
function capitalised(words: readonly string[], count: number): string[] {
  const rounds = Math.floor(count / words.length);
  return words.map((word, at) => {
    const capitals = rounds + (at < count % words.length ? 1 : 0);
    return word.slice(0, capitals).toUpperCase() + word.slice(capitals);
  });
}

/** Never the same character twice in a row. */
function draw(kind: keyof Kinds, count: number, random: Random): string {
  let text = '';
  for (let left = count; left > 0; left -= 1) text += pick(without(CHARACTERS[kind], text.at(-1)), random);
  return text;
}

const without = (characters: string, last: string | undefined): string[] =>
  Array.from(characters).filter((char) => char !== last);

/** Characters in groups of four where there is room: "k7mq-x9dp-…". */
function scrambles(rules: PasswordRules, least: Kinds, room: number): Maker | undefined {
  const needed = total(least);
  if (needed > room || rules.minLength > room) return undefined;
  const wanted = Math.max(RANDOM_LENGTH, rules.minLength, needed);
  const inGroups = wanted + Math.ceil(wanted / GROUP) - 1 <= room;
  const length = Math.min(wanted, room);
  // A short one makes up for it with capitals and signs.
  const fill: (keyof Kinds)[] = length < RANDOM_LENGTH ? ['lower', 'digit', 'upper', 'sign'] : ['lower', 'digit'];
  const any = fill.map((kind) => CHARACTERS[kind]).join('');
  const slots = [
    ...(Object.keys(least) as (keyof Kinds)[]).flatMap((kind) => Array<string>(least[kind]).fill(CHARACTERS[kind])),
    ...Array<string>(length - needed).fill(any),
  ];
  return (random) => {
    let text = '';
    let bits = 0;
    for (const slot of shuffled(slots, random)) {
      const from = without(slot, text.at(-1));
      bits += Math.log2(from.length);
      text += pick(from, random);
    }
    const groups = text.match(new RegExp(`.{1,${GROUP}}`, 'gu')) ?? [];
    return { password: inGroups ? groups.join('-') : text, bits };
  };
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = random(last + 1);
    [order[last], order[other]] = [order[other] as Item, order[last] as Item];
  }
  return order;
}
