/** What `check()` tries on a domain controller, with the exact delegation command where a right is missing. */
import type { Clock } from '../../kernel/clock.ts';
import { clockFinding } from '../../kernel/clock-finding.ts';
import type { Finding } from '../../kernel/plugin.ts';
import type { ActiveDirectoryConfig } from '../active-directory.ts';
import type { Directory } from '../directory.ts';
import { attempt, checkCanary, checkDebugging, checkGroups, failed, ok, warning } from '../ldap/check.ts';
import { checkServers } from '../ldap/check-servers.ts';
import { policySentence } from '../ldap/policy-words.ts';
import type { Sessions } from '../ldap/sessions.ts';
import { isPrivilegedSid } from './identifiers.ts';
import { readPolicy } from './policy.ts';
import type { AdPreflight } from './preflight.ts';
import { psoContainer, readPsos } from './pso.ts';
import { type RootDse, readRoot } from './root.ts';
import { stateOf } from './state.ts';

interface Deps {
  config: ActiveDirectoryConfig;
  sessions: Sessions;
  directory: Directory;
  preflight: AdPreflight;
  clock: Clock;
  /** Groups that policy names. */
  ruleGroups?: readonly string[] | undefined;
}

type Told = Pick<RootDse, 'domainDn' | 'samba' | 'ourSids'>;
type Right = 'reset' | 'lockoutTime' | 'pwdLastSet';

const USER = 'bf967aba-0de6-11d0-a285-00aa003049e2';
const GUIDS: Record<Right, string> = {
  reset: '00299570-246d-11d0-a768-00aa006e0529',
  lockoutTime: '28630ebf-41d5-11d1-a9c1-0000f80367c1',
  pwdLastSet: 'bf967a0a-0de6-11d0-a285-00aa003049e2',
};

/** The command that grants one right on everything below baseDn: `dsacls` on Windows, `samba-tool` on Samba. */
export function delegation(config: Pick<ActiveDirectoryConfig, 'baseDn' | 'bindDn'>, root: Told, right: Right): string {
  if (root.samba) {
    const rights = right === 'reset' ? 'CR' : 'RPWP';
    return `samba-tool dsacl set --objectdn="${config.baseDn}" --sddl="(OA;CIIO;${rights};${GUIDS[right]};${USER};${ourSid(root)})"`;
  }
  const grant = right === 'reset' ? 'CA;Reset Password' : `RPWP;${right}`;
  return `dsacls "${config.baseDn}" /I:S /G "${config.bindDn}:${grant};user"`;
}

/** The command that lets the service account read the fine-grained policies. */
export function policyGrant(config: Pick<ActiveDirectoryConfig, 'bindDn'>, root: Told): string {
  const container = psoContainer(root.domainDn);
  if (!root.samba) return `dsacls "${container}" /I:T /G "${config.bindDn}:GR"`;
  return `samba-tool dsacl set --objectdn="${container}" --sddl="(A;CI;GR;;;${ourSid(root)})"`;
}

const ourSid = (root: Told): string => root.ourSids[0] ?? 'SID-OF-THE-SERVICE-ACCOUNT';

export async function checkActiveDirectory(deps: Deps): Promise<Finding[]> {
  const { config, sessions, directory, clock } = deps;
  const findings = [...checkDebugging(), ...(await checkServers({ sessions, config, clock }))];
  if (findings.some((finding) => finding.is === 'failed')) return findings;
  let root: RootDse | undefined;
  findings.push(
    await attempt('rootDSE', { fix: 'Point url at a domain controller.', key: 'url' }, async () => {
      root = await sessions.asService(readRoot);
      return undefined;
    }),
  );
  if (!root) return findings;
  // Of several, each was compared by itself.
  if ((await sessions.servers()).length === 1) findings.push(checkClock(root, clock.now()));
  findings.push(checkHints(root), checkPower(root, config));
  findings.push(await checkPolicy(sessions, root), await checkPsos(deps, root));
  findings.push(...(await checkGroups(sessions, config.protectedGroups, deps.ruleGroups)));
  const canary = await checkCanary(directory, config, delegation(config, root, 'reset'));
  findings.push(...canary.findings, ...(await checkWritable(deps, root)));
  return findings;
}

const checkClock = (root: RootDse, now: number): Finding => {
  const what = 'clock of the domain controller';
  return root.currentTime === undefined ? ok(what) : clockFinding(what, root.currentTime, now, 'url');
};

const checkHints = (root: RootDse): Finding => {
  const what = 'password history at a reset';
  if (root.policyHints()) return ok(what);
  // No fault of the set-up: Sparekey keeps a history of its own then.
  return { is: 'ok', what, cause: 'The server has no policy hints control, so Sparekey keeps the history itself.' };
};

const checkPower = (root: RootDse, config: ActiveDirectoryConfig): Finding => {
  const what = 'service account has no more rights than needed';
  const sid = root.ourSids.find(isPrivilegedSid);
  if (sid === undefined) return ok(what);
  const fix = 'Use an account of its own, delegate Reset Password, lockoutTime and pwdLastSet, and nothing else.';
  return warning(what, `${config.bindDn} is a member of the privileged group ${sid}.`, { fix, key: 'bindDn' });
};

const checkPolicy = (sessions: Sessions, root: RootDse): Promise<Finding> => {
  const what = 'read the password policy of the domain';
  const hint = { fix: `Grant the service account read on ${root.domainDn}.`, key: 'bindDn' };
  return attempt(what, hint, async () => {
    const policy = await sessions.asService((connection) => readPolicy(connection, root.domainDn, undefined));
    const seen = policy.minLength !== undefined || policy.complexity || policy.history !== undefined;
    if (!seen) return warning(what, 'No rule is visible: there is none, or it is not readable for us.', hint);
    return { is: 'ok', what, cause: policySentence(policy) };
  });
};

/** Where a fine-grained policy can't be read, people learn of its rules only from the domain controller's refusal. */
const checkPsos = ({ config, sessions, directory }: Deps, root: RootDse): Promise<Finding> => {
  const what = 'read fine-grained password policies';
  const hint = { fix: policyGrant(config, root), key: 'bindDn' };
  return attempt(what, hint, async () => {
    const found = config.canary === undefined ? undefined : await directory.find(config.canary);
    if (found?.is === 'found') {
      const policy = await directory.readPolicy(found.account);
      if (policy.source === 'fine-grained') {
        if (!policy.furtherChecks) return { is: 'ok', what, cause: policySentence(policy) };
        return warning(what, `${policy.name} holds for the canary and can not be read.`, hint);
      }
    }
    const psos = await sessions.asService((connection) => readPsos(connection, root.domainDn));
    const none = `None is visible. If there are some, their rules can be shown after: ${hint.fix}`;
    return { is: 'ok', what, cause: psos.map(({ dn }) => dn).join('; ') || none };
  });
};

/** lockoutTime and pwdLastSet: the server lists what we may write. */
async function checkWritable({ config, sessions, directory, preflight }: Deps, root: RootDse): Promise<Finding[]> {
  const found = config.canary === undefined ? undefined : await directory.find(config.canary);
  if (found?.is !== 'found') return [];
  const check = (right: 'lockoutTime' | 'pwdLastSet', what: string) => {
    const hint = { fix: delegation(config, root, right), key: 'bindDn' };
    return attempt(what, hint, () =>
      sessions.asService(async (connection) => {
        const entry = await preflight.locate(connection, found.account);
        const writable = entry && (stateOf(entry).writable ?? []);
        return writable?.includes(right)
          ? undefined
          : failed(what, `The service account may not write ${right}.`, hint);
      }),
    );
  };
  return [await check('lockoutTime', 'right to unlock'), await check('pwdLastSet', 'right to clear must-change')];
}
