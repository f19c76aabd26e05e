/** The rules for one person's new password: ours and those that the directory tells, judged alike live and at the end. */
import type { RefusedRule } from '../directory/directory.ts';
import type { Account } from '../kernel/account.ts';
import { mergeRules } from '../policy/passwords/merge.ts';
import {
  brokenRules,
  judgePassword,
  type PasswordRules,
  type RuleId,
  type RuleResult,
} from '../policy/passwords/rules.ts';
import type { FlowDeps } from './deps.ts';

/** A rule that a password broke: ours by id, or what the directory named when it refused. */
export interface NamedRule {
  id: RuleId | RefusedRule;
  fromDirectory: boolean;
  /** The number in the sentence. */
  value?: number;
}

export function createPasswordRules(deps: Pick<FlowDeps, 'directory' | 'passwords' | 'blocklist'>) {
  const { directory, passwords, blocklist } = deps;

  /** For nobody in particular (an unknown caller) when `account` is absent. */
  const rulesFor = async (account: Account | undefined): Promise<PasswordRules> =>
    mergeRules(passwords, await directory.readPolicy(account), directory.can.resetHistory);

  const judge = async (password: string, account: Account | undefined): Promise<RuleResult[]> =>
    judgePassword(password, await rulesFor(account), blocklist, account);

  return {
    rulesFor,
    judge,
    async broken(password: string, account: Account | undefined): Promise<NamedRule[]> {
      return brokenRules(await judge(password, account)).map(({ id, fromDirectory, value }) => ({
        id,
        fromDirectory,
        ...(value === undefined ? {} : { value }),
      }));
    },
    /** A directory's refusal in our words. */
    named: (refused: readonly RefusedRule[]): NamedRule[] =>
      (refused.length > 0 ? refused : (['quality'] as const)).map((id) => ({ id, fromDirectory: true })),
  };
}
