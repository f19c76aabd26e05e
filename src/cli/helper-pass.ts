/**
 * `sparekey helper-pass issue <username>`: a helper who has verified a caller issues a one-use pass from a terminal. Shown once;
 * how the caller was verified is in the audit, and the person is told.
 */
import { type Command, Option } from 'commander';
import { pino } from 'pino';
import { compose } from '../compose.ts';
import { VERIFICATIONS, type VerificationKind } from '../flow/assisted/service.ts';
import { systemClock } from '../kernel/clock.ts';
import { formatMoment } from '../text/index.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

interface Options {
  config: string;
  helper: string;
  verified: VerificationKind;
  second?: string;
  ticket?: string;
  note?: string;
}

const LONGEST = 200;

/** A sentence for the first value that can't be used. */
function problemOf({ helper, second, ticket, note }: Options): string | undefined {
  for (const [option, value] of Object.entries({ helper, second, ticket, note })) {
    if (value === undefined) continue;
    if (value.trim() === '') return `--${option} is empty.`;
    if (value.length > LONGEST) return `--${option} is longer than ${LONGEST} characters.`;
    if (/[\p{Cc}\p{Cs}]/u.test(value)) return `--${option} holds control characters.`;
  }
  return undefined;
}

const kinds = Object.keys(VERIFICATIONS) as VerificationKind[];

export const helperPassCommand = (program: Command) => {
  const command = program.command('helper-pass').description('one-use passes that helpers hand over');
  withConfig(command.command('issue <username>').description('issue a pass after verifying a caller; shown once'))
    .addOption(
      new Option('--verified <how>', `how you made sure who is asking: ${kinds.join(', ')}`)
        .choices(kinds)
        .makeOptionMandatory(),
    )
    .requiredOption('--helper <name>', 'who issues it; in the audit and in the message to the person')
    .option('--second <name>', 'who else agreed; needed for privileged and protected accounts')
    .option('--ticket <number>', 'number in your ticket system')
    .option('--note <text>', 'one line: which document, which manager; no number of a document')
    .action(async (username: string, options: Options) => {
      const problem = problemOf(options);
      if (problem) throw new Error(problem);
      const layers = loadOrExit(options.config);
      const { config } = layers;
      const sparekey = await compose({
        config,
        layers,
        keys: keysOrExit(config.keysFile),
        clock: systemClock,
        logger: pino({ level: 'silent' }),
      });
      try {
        const { helper, verified, second, ticket, note } = options;
        const issued = await sparekey.assisted.issuePass({
          helper: helper.trim(),
          identifier: username,
          verification: { kind: verified, ...(ticket ? { ticket } : {}), ...(note ? { note } : {}) },
          ...(second ? { secondApprover: second.trim() } : {}),
        });
        if (issued.is === 'refused') throw new Error(issued.cause);
        const until = formatMoment('en', issued.expiresAt, sparekey.config.organisation.timeZone);
        const told = issued.told.length > 0 ? issued.told.join(', ') : 'nobody: there is no confirmed address';
        process.stdout.write(
          `Pass for ${issued.account.username} (${issued.account.displayName}), shown only now: ${issued.code}\n` +
            `It works once, until ${until}. Told: ${told}.\n`,
        );
        if (issued.warning) process.stderr.write(`In the way: ${issued.warning}\n`);
      } finally {
        await sparekey.close();
      }
    });
};
