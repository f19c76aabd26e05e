/** The linter: a sound configuration has nothing to say of it, and each risk is named by the very setting that makes it. */
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { ACKNOWLEDGEMENT } from '../../../src/methods/questions/acknowledgement.ts';
import { registries } from '../../../src/registries.ts';
import { lint } from '../../../src/settings/lint.ts';

const SOUND = {
  SPAREKEY_PUBLIC_URL: 'https://reset.example.test',
  SPAREKEY_ORGANISATION_NAME: 'Northfield College',
  SPAREKEY_ORGANISATION_ALERTS: 'security@example.org',
  SPAREKEY_ORGANISATION_HELP_PHONE: '555 0100',
  SPAREKEY_DIRECTORY_TYPE: 'builtin',
  SPAREKEY_MAIL_TYPE: 'demo-inbox',
  SPAREKEY_MAIL_FROM: 'it@northfield.example',
  SPAREKEY_BREACH_ONLINE_ENABLED: 'true',
  SPAREKEY_POLICY_PRIVILEGED_GROUPS: 'administrators',
  SPAREKEY_CONSOLE_SECOND_APPROVAL: 'true',
};
const ids = (env: Record<string, string> = {}): string[] => {
  const loaded = loadConfig({ file: undefined, env: { ...SOUND, ...env }, registries });
  if (loaded.is === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  return lint(loaded.config as never).map(({ id, path }) => `${id} ${path}`);
};

describe('the linter', () => {
  test('has nothing to say of a sound configuration', () => expect(ids()).toEqual([]));

  test.each<[string, Record<string, string>]>([
    [
      'one-gate policy.groups[0].gates',
      {
        SPAREKEY_POLICY_RECOVERY_ACCEPT_SINGLE_GATE: 'true',
        SPAREKEY_POLICY_GROUPS: '[{name: students, groups: [students], gates: 1}]',
      },
    ],
    [
      'questions-count policy.recovery.methods',
      {
        SPAREKEY_POLICY_RECOVERY_METHODS: 'email,questions,totp',
        SPAREKEY_METHODS_QUESTIONS_COUNTS_AS_GATE: ACKNOWLEDGEMENT,
      },
    ],
    [
      'no-floor responseFloor.milliseconds',
      { SPAREKEY_RESPONSE_FLOOR_MILLISECONDS: '0', SPAREKEY_RESPONSE_FLOOR_JITTER: '0' },
    ],
    ['nobody-told organisation.alerts', { SPAREKEY_ORGANISATION_ALERTS: '' }],
    ['no-help organisation.help', { SPAREKEY_ORGANISATION_HELP_PHONE: '' }],
    ['risk-off policy.risk.enabled', { SPAREKEY_POLICY_RISK_ENABLED: 'false' }],
    ['contacts-at-once policy.recentContact', { SPAREKEY_POLICY_RECENT_CONTACT: '0 s' }],
    ['shared-phones policy.sharedPhone', { SPAREKEY_POLICY_SHARED_PHONE: 'flag' }],
    ['many-passwords limits.signIn.failures', { SPAREKEY_LIMITS_SIGN_IN_FAILURES: '20' }],
    ['many-tries limits.triesPerCode', { SPAREKEY_LIMITS_TRIES_PER_CODE: '10' }],
    ['many-starts limits.starts.perIpPerHour', { SPAREKEY_LIMITS_STARTS_PER_IP_PER_HOUR: '10000' }],
    ['long-recovery lifetimes.flowAbsolute', { SPAREKEY_LIFETIMES_FLOW_ABSOLUTE: '2 h' }],
    ['long-session lifetimes.sessionAbsolute', { SPAREKEY_LIFETIMES_SESSION_ABSOLUTE: '12 h' }],
    ['long-idle lifetimes.sessionIdle', { SPAREKEY_LIFETIMES_SESSION_IDLE: '1 h' }],
    ['long-code methods.email.lifetime', { SPAREKEY_METHODS_EMAIL_LIFETIME: '30 min' }],
    [
      'short-passwords policy.password.minLength',
      { SPAREKEY_POLICY_PASSWORD_MIN_LENGTH: '8', SPAREKEY_POLICY_PASSWORD_MFA_EVERYWHERE: 'true' },
    ],
    ['no-breach-check breach', { SPAREKEY_BREACH_ONLINE_ENABLED: 'false' }],
    [
      'helper-everybody console.roles[0].scope',
      { SPAREKEY_CONSOLE_ROLES: '[{name: Desk, groups: [desk], role: helper}]' },
    ],
    ['nobody-privileged policy.privileged', { SPAREKEY_POLICY_PRIVILEGED_GROUPS: '' }],
    [
      'no-second-approval console.secondApproval',
      {
        SPAREKEY_CONSOLE_ROLES: '[{name: IT, groups: [it], role: operator}]',
        SPAREKEY_CONSOLE_SECOND_APPROVAL: 'false',
      },
    ],
  ])('names %s, and nothing else', (expected, env) => expect(ids(env)).toEqual([expected]));
});
