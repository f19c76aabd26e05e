/** What `check` says of settings that are kept in the database: which don't count, and how many of all are risky. */
import type { Finding } from '../kernel/plugin.ts';
import { lint } from '../settings/lint.ts';
import type { InForce } from '../settings-in-force.ts';

export function settingsFindings({ config, number, ignored }: InForce): Finding[] {
  const risks = lint(config as never);
  const version = number === 0 ? 'nothing is set beside the file' : `version ${number} is in force`;
  const risky = risks.length === 0 ? 'none is risky' : `${risks.length} are risky: sparekey settings lint`;
  return [
    // No fault: every one of them is allowed.
    { is: 'ok', what: `settings: ${version}; ${risky}` },
    ...ignored.map(
      ({ path, why }): Finding => ({
        is: 'warning',
        what: `the stored setting ${path} is ignored`,
        cause: why,
        fix: `sparekey settings set --unset ${path}`,
      }),
    ),
  ];
}
