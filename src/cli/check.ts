/**
 * `sparekey check`: tries everything for real before anybody depends on it, and names the line, the right or the command
 * that mends what does not work. One part that fails keeps no other from being tried.
 */
import type { Command } from 'commander';
import { openFeedAt } from '../audit-keeping.ts';
import { openBreach } from '../breach/breach.ts';
import { openSystem } from '../connected-systems.ts';
import type { Directory, DirectoryPasswordPolicy } from '../directory/directory.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Finding } from '../kernel/plugin.ts';
import { newId } from '../kernel/random.ts';
import { createMailHandler } from '../notify/mail-handler.ts';
import type { MailNotifier } from '../notify/notifier.ts';
import { openDatabase, openDirectory, openMethods, openNotifier } from '../open.ts';
import { outboxFindings } from '../outbox/index.ts';
import { contradictions, contradictionText } from '../policy/passwords/contradictions.ts';
import type { SparekeyConfig } from '../registries.ts';
import { attributesInUse, ruleBookOf } from '../rule-book.ts';
import { standingNotices } from '../standing-notices.ts';
import { SILENT } from './breach.ts';
import { consoleFindings } from './check-console.ts';
import { factFindings } from './check-facts.ts';
import { mailboxFindings } from './check-mailboxes.ts';
import { phoneSections } from './check-phones.ts';
import { ruleFindings } from './check-rules.ts';
import { settingsFindings } from './check-settings.ts';
import { keysOrExit, type Loaded, loadOrExit, withConfig } from './setting.ts';
import { findingOf, tried } from './tried.ts';

interface Section {
  title: string;
  /** Configuration key that a finding's own key is relative to. */
  path: string;
  findings: Finding[];
}

interface Options {
  config: string;
  mailTo?: string;
  textTo?: string;
  json?: boolean;
}

const MARK = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const;

export const checkCommand = (program: Command) =>
  withConfig(program.command('check').description('try the whole set-up for real and name what to mend'))
    .option('--mail-to <address>', 'send a test mail there')
    .option('--text-to <number>', 'send a test text there, through every sender of texts')
    .option('--json', 'machine-readable result')
    .action(async ({ config: file, mailTo, textTo, json }: Options) => {
      const loaded = loadOrExit(file);
      const sections = await run(loaded, keysOrExit(loaded.config.keysFile), mailTo, textTo);
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

async function run(
  layers: Loaded,
  keys: Parameters<typeof openDatabase>[0]['keys'],
  mailTo: string | undefined,
  textTo: string | undefined,
): Promise<Section[]> {
  let { config } = layers;
  const sections: Section[] = [];
  const add = (title: string, path: string, findings: Finding[]) => {
    if (findings.length > 0) sections.push({ title, path, findings });
  };
  let database: Awaited<ReturnType<typeof openDatabase>> | undefined;
  try {
    database = await openDatabase({ config, layers, keys });
    const { storage, settings } = database;
    config = settings.config;
    add('Database', 'storage', [...(await storage.check()), ...(await outboxFindings(storage, systemClock))]);
    add('Console', 'console', await consoleFindings(config, storage));
    add('Settings', '', settingsFindings(settings));
  } catch (error) {
    add('Database', 'storage', [
      findingOf('open the database', error, config.storage.engine === 'sqlite' ? 'file' : 'url'),
    ]);
  }
  try {
    let policy: DirectoryPasswordPolicy | undefined;
    if (database) {
      const { storage, keyring } = database;
      const { canary } = config.directory;
      let methods: Awaited<ReturnType<typeof openMethods>> = new Map();
      const ways: Finding[] = [];
      const open = async () => {
        methods = await openMethods(config, keyring, storage, systemClock);
        return openDirectory(config, storage, keyring, systemClock, methods);
      };
      const readPolicy = async (directory: Directory, found: readonly Finding[]) => {
        policy = await directory.readPolicy();
        // Each further question is one more sign-in of the service account, which a wrong password would lock.
        if (found.some(({ is }) => is === 'failed')) return [];
        if (methods.has('email'))
          ways.push(...(await mailboxFindings(directory, canary, config.methods.email.lockedDomains)));
        return factFindings(directory, canary, attributesInUse(methods));
      };
      add(`Directory (${config.directory.type})`, 'directory', await tried('open the directory', open, readPolicy));
      if (methods.size > 0) add('Rules', 'policy', ruleFindings(ruleBookOf(config), methods));
      add('Ways to verify', 'methods', ways);
    }
    const openMail = () => openNotifier(config, systemClock, () => {});
    const send = async (mail: MailNotifier) => (mailTo ? [await testMail(config, mail, mailTo)] : []);
    add(`Mail (${config.mail.type})`, 'mail', await tried('open the mail sender', openMail, send));
    for (const { title, path, findings } of await phoneSections(config, textTo)) add(title, path, findings);
    for (const [index, section] of config.connectors.entries())
      add(
        `Connected system ${section.id} (${section.type})`,
        `connectors[${index}]`,
        await tried('open the system', async () => (await openSystem(section, systemClock)).connector),
      );
    for (const [index, { id, type }] of config.audit.feeds.entries())
      add(
        `Feed of the audit ${id} (${type})`,
        `audit.feeds[${index}]`,
        await tried('open the feed', async () => ({
          ...openFeedAt(config, index, systemClock),
          close: async () => {},
        })),
      );
    if (policy) {
      add('Policy', 'policy', passwordFindings(config, policy));
      add('Limits', 'limits', lockoutFindings(config, policy));
    }
    const breach = openBreach(config.breach, { clock: systemClock, log: SILENT });
    if (breach) add('Breached passwords', 'breach', await breach.check());
    await breach?.close();
    add('Accepted risks', '', acceptedRisks(config));
    return sections;
  } finally {
    await database?.storage.close();
  }
}

/** Said again and again, as long as the configuration goes against a standard. */
const acceptedRisks = (config: SparekeyConfig): Finding[] =>
  standingNotices(config).map(({ path, says, fix }) => ({
    is: 'warning',
    what: 'what the configuration takes on',
    cause: says,
    fix,
    key: path,
  }));

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

/** Every two rules that no password can satisfy together. */
function passwordFindings(config: SparekeyConfig, theirs: DirectoryPasswordPolicy): Finding[] {
  const { minLength, maxLength, history } = config.policy.password;
  const found = contradictions({ minLength, maxLength, history, contextWords: [] }, theirs);
  const shortest = Math.max(theirs.minLength ?? 0, minLength);
  const longest = Math.min(theirs.maxLength ?? maxLength, maxLength);
  if (found.length === 0)
    return [{ is: 'ok', what: `passwords of ${shortest} to ${longest} characters fit both rules` }];
  return found.map((one): Finding => {
    const ours = one.between.some(({ whose }) => whose === 'ours');
    return {
      is: 'failed',
      what: 'password rules that contradict each other',
      cause: contradictionText(one),
      fix: ours
        ? 'Change policy.password.minLength or maxLength, or the rule of the directory.'
        : 'Change one of the two in the directory.',
      key: 'password.minLength',
    };
  });
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
  const whole = path === '' ? key : `${path}.${key}`;
  return { key: whole, at: loaded.lineOf(whole) };
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
