/** Steps of `check()` that every LDAP directory shares. Each says what was tried, and on failure the cause, the fix, the key. */
import { randomBytes } from 'node:crypto';
import type { Finding } from '../../kernel/plugin.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Directory } from '../directory.ts';
import type { LdapConfig } from './config.ts';
import { answered, causeOf, failureOf } from './failure.ts';
import type { Sessions } from './sessions.ts';

export interface Hint {
  fix: string;
  /** Absent: it hangs on no key of the directory's own. */
  key?: string;
}

export const ok = (what: string): Finding => ({ is: 'ok', what });
export const failed = (what: string, cause: string, hint: Hint): Finding => ({ is: 'failed', what, cause, ...hint });
export const warning = (what: string, cause: string, hint: Hint): Finding => ({ is: 'warning', what, cause, ...hint });

/** Runs one step; whatever it throws becomes a finding. */
export async function attempt(what: string, hint: Hint, work: () => Promise<Finding | undefined>): Promise<Finding> {
  try {
    return (await work()) ?? ok(what);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.is !== 'refused-connection') return failed(what, failure.cause, hint);
    const { fix, key } = failure.error;
    return failed(what, failure.cause, { fix, key });
  }
}

/** A misspelt group protects nobody, silently, and a rule of policy would mean nobody. `ruleGroups`: those that policy names. */
export async function checkGroups(
  sessions: Sessions,
  protectedGroups: readonly string[],
  ruleGroups: readonly string[] = [],
): Promise<Finding[]> {
  const fix = 'Correct the DN, or grant read on the group.';
  const ours = await groupFindings(sessions, protectedGroups, 'protected group', { fix, key: 'protectedGroups' });
  // A SID is that of another domain, which can't be looked at from here.
  const named = ruleGroups.filter((group) => !group.startsWith('S-1-'));
  return [...ours, ...(await groupFindings(sessions, named, 'group of a rule', { fix }))];
}

const groupFindings = (sessions: Sessions, groups: readonly string[], name: string, hint: Hint): Promise<Finding[]> =>
  Promise.all(
    groups.map((group) => {
      const what = `${name} ${group}`;
      return attempt(what, hint, () =>
        sessions.asService(async (connection) => {
          try {
            const entries = await connection.search(group, { scope: 'base', attributes: ['1.1'] });
            return entries.length === 1 ? undefined : failed(what, 'The group is not visible to us.', hint);
          } catch (error) {
            if (answered(error, 32, 34)) return failed(what, `There is no such group: ${causeOf(error)}`, hint);
            throw error;
          }
        }),
      );
    }),
  );

/** ldapts prints whole requests, passwords included, when Node is told to debug it. */
export function checkDebugging(env: string | undefined = process.env.NODE_DEBUG): Finding[] {
  const noisy = (env ?? '').split(',').some((name) => /^(ldapts|\*|l.*\*)$/i.test(name.trim()));
  if (!noisy) return [];
  const hint = { fix: 'Unset NODE_DEBUG and start again.', key: 'url' };
  return [failed('debug output', `NODE_DEBUG=${env} makes the LDAP library print passwords.`, hint)];
}

/** 28 characters of four classes: long and mixed enough for any sane policy, cut only when the directory has a maximum. */
const canaryPassword = (maxLength: number | undefined): Secret =>
  new Secret(`Sk1-${randomBytes(18).toString('base64url')}`.slice(0, maxLength));

/** Really resets the canary's password and signs in with it. `reuse`: what the directory says to the same one again. */
export async function checkCanary(
  directory: Directory,
  config: Pick<LdapConfig, 'canary'>,
  grant: string,
): Promise<{ findings: Finding[]; reuse?: 'accepted' | 'refused' }> {
  const key = 'canary';
  if (config.canary === undefined) {
    const cause = 'No canary is configured, so no password was really reset.';
    return { findings: [warning('canary', cause, { fix: 'Create a test account and name it in canary.', key })] };
  }
  const found = await directory.find(config.canary);
  if (found.is !== 'found') {
    const cause = ('cause' in found && found.cause) || `No account is called ${config.canary}.`;
    return { findings: [failed('canary', cause, { fix: 'Create this test account below baseDn.', key })] };
  }
  const { account } = found;
  const findings: Finding[] = [];
  const before = await directory.preflight(account);
  if (before.is !== 'ready') {
    const young = before.is === 'blocked' && before.why === 'minimum-age';
    const right = before.is === 'blocked' && before.why === 'missing-right';
    const fix = young ? 'Wait, or give the canary a policy without minimum age.' : right ? grant : 'See to the canary.';
    return { findings: [(young ? warning : failed)('canary pre-flight', before.cause, { fix, key })] };
  }
  const policy = await directory.readPolicy(account);
  const password = canaryPassword(policy.maxLength);
  const written = await directory.writePassword(account, password);
  if (written.is !== 'applied') {
    const cause = 'cause' in written ? written.cause : written.is;
    return { findings: [failed('reset of the canary', cause, { fix: grant, key })] };
  }
  if (written.warning) findings.push(warning('reset of the canary', written.warning, { fix: grant, key }));
  else findings.push(ok('reset of the canary'));
  const signIn = await directory.verifyPassword(account, password);
  findings.push(
    signIn.is === 'correct'
      ? ok('sign-in of the canary with the new password')
      : failed('sign-in of the canary with the new password', 'cause' in signIn ? signIn.cause : signIn.is, {
          fix: 'See what else decides over sign-ins (replication, must-change flag, other password store).',
          key,
        }),
  );
  const again = await directory.writePassword(account, password);
  return { findings, reuse: again.is === 'applied' ? 'accepted' : 'refused' };
}
