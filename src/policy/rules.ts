/** Who has to pass what: one rule per group of people. Pure data; the configuration is parsed into it. */
import type { Account } from '../kernel/account.ts';
import { sameDn } from '../kernel/dn.ts';
import type { Evidence } from '../kernel/gate.ts';

export interface RecoveryRule {
  /** `default`, `privileged`, or the name of the group in the configuration. */
  name: string;
  /** Methods that may be used at all. */
  methods: readonly string[];
  /** Sum of weights to reach. */
  gates: number;
  /** Weights that differ from the methods' own; lower only. */
  weights: Readonly<Record<string, 0 | 1 | 2>>;
  /** One of these must be among the gates; empty: no matter. */
  oneOf: readonly string[];
  /** Each of these kinds of evidence must be among the gates. */
  kinds: readonly Evidence[];
  /** Asked in addition, of whoever can answer: they count nothing. */
  also: readonly string[];
  /** Counted as one gate although NIST counts them as nothing (C-01), because an operator took that on. */
  accepted: readonly string[];
  /** Who has a second factor must show it, or a saved code that stands for it (ASVS 6.4.3). */
  showFactor: boolean;
  /** N-36 and N-37 apply: where they do, one recovery code alone is not enough for whoever has a second factor. */
  pair: boolean;
  /** At least so many different ways, whatever they weigh. */
  ways: number;
}

/** Whom a rule is for: a group or an attribute value is enough. */
export interface RuleMatch {
  /** Names or DNs of groups, in any spelling of the same; nested membership is the directory's answer. */
  groups: readonly string[];
  /** Attribute values, compared without case. Names of attributes, too. */
  attributes: Readonly<Record<string, readonly string[]>>;
}

export interface RuleBook {
  default: RecoveryRule;
  privileged: RecoveryRule;
  /** Tried in order; the first that matches is taken. */
  groups: readonly { match: RuleMatch; rule: RecoveryRule }[];
  privilegedMatch: RuleMatch;
}

const fold = (text: string): string => text.normalize('NFC').toLowerCase();
const same = (a: string, b: string): boolean => fold(a) === fold(b);

const valuesOf = ({ attributes }: Pick<Account, 'attributes'>, name: string): readonly string[] =>
  Object.entries(attributes).find(([own]) => same(own, name))?.[1] ?? [];

export const matches = (account: Pick<Account, 'groups' | 'attributes'>, match: RuleMatch): boolean =>
  account.groups.some((own) => match.groups.some((group) => sameDn(own, group))) ||
  Object.entries(match.attributes).some(([name, wanted]) =>
    valuesOf(account, name).some((value) => wanted.some((one) => same(one, value))),
  );

/** The rule that holds for an account. Privileged wins over everything. */
export function ruleFor(book: RuleBook, account: Pick<Account, 'groups' | 'attributes'>): RecoveryRule {
  if (matches(account, book.privilegedMatch)) return book.privileged;
  return book.groups.find(({ match }) => matches(account, match))?.rule ?? book.default;
}

export const allRules = (book: RuleBook): RecoveryRule[] => [
  book.default,
  book.privileged,
  ...book.groups.map(({ rule }) => rule),
];

/** By its name, for a journey under way. Unknown (the configuration changed): the strictest one. */
export const ruleNamed = (book: RuleBook, name: string): RecoveryRule =>
  allRules(book).find((rule) => rule.name === name) ?? book.privileged;

/** Groups that the rules name. */
export const groupsOf = (book: RuleBook): string[] => [
  ...new Set([book.privilegedMatch, ...book.groups.map(({ match }) => match)].flatMap(({ groups }) => groups)),
];

/** Attributes that the rules look at. */
export const attributesOf = (book: RuleBook): string[] => [
  ...new Set(
    [book.privilegedMatch, ...book.groups.map(({ match }) => match)].flatMap((m) => Object.keys(m.attributes)),
  ),
];
