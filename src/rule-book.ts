/** The policy of the configuration as the rules that journeys are planned by. */
import type { VerificationMethod } from './methods/method.ts';
import type { RecoveryRule, RuleBook } from './policy/rules.ts';
import type { SparekeyConfig } from './registries.ts';

type Policy = SparekeyConfig['policy'];
type Written = Policy['recovery'] | Policy['privileged'] | Policy['groups'][number];

const STRONG = ['passkey', 'totp'];

/** Methods that an operator lets count although they prove nothing by NIST's book. */
const acceptedOf = ({ methods }: SparekeyConfig): string[] =>
  Object.entries(methods as Record<string, { countsAsGate?: string | undefined }>)
    .filter(([, settings]) => settings.countsAsGate !== undefined)
    .map(([id]) => id);

const ruleOf = (name: string, written: Written, accepted: readonly string[]): RecoveryRule => ({
  name,
  methods: written.methods,
  gates: written.gates,
  weights: written.weights as Record<string, 0 | 1 | 2>,
  oneOf: written.oneOf,
  kinds: written.kinds,
  also: written.also,
  accepted,
  showFactor: true,
  pair: true,
  ways: 1,
});

export function ruleBookOf(config: SparekeyConfig): RuleBook {
  const { recovery, privileged, groups } = config.policy;
  const accepted = acceptedOf(config);
  return {
    default: ruleOf('default', recovery, accepted),
    // Two different ways, one of them a passkey or an app, whatever is written.
    privileged: {
      ...ruleOf('privileged', privileged, []),
      gates: Math.max(2, privileged.gates),
      ways: 2,
      oneOf: privileged.oneOf.length > 0 ? privileged.oneOf.filter((method) => STRONG.includes(method)) : STRONG,
    },
    groups: groups.map((written) => ({ match: written, rule: ruleOf(written.name, written, accepted) })),
    privilegedMatch: privileged,
  };
}

/** Every method that some rule names. */
export const methodsInUse = (book: RuleBook): Set<string> =>
  new Set(
    [book.default, book.privileged, ...book.groups.map(({ rule }) => rule)].flatMap(({ methods, also }) => [
      ...methods,
      ...also,
    ]),
  );

/** What the methods in use ask to be read of every account. */
export const attributesInUse = (methods: ReadonlyMap<string, Pick<VerificationMethod, 'attributes'>>): string[] =>
  [...methods.values()].flatMap(({ attributes }) => attributes ?? []);
