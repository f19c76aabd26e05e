/**
 * What an operator took on against a standard, as long as the configuration says so: told at every start (log and audit), by
 * `sparekey check` and on top of the console. No switch makes it go away but the setting itself.
 */
import type { SparekeyConfig } from './registries.ts';

export interface StandingNotice {
  /** Never changes: alarms hang on it. */
  id: 'questions-asked' | 'questions-count' | 'phones-restricted';
  /** Configuration key. */
  path: string;
  /** One or two sentences for operators. */
  says: string;
  /** What ends it. */
  fix: string;
}

export const standingNotices = (config: SparekeyConfig): StandingNotice[] => [
  ...questionNotices(config),
  ...phoneNotices(config),
];

/** C-03: the record that an operator took the risk of restricted authenticators on. */
function phoneNotices({ policy }: SparekeyConfig): StandingNotice[] {
  const rules = [policy.recovery, policy.privileged, ...policy.groups];
  if (!rules.some((rule) => rule.methods.some((method) => method === 'sms' || method === 'voice'))) return [];
  return [
    {
      id: 'phones-restricted',
      path: 'policy',
      says: 'Codes go to phones. NIST SP 800-63B-4 (3.1.3.3, 3.2.9) calls that a restricted authenticator: it belongs into your risk assessment, with a plan for the day when you give it up. ASVS L3 forbids it.',
      fix: 'Take sms and voice out of policy.',
    },
  ];
}

function questionNotices({ policy, methods }: SparekeyConfig): StandingNotice[] {
  const rules = [policy.recovery, policy.privileged, ...policy.groups];
  const counted = methods.questions.countsAsGate !== undefined;
  if (counted && [policy.recovery, ...policy.groups].some((rule) => rule.methods.includes('questions')))
    return [
      {
        id: 'questions-count',
        path: 'methods.questions.countsAsGate',
        says: 'Security questions count as one gate. NIST SP 800-63B-4 (3.1.1.2, 4.2.1) accepts none, ASVS 6.4.2 forbids them, OWASP wants them never to decide alone: answers are guessed, looked up and phished.',
        fix: 'Take questions out of policy, and remove methods.questions.countsAsGate.',
      },
    ];
  if (rules.some(({ methods: used, also }) => used.includes('questions') || also.includes('questions')))
    return [
      {
        id: 'questions-asked',
        path: 'policy',
        says: 'Security questions are asked in addition. They count nothing, but ASVS 6.4.2 forbids even that.',
        fix: 'Take questions out of policy.',
      },
    ];
  return [];
}
