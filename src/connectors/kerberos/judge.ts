/**
 * What kadmin says, read from its words: its exit status tells success from failure only from release 1.13 on, and never the
 * kind. The words are MIT's own (com_err); LANG is C.
 */
import type { Finding } from '../../kernel/plugin.ts';
import type { Delivered } from '../connector.ts';
import type { Ended } from '../process/run-program.ts';

type Unreached = Extract<Delivered, { is: 'retry' }>;
type Mend = Required<Pick<Finding, 'cause' | 'fix' | 'key'>>;

export type Told = { is: 'done'; stdout: string } | { is: 'none' } | { is: 'refused'; cause: string } | Unreached;

const WHOLE: readonly [pattern: RegExp, key: string, fix: string][] = [
  [/Key table|keytab/i, 'keytabFile', 'Check that the file is there, readable, and holds the principal.'],
  [/Client '.*' not found|Client not found/i, 'principal', 'Create it: addprinc -randkey.'],
  [
    /Decrypt integrity|Preauthentication failed|Password incorrect/i,
    'keytabFile',
    'Its key was changed: make a new keytab with ktadd.',
  ],
  [/Clock skew/i, 'realm', 'Set the clock of this machine or of the KDC.'],
  [
    /Cannot contact any KDC|Communication failure|Cannot resolve|Cannot find KDC|Connection refused/i,
    'realm',
    'Check krb5.conf, and that krb5kdc and kadmind run.',
  ],
  [/while initializing/i, 'realm', 'Run the same kadmin by hand as the user of Sparekey.'],
];
const RIGHT = /requires ``?(\S+?)'' privilege|Operation requires|Insufficient/i;
const RULES =
  /too short|enough character classes|reuse|dictionary|password is too|recently|Password .* (policy|quality)/i;

const lines = (stderr: string): string[] => stderr.split('\n').filter((line) => /^(kadmin|[a-z_]+): /.test(line));

export function mend(stderr: string): Mend | undefined {
  const cause = lines(stderr).at(-1) ?? '';
  const known = WHOLE.find(([pattern]) => pattern.test(cause));
  return known && { key: known[1], cause: `${cause.slice(0, 200)}.`, fix: known[2] };
}

export function judge(ended: Ended): Told {
  if (ended.is === 'late')
    return { is: 'retry', whole: true, cause: 'timeout: kadmin was killed at the time limit. Is kadmind up?' };
  if (ended.is === 'not-started')
    return { is: 'retry', whole: true, cause: `kadmin: It could not be started (${ended.cause}). Install krb5-user.` };
  const { code, stdout, stderr } = ended;
  const said = lines(stderr);
  if (code === 0 && said.length === 0) return { is: 'done', stdout };
  const whole = mend(stderr);
  if (whole) return { is: 'retry', whole: true, cause: `${whole.key}: ${whole.cause} ${whole.fix}` };
  // The last line is about what was asked; the ones before are warnings.
  const cause = (said.at(-1) ?? `kadmin ended with ${code}`).replace(/ while .*$/s, '').slice(0, 200);
  if (/Principal does not exist/.test(cause)) return { is: 'none' };
  // kadm5.acl gives rights for single principals, too: the rest of the realm may well be fine.
  if (RIGHT.test(cause))
    return {
      is: 'retry',
      whole: false,
      cause: `principal: ${cause}. Give it c, i and m in kadm5.acl and restart kadmind.`,
    };
  return { is: 'refused', cause };
}

export const refusal = (cause: string): Delivered => ({
  is: 'rejected',
  cause,
  hint: RULES.test(cause)
    ? 'Bring the policy of the principal (getpol) and the rules of Sparekey into line; history binds administrators too.'
    : 'Run the same kadmin by hand as the user of Sparekey.',
});
