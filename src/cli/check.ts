/**
 * `sparekey check`: tries everything for real before anybody depends on it, and names the line, the right or the command
 * that mends what does not work.
 */
import type { Command } from 'commander';
import { openParts } from '../compose.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Finding } from '../kernel/plugin.ts';
import { newId } from '../kernel/random.ts';
import { createMailHandler } from '../notify/mail-handler.ts';
import { keysOrExit, type Loaded, loadOrExit, withConfig } from './setting.ts';

interface Section {
  title: string;
  /** Configuration key that a finding's own key is relative to. */
  path: string;
  findings: Finding[];
}

const MARK = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const;

export const checkCommand = (program: Command) =>
  withConfig(program.command('check').description('try the whole set-up for real and name what to mend'))
    .option('--mail-to <address>', 'send a test mail there')
    .option('--json', 'machine-readable result')
    .action(async ({ config: file, mailTo, json }: { config: string; mailTo?: string; json?: boolean }) => {
      const loaded = loadOrExit(file);
      const sections = await run(loaded, mailTo);
      const all = sections.flatMap(({ findings }) => findings);
      const failed = all.filter(({ is }) => is === 'failed').length;
      if (json) process.stdout.write(`${JSON.stringify({ ok: failed === 0, sections })}\n`);
      else {
        process.stdout.write(sections.map((section) => render(section, loaded)).join('\n'));
        const warnings = all.filter(({ is }) => is === 'warning').length;
        process.stdout.write(`\n${all.length} tried, ${failed} failed, ${warnings} warnings.\n`);
      }
      process.exitCode = failed === 0 ? 0 : 1;
    });

async function run({ config }: Loaded, mailTo: string | undefined): Promise<Section[]> {
  const keys = keysOrExit(config.keysFile);
  let parts: Awaited<ReturnType<typeof openParts>>;
  try {
    parts = await openParts({ config, keys, clock: systemClock });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return [{ title: 'Database', path: 'storage', findings: [{ is: 'failed', what: 'open the database', cause }] }];
  }
  const { storage, directory, notifier } = parts;
  try {
    const sections: Section[] = [
      { title: 'Database', path: 'storage', findings: await storage.check() },
      { title: `Directory (${config.directory.type})`, path: 'directory', findings: await directory.check() },
      { title: `Mail (${config.mail.type})`, path: 'mail', findings: await notifier.check() },
      { title: 'Policy', path: 'policy', findings: await policyFindings(config, directory) },
    ];
    if (mailTo) sections[2]?.findings.push(await testMail(config, notifier, mailTo));
    return sections;
  } finally {
    await directory.close();
    await notifier.close();
    await storage.close();
  }
}

/** What only shows when our settings meet the directory's own. */
async function policyFindings(
  config: Loaded['config'],
  directory: Awaited<ReturnType<typeof openParts>>['directory'],
): Promise<Finding[]> {
  const theirs = await directory.readPolicy();
  const findings: Finding[] = [];
  const { failures } = config.limits.signIn;
  if (theirs.lockoutThreshold !== undefined && theirs.lockoutThreshold > 0)
    findings.push(
      failures < theirs.lockoutThreshold
        ? {
            is: 'ok',
            what: `sign-in stops after ${failures} wrong passwords, the directory locks after ${theirs.lockoutThreshold}`,
          }
        : {
            is: 'warning',
            what: 'sign-in limit against the directory’s lock-out',
            cause: `Wrong passwords typed here could lock the account: the directory locks after ${theirs.lockoutThreshold}, we stop asking after ${failures}.`,
            fix: `Set limits.signIn.failures to ${Math.max(1, theirs.lockoutThreshold - 1)} or less.`,
          },
    );
  const longest = Math.min(theirs.maxLength ?? config.policy.password.maxLength, config.policy.password.maxLength);
  const shortest = Math.max(theirs.minLength ?? 0, config.policy.password.minLength);
  findings.push(
    shortest <= longest
      ? { is: 'ok', what: `passwords of ${shortest} to ${longest} characters fit both rules` }
      : {
          is: 'failed',
          what: 'password length',
          cause: `No password fits: at least ${shortest} characters are asked for, at most ${longest} are taken.`,
          fix: 'Lower policy.password.minLength or raise the limit of the directory.',
          key: 'password.minLength',
        },
  );
  return findings;
}

async function testMail(
  config: Loaded['config'],
  notifier: Awaited<ReturnType<typeof openParts>>['notifier'],
  to: string,
): Promise<Finding> {
  const handler = createMailHandler(notifier, {
    organisation: config.organisation.name,
    origin: config.publicUrl,
    help: {},
  });
  const values = { name: 'Test', at: systemClock.now() };
  const payload = { to, template: 'password-changed-notice', language: config.language.default, values };
  const outcome = await handler({ id: `check-${newId()}`, payload });
  const what = `send a test mail to ${to}`;
  if (outcome.is === 'done') return { is: 'ok', what };
  return { is: 'failed', what, cause: outcome.is === 'dead' ? outcome.reason : outcome.cause };
}

function render({ title, path, findings }: Section, loaded: Loaded): string {
  const lines = findings.map(({ is, what, cause, fix, key }) => {
    const where = key === undefined ? '' : `\n           at:  ${loaded.lineOf(`${path}.${key}`)} (${path}.${key})`;
    return `  ${MARK[is]}  ${what}${cause ? `\n           why: ${cause}` : ''}${where}${fix ? `\n           fix: ${fix}` : ''}`;
  });
  return `${title}\n${lines.join('\n')}\n`;
}
