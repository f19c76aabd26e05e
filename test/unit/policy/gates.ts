/** Gates and rules for tests of the policy: each way with the worth that its method claims. */
import type { Gate, Worth } from '../../../src/kernel/gate.ts';
import type { RecoveryRule } from '../../../src/policy/rules.ts';

const WORTHS: Record<string, Worth> = {
  email: { evidence: 'issued', channel: 'mail', weight: 1 },
  sms: { evidence: 'issued', channel: 'phone', weight: 1 },
  voice: { evidence: 'issued', channel: 'phone', weight: 1 },
  totp: { evidence: 'bound', channel: 'app', weight: 1 },
  passkey: { evidence: 'bound', channel: 'device', weight: 2 },
  'recovery-code': { evidence: 'saved', channel: 'sheet', weight: 1 },
  questions: { evidence: 'none', channel: 'memory', weight: 0 },
  'directory-facts': { evidence: 'none', channel: 'directory', weight: 0 },
  'helper-pass': { evidence: 'proofing', channel: 'helper', weight: 2 },
  'contact-approval': { evidence: 'contact', channel: 'contact', weight: 1 },
  oidc: { evidence: 'bound', channel: 'provider', weight: 1 },
};

export const allMethods = Object.keys(WORTHS);

/** `more`: where this very thing is worth something else, a number that was bound for example. */
export function gate(method: string, more: Partial<Worth> = {}): Gate {
  const worth = WORTHS[method];
  if (!worth) throw new Error(`No such way: ${method}.`);
  return { method, ...worth, ...more };
}

export const gates = (...methods: string[]): Gate[] => methods.map((method) => gate(method));

/** As the configuration ships, with every way allowed. */
export const rule = (more: Partial<RecoveryRule> = {}): RecoveryRule => ({
  name: 'default',
  methods: allMethods.filter((method) => !['questions', 'directory-facts'].includes(method)),
  gates: 2,
  weights: {},
  oneOf: [],
  kinds: [],
  also: [],
  accepted: [],
  showFactor: true,
  pair: true,
  ways: 1,
  ...more,
});
