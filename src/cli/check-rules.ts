/** Can people get back in under every rule of the policy, if they set everything up that it allows? */
import { mayBeFirst, offeredGates } from '../flow/usable.ts';
import type { Finding } from '../kernel/plugin.ts';
import type { VerificationMethod } from '../methods/method.ts';
import { missing } from '../policy/plan.ts';
import type { RuleBook } from '../policy/rules.ts';

export function ruleFindings(book: RuleBook, methods: ReadonlyMap<string, VerificationMethod>): Finding[] {
  const rules = [
    { key: 'recovery', rule: book.default },
    { key: 'privileged', rule: book.privileged },
    ...book.groups.map(({ rule }, index) => ({ key: `groups[${index}]`, rule })),
  ];
  return rules.map(({ key, rule }): Finding => {
    const ways = missing(rule, {
      usable: [],
      held: [],
      offered: offeredGates(methods),
      mayBeFirst: mayBeFirst(methods),
    });
    const what = `rule ${rule.name}`;
    if (ways.length > 0) return { is: 'ok', what: `${what}: ${ways.length} ways out` };
    return {
      is: 'failed',
      what,
      cause: `Nothing that these people could set up would be enough: ${rule.methods.join(', ')} never add up to what is asked for.`,
      fix: 'Allow one more method of another kind (an app, a passkey, saved codes), or ask for less.',
      key,
    };
  });
}
