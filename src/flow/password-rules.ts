/** The rules for one person's new password: ours and those that the directory tells, judged alike live and at the end. */
import { randomInt } from 'node:crypto';
import type { Reach } from '../breach/breach.ts';
import type { RefusedRule } from '../directory/directory.ts';
import type { Account } from '../kernel/account.ts';
import { Secret } from '../kernel/secret.ts';
import { type Suggestion, type SuggestionKind, suggest } from '../policy/passwords/generator.ts';
import { mergeRules } from '../policy/passwords/merge.ts';
import { personalWords } from '../policy/passwords/own-words.ts';
import {
  brokenRules,
  judgePassword,
  type PasswordRules,
  type RuleId,
  type RuleResult,
} from '../policy/passwords/rules.ts';
import type { Strength } from '../policy/passwords/strength.ts';
import type { FlowDeps } from './deps.ts';
import { wordsFor } from './word-lists.ts';

/** A rule that a password broke: ours by id, or what the directory named when it refused. */
export interface NamedRule {
  id: RuleId | RefusedRule;
  fromDirectory: boolean;
  /** The number in the sentence. */
  value?: number;
}

/** A filter of leaked passwords takes one in a thousand for leaked that is not. */
const DRAWS = 5;

export type PasswordRulesService = ReturnType<typeof createPasswordRules>;

export function createPasswordRules(
  deps: Pick<FlowDeps, 'directory' | 'passwords' | 'blocklist' | 'breach' | 'meter'>,
) {
  const { directory, passwords, blocklist } = deps;

  /** For nobody in particular (an unknown caller) when `account` is absent. */
  const rulesFor = async (account: Account | undefined): Promise<PasswordRules> => ({
    ...mergeRules(passwords, await directory.readPolicy(account, { justRead: true }), directory.can.resetHistory),
    substrings: passwords.substrings ?? false,
  });

  /** Asked last, and only for somebody who proved who they are: strangers must not make us ask others. */
  const searchLeaks = async (text: string, reach: Reach): Promise<RuleResult[]> => {
    const found = await deps.breach?.lookUp(new Secret(text), reach);
    const result = (id: RuleId, state: RuleResult['state']): RuleResult[] => [{ id, state, fromDirectory: false }];
    if (!found || found.is === 'clean') return result('breached', 'ok');
    if (found.is === 'breached') return result('breached', 'no');
    if (reach === 'here') return result('breached', 'open');
    return deps.breach?.whenUnavailable === 'refuse' ? result('breach-unknown', 'no') : result('breached', 'open');
  };

  /** `reach`: what is still being typed is looked up here only. `known`: the rules, where somebody has just asked for them. */
  const judge = async (
    password: string,
    account: Account | undefined,
    reach: Reach = 'here',
    known?: PasswordRules,
  ): Promise<RuleResult[]> => {
    const judged = judgePassword(password, known ?? (await rulesFor(account)), blocklist, account);
    if (!deps.breach) return judged;
    const askable = account && password !== '' && brokenRules(judged).length === 0;
    return [
      ...judged,
      ...(askable
        ? await searchLeaks(password.normalize('NFC'), reach)
        : [{ id: 'breached', state: 'open', fromDirectory: false } as const]),
    ];
  };

  return {
    rulesFor,
    judge,
    async broken(password: string, account: Account | undefined): Promise<NamedRule[]> {
      return brokenRules(await judge(password, account, 'anywhere')).map(({ id, fromDirectory, value }) => ({
        id,
        fromDirectory,
        ...(value === undefined ? {} : { value }),
      }));
    },
    /** A directory's refusal in our words. */
    named: (refused: readonly RefusedRule[]): NamedRule[] =>
      (refused.length > 0 ? refused : (['quality'] as const)).map((id) => ({ id, fromDirectory: true })),

    /** Advice only; `undefined` when there is no estimate in time. */
    async strength(password: string, account: Account | undefined): Promise<Strength | undefined> {
      const own = account ? personalWords(account) : [];
      return deps.meter?.measure(password, [...own, ...passwords.contextWords]);
    },

    /** A password that fulfils every rule for this person; `undefined` when the rules contradict each other. */
    async suggest(
      account: Account | undefined,
      language: string,
      kind: SuggestionKind,
    ): Promise<Suggestion | undefined> {
      const rules = await rulesFor(account);
      const input = { rules, blocklist, person: account, words: wordsFor(language) };
      for (let draw = 0; draw < DRAWS; draw += 1) {
        const made = suggest(input, kind, (below) => randomInt(below));
        if (!made || (await judge(made.password, account)).every(({ state }) => state !== 'no')) return made;
      }
      return undefined;
    },
  };
}
