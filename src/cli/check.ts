/**
 * `sparekey check`: tries everything for real before anybody depends on it, and names the line, the right or the command
 * that mends what does not work. One part that fails keeps no other from being tried.
 */
import type { Command } from 'commander';
import type { Directory, DirectoryPasswordPolicy } from '../directory/directory.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Finding, Resource } from '../kernel/plugin.ts';
import { newId } from '../kernel/random.ts';
import { createMailHandler } from '../notify/mail-handler.ts';
import type { MailNotifier } from '../notify/notifier.ts';
import { openDatabase, openDirectory, openNotifier } from '../open.ts';
import { outboxFindings } from '../outbox/index.ts';
import type { SparekeyConfig } from '../registries.ts';
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
      const sections = await run(loaded.config, keysOrExit(loaded.config.keysFile), mailTo);
      const all = sections.flatMap(({ findings }) => findings);
      const failed = all.filter(({ is }) => is === 'failed').length;
      if (json) {
        const placed = sections.map((section) => ({
          ...section,
          findings: section.findings.map((finding) => ({ ...finding, ...placeOf(section, finding, loaded) })),
        }));
        process.stdout.write(`${JSON.stringify({ ok: failed === 0, sections: placed })}\n`);
      } else {
        process.stdout.write(sections.map((section) => render(section, loaded)).join('\n'));
        const warnings = all.filter(({ is }) => is === 'warning').length;
        process.stdout.write(`\n${all.length} tried, ${failed} failed, ${warnings} warnings.\n`);
      }
      process.exitCode = failed === 0 ? 0 : 1;
    });

/** What an error says, with the fix and the key where it names them. */
function findingOf(what: string, error: unknown, key?: string): Finding {
  const cause = error instanceof Error ? error.message : String(error);
  const { fix, key: own } = error as { fix?: unknown; key?: unknown };
  // A plug-in that can't use a value begins its sentence with the key.
  const named = /^([a-z]\w*): /.exec(cause)?.[1];
  const where = typeof own === 'string' ? own : (named ?? key);
  return {
    is: 'failed',
    what,
    cause: cause.slice(named && where === named ? named.length + 2 : 0),
    ...(typeof fix === 'string' ? { fix } : {}),
    ...(where === undefined ? {} : { key: where }),
  };
}

/** Opens a part, tries it, and closes it again. */
async function tried<Part extends Resource>(
  what: string,
  open: () => Promise<Part>,
  more: (part: Part) => Promise<Finding[]> = async () => [],
): Promise<Finding[]> {
  let part: Part;
  try {
    part = await open();
  } catch (error) {
    return [findingOf(what, error)];
  }
  try {
    return [...(await part.check()), ...(await more(part))];
  } finally {
    await part.close();
  }
}

async function run(
  config: SparekeyConfig,
  keys: Parameters<typeof openDatabase>[0]['keys'],
  mailTo: string | undefined,
): Promise<Section[]> {
  const sections: Section[] = [];
  const add = (title: string, path: string, findings: Finding[]) => {
    if (findings.length > 0) sections.push({ title, path, findings });
  };
  let database: Awaited<ReturnType<typeof openDatabase>> | undefined;
  try {
    database = await openDatabase({ config, keys });
    const { storage } = database;
    add('Database', 'storage', [...(await storage.check()), ...(await outboxFindings(storage, systemClock))]);
  } catch (error) {
    add('Database', 'storage', [
      findingOf('open the database', error, config.storage.engine === 'sqlite' ? 'file' : 'url'),
    ]);
  }
  try {
    let policy: DirectoryPasswordPolicy | undefined;
    if (database) {
      const { storage, keyring } = database;
      const open = () => openDirectory(config, storage, keyring, systemClock);
      const readPolicy = async (directory: Directory) => {
        policy = await directory.readPolicy();
        return [];
      };
      add(`Directory (${config.directory.type})`, 'directory', await tried('open the directory', open, readPolicy));
    }
    const openMail = () => openNotifier(config, systemClock, () => {});
    const send = async (mail: MailNotifier) => (mailTo ? [await testMail(config, mail, mailTo)] : []);
    add(`Mail (${config.mail.type})`, 'mail', await tried('open the mail sender', openMail, send));
    if (policy) {
      add('Policy', 'policy', [lengthFinding(config, policy)]);
      add('Limits', 'limits', lockoutFindings(config, policy));
    }
    return sections;
  } finally {
    await database?.storage.close();
  }
}

/** Nobody must be able to lock an account of the directory by typing wrong passwords here. */
function lockoutFindings(config: SparekeyConfig, { lockoutThreshold: theirs }: DirectoryPasswordPolicy): Finding[] {
  const { failures } = config.limits.signIn;
  if (theirs === undefined || theirs <= 0) return [];
  if (failures < theirs) {
    const what = `sign-in stops after ${failures} wrong passwords, the directory locks after ${theirs}`;
    return [{ is: 'ok', what }];
  }
  return [
    {
      is: 'warning',
      what: 'sign-in limit against the directory’s lock-out',
      cause: `Wrong passwords typed here could lock the account: the directory locks after ${theirs}, we stop asking after ${failures}.`,
      fix: `Set limits.signIn.failures to ${Math.max(1, theirs - 1)} or less.`,
      key: 'signIn.failures',
    },
  ];
}

function lengthFinding(config: SparekeyConfig, theirs: DirectoryPasswordPolicy): Finding {
  const longest = Math.min(theirs.maxLength ?? config.policy.password.maxLength, config.policy.password.maxLength);
  const shortest = Math.max(theirs.minLength ?? 0, config.policy.password.minLength);
  if (shortest <= longest)
    return { is: 'ok', what: `passwords of ${shortest} to ${longest} characters fit both rules` };
  return {
    is: 'failed',
    what: 'password length',
    cause: `No password fits: at least ${shortest} characters are asked for, at most ${longest} are taken.`,
    fix: 'Lower policy.password.minLength or raise the limit of the directory.',
    key: 'password.minLength',
  };
}

async function testMail(config: SparekeyConfig, notifier: MailNotifier, to: string): Promise<Finding> {
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

/** The full key and the line, for what did not work. */
function placeOf({ path }: Section, { key, is }: Finding, loaded: Loaded): { key?: string; at?: string } {
  if (key === undefined || is === 'ok') return {};
  return { key: `${path}.${key}`, at: loaded.lineOf(`${path}.${key}`) };
}

function render(section: Section, loaded: Loaded): string {
  const lines = section.findings.map((finding) => {
    const { is, what, cause, fix } = finding;
    const { key, at } = placeOf(section, finding, loaded);
    const where = at === undefined ? '' : `\n           at:  ${at} (${key})`;
    return `  ${MARK[is]}  ${what}${cause ? `\n           why: ${cause}` : ''}${where}${fix ? `\n           fix: ${fix}` : ''}`;
  });
  return `${section.title}\n${lines.join('\n')}\n`;
}
