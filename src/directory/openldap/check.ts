/** What `check()` tries on OpenLDAP, with the exact `access to` line where a right is missing. */
import { Attribute, Change } from 'ldapts';
import type { Clock } from '../../kernel/clock.ts';
import { clockFinding } from '../../kernel/clock-finding.ts';
import type { Finding } from '../../kernel/plugin.ts';
import { newToken } from '../../kernel/random.ts';
import type { Directory } from '../directory.ts';
import { attempt, checkCanary, checkDebugging, checkGroups, failed, warning } from '../ldap/check.ts';
import { checkServers } from '../ldap/check-servers.ts';
import { texts, time } from '../ldap/entry.ts';
import { answered } from '../ldap/failure.ts';
import { PASSWORD_MODIFY } from '../ldap/password-modify.ts';
import { policySentence } from '../ldap/policy-words.ts';
import type { Sessions } from '../ldap/sessions.ts';
import type { OpenldapConfig } from '../openldap.ts';
import type { OpenldapPreflight } from './preflight.ts';
import { mayWrite } from './rights.ts';

interface Deps {
  config: OpenldapConfig;
  sessions: Sessions;
  directory: Directory;
  preflight: OpenldapPreflight;
  clock: Clock;
  /** Groups that policy names. */
  ruleGroups?: readonly string[] | undefined;
}

/** The lines for slapd.conf; for cn=config the same text follows `olcAccess: {0}to`. */
export const accessLines = (config: Pick<OpenldapConfig, 'baseDn' | 'bindDn' | 'passwordRight'>) => ({
  password: `access to dn.subtree="${config.baseDn}" attrs=userPassword by dn.exact="${config.bindDn}" ${config.passwordRight} by self write by anonymous auth by * none`,
  state: `access to dn.subtree="${config.baseDn}" attrs=pwdAccountLockedTime,pwdFailureTime,pwdReset by dn.exact="${config.bindDn}" manage by * read`,
});

/** The same for 389-DS: values of `aci` on the entry of baseDn. */
export const aciLines = ({ bindDn }: Pick<OpenldapConfig, 'bindDn'>): ReturnType<typeof accessLines> => {
  const aci = (attributes: string, name: string) =>
    `aci: (targetattr="${attributes}")(version 3.0; acl "${name}"; allow (write) userdn="ldap:///${bindDn}";)`;
  return {
    password: aci('userPassword', 'Sparekey resets'),
    state: aci('accountUnlockTime || passwordRetryCount || passwordExpirationTime', 'Sparekey unlocks'),
  };
};

export async function checkOpenldap({
  config,
  sessions,
  directory,
  preflight,
  clock,
  ruleGroups,
}: Deps): Promise<Finding[]> {
  const findings = [...checkDebugging(), ...(await checkServers({ sessions, config, clock }))];
  if (findings.some((finding) => finding.is === 'failed')) return findings;
  const is389 = (await directory.readPolicy()).source === '389-ds';
  const lines = is389 ? aciLines(config) : accessLines(config);
  findings.push(await passwordModify(sessions), await tooPowerful(sessions, config));
  findings.push(...(await checkGroups(sessions, config.protectedGroups, ruleGroups)));
  if (config.defaultPolicyDn !== undefined) findings.push(await readablePolicy(sessions, config, preflight));

  const canary = await checkCanary(directory, config, lines.password);
  findings.push(...canary.findings);
  if (canary.reuse !== undefined) {
    findings.push(...(await history(directory, config, canary.reuse)));
    findings.push(await clocks(sessions, directory, config.canary ?? '', clock));
  }
  if (canary.reuse !== undefined && config.defaultPolicyDn !== undefined) {
    const attribute = is389 ? 'accountUnlockTime' : 'pwdAccountLockedTime';
    findings.push(await unlockRight(sessions, directory, config.canary ?? '', lines.state, attribute));
  }
  return findings;
}

const passwordModify = (sessions: Sessions): Promise<Finding> => {
  const what = 'password modify operation';
  const hint = { fix: 'Use a server that offers RFC 3062 password modify.', key: 'url' };
  return attempt(what, hint, () =>
    sessions.asService(async (connection) => {
      const [root] = await connection.search('', { scope: 'base', attributes: ['supportedExtension'] });
      const offered = root && texts(root, 'supportedExtension').includes(PASSWORD_MODIFY);
      return offered ? undefined : failed(what, `${PASSWORD_MODIFY} is not in supportedExtension.`, hint);
    }),
  );
};

/** Only rootdn, or an account with far too much, may delete from the base entry. Asked with a value that is not there. */
const tooPowerful = (sessions: Sessions, config: OpenldapConfig): Promise<Finding> => {
  const what = 'service account has no more rights than needed';
  const hint = { fix: 'Use an account of its own with the documented rights, never rootdn.', key: 'bindDn' };
  return attempt(what, hint, () =>
    sessions.asService(async (connection) => {
      const modification = new Attribute({ type: 'description', values: [newToken()] });
      try {
        await connection.modify(config.baseDn, [new Change({ operation: 'delete', modification })]);
      } catch (error) {
        if (!answered(error, 16)) return undefined;
      }
      return warning(
        what,
        `${config.bindDn} may write the entry ${config.baseDn} itself; rootdn bypasses ppolicy.`,
        hint,
      );
    }),
  );
};

const readablePolicy = (sessions: Sessions, config: OpenldapConfig, preflight: OpenldapPreflight): Promise<Finding> => {
  const what = 'read the default password policy';
  const line = `access to dn.base="${config.defaultPolicyDn}" by dn.exact="${config.bindDn}" read by * none`;
  const hint = { fix: line, key: 'defaultPolicyDn' };
  return attempt(what, hint, () =>
    sessions.asService(async (connection) => {
      const policy = await preflight.readPolicy(connection, undefined);
      if (policy?.tracksUpdates === false) {
        const fix = 'Set passwordTrackUpdateTime: on in cn=config, and in the policies of people and subtrees.';
        const cause = 'No time of a password is kept, so a write whose answer was lost could not be told from none.';
        return failed(what, cause, { fix, key: 'defaultPolicyDn' });
      }
      if (policy) return { is: 'ok', what, cause: policySentence(policy) };
      return failed(what, `${config.defaultPolicyDn} does not exist or is not readable.`, hint);
    }),
  );
};

/** Compares what was configured with what slapd did to a reused password. */
async function history(
  directory: Directory,
  config: OpenldapConfig,
  reuse: 'accepted' | 'refused',
): Promise<Finding[]> {
  const what = 'right on userPassword is as configured';
  const { history } = await directory.readPolicy();
  if (config.passwordRight === 'write' && history !== undefined && reuse === 'accepted') {
    const cause =
      'slapd accepted a reused password: the service account is a password administrator (manage or rootdn).';
    return [warning(what, cause, { fix: accessLines(config).password, key: 'passwordRight' })];
  }
  if (config.passwordRight === 'manage' && reuse === 'refused') {
    const cause = 'slapd applied ppolicy to our reset: the service account has write, not manage.';
    return [warning(what, cause, { fix: 'Set passwordRight: write.', key: 'passwordRight' })];
  }
  return [{ is: 'ok', what }];
}

/** slapd tells no time of its own; the canary was written a moment ago, and that time is its. */
const clocks = (sessions: Sessions, directory: Directory, canary: string, clock: Clock): Promise<Finding> => {
  const what = 'clock of the LDAP server';
  return attempt(what, { fix: 'Grant read on modifyTimestamp.', key: 'canary' }, async () => {
    const found = await directory.find(canary);
    if (found.is !== 'found') return undefined;
    const [entry] = await sessions.asService((connection) =>
      connection.search(found.account.locator, { scope: 'base', attributes: ['modifyTimestamp'] }),
    );
    const written = entry && time(entry, 'modifyTimestamp');
    return written === undefined ? undefined : clockFinding(what, written, clock.now(), 'url');
  });
};

const unlockRight = (
  sessions: Sessions,
  directory: Directory,
  canary: string,
  line: string,
  attribute: 'accountUnlockTime' | 'pwdAccountLockedTime',
): Promise<Finding> => {
  const what = 'right to unlock';
  const hint = { fix: line, key: 'bindDn' };
  return attempt(what, hint, async () => {
    const found = await directory.find(canary);
    if (found.is !== 'found') return failed(what, 'The canary is gone.', { fix: 'Create it again.', key: 'canary' });
    const right = await sessions.asService((connection) => mayWrite(connection, found.account.locator, attribute));
    return right === false ? failed(what, `The service account may not write ${attribute}.`, hint) : undefined;
  });
};
