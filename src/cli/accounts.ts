/**
 * `sparekey accounts add|list`: the people of the built-in directory. A new account gets a random first password, which is
 * shown once and must be changed at the first sign-in (ASVS 6.4.1). Every addition is in the audit.
 */
import { randomInt } from 'node:crypto';
import type { Command } from 'commander';
import { createAudit } from '../audit/index.ts';
import { accountId } from '../kernel/account.ts';
import { argon2Hash, PASSWORD_COST } from '../kernel/argon2.ts';
import { systemClock } from '../kernel/clock.ts';
import { newId } from '../kernel/random.ts';
import { openDatabase } from '../open.ts';
import type { SparekeyConfig } from '../registries.ts';
import * as accounts from '../storage/repositories/builtin-accounts.ts';
import { isLanguage, languages } from '../text/index.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

interface NewPerson {
  username: string;
  name: string;
  mail?: string;
  givenName?: string;
  language?: string;
  group: string[];
  /** `name=value`, several times. */
  attribute: string[];
}

const UNFIT = /[\p{Cc}\p{Cs}\uFFFD]/u;
const ATTRIBUTE = /^([A-Za-z][A-Za-z0-9-]{0,63})=(.*\S.*)$/u;
const ADDRESS = /^[^\s@<>(),;:"\\[\]]{1,64}@[^\s@<>(),;:"\\[\]]{1,189}\.[^\s@<>(),;:"\\[\].]{2,63}$/;

const several = (one: string, before: string[]): string[] => [...before, one];

export const accountsCommand = (program: Command) => {
  const command = program.command('accounts').description('the people of the built-in directory');
  withConfig(command.command('add').description('add an account; prints its first password once'))
    .requiredOption('--username <name>', 'what the person signs in with')
    .requiredOption('--name <full name>', 'for greetings and mails')
    .option('--mail <address>', 'address of the organisation')
    .option('--given-name <name>', 'first name')
    .option('--language <code>', `one of ${languages.map(({ code }) => code).join(', ')}`)
    .option('--group <name>', 'may be given several times', several, [])
    .option('--attribute <name=value>', 'for rules and facts; may be given several times', several, [])
    .action(({ config: file, ...person }: NewPerson & { config: string }) =>
      withDirectory(file, async ({ config, database }) => {
        const problem = problemOf(person) ?? (await takenBy(database.storage, person));
        if (problem) throw new Error(problem);
        const password = await add(config, database, person);
        process.stdout.write(
          `${person.username} was added. First password, shown only now: ${password}\n` +
            'It must be changed at the first sign-in.\n',
        );
      }),
    );
  withConfig(command.command('list').description('everybody, with the state of the account'))
    .option('--json', 'machine-readable result')
    .action(({ config: file, json }: { config: string; json?: boolean }) =>
      withDirectory(file, async ({ database }) => {
        const people = await everybody(database.storage);
        process.stdout.write(json ? `${JSON.stringify(people)}\n` : table(people));
      }),
    );
};

type Database = Awaited<ReturnType<typeof openDatabase>>;

async function withDirectory(
  file: string,
  work: (opened: { config: SparekeyConfig; database: Database }) => Promise<void>,
): Promise<void> {
  const { config } = loadOrExit(file);
  if (config.directory.type !== 'builtin')
    throw new Error(
      `The accounts are in another directory (directory.type is ${config.directory.type}): add and list them there.`,
    );
  const database = await openDatabase({ config, keys: keysOrExit(config.keysFile) });
  try {
    await work({ config, database });
  } finally {
    await database.storage.close();
  }
}

/** A sentence for the first value that can't be used. */
function problemOf({ username, name, mail, givenName, language, group, attribute }: NewPerson): string | undefined {
  for (const [option, value] of Object.entries({ username, name, 'given-name': givenName ?? 'x' })) {
    if (value.trim() === '') return `--${option} is empty.`;
    if (value !== value.trim()) return `--${option} begins or ends with a blank.`;
    if (value.length > 200) return `--${option} is longer than 200 characters.`;
    if (UNFIT.test(value)) return `--${option} holds control characters.`;
  }
  if (group.some((one) => one.trim() === '' || UNFIT.test(one)))
    return 'A --group is empty or holds control characters.';
  const unread = attribute.find((one) => !ATTRIBUTE.test(one) || UNFIT.test(one));
  if (unread !== undefined) return `--attribute ${JSON.stringify(unread)} is not of the form name=value.`;
  if (/\s/.test(username)) return '--username holds a blank; people would mistype it.';
  if (mail !== undefined && !ADDRESS.test(mail)) return `--mail ${JSON.stringify(mail)} is not a mail address.`;
  if (language !== undefined && !isLanguage(language))
    return `--language ${JSON.stringify(language)} is not one of ${languages.map(({ code }) => code).join(', ')}.`;
  return undefined;
}

/** Names and addresses share one field at sign-in, so neither may be what somebody else goes by. */
async function takenBy({ db }: Database['storage'], { username, mail }: NewPerson): Promise<string | undefined> {
  for (const [option, text] of [
    ['username', username],
    ['mail', mail],
  ] as const) {
    if (text === undefined) continue;
    const other = (await accounts.findByUsername(db, text)) ?? (await accounts.findByMail(db, text));
    if (other) return `--${option} ${text} is taken: ${other.username} (${other.displayName}) goes by it.`;
  }
  return undefined;
}

/** One name may be given several times: then it has several values. */
function attributesOf(written: readonly string[]): Record<string, string[]> {
  const pairs = written.map((one) => ATTRIBUTE.exec(one)).flatMap((found) => (found ? [found] : []));
  return Object.fromEntries(
    pairs.map(([, name = '']) => [
      name,
      pairs.filter((pair) => pair[1] === name).map(([, , value = '']) => value.trim()),
    ]),
  );
}

/** Without characters that are easily mistaken for each other. */
const READABLE = 'abcdefghjkmnpqrstuvwxyz23456789';

/** At least 24 characters in groups of four (about 119 bits): passes every length that can be configured. */
function firstPassword(least: number): string {
  const groups = Math.max(6, Math.ceil((least + 1) / 5));
  const group = () => Array.from({ length: 4 }, () => READABLE[randomInt(READABLE.length)]).join('');
  return Array.from({ length: groups }, group).join('-');
}

async function add(config: SparekeyConfig, { storage, keyring }: Database, person: NewPerson): Promise<string> {
  const own = config.directory as Extract<SparekeyConfig['directory'], { minPasswordLength: number }>;
  const password = firstPassword(Math.max(own.minPasswordLength, config.policy.password.minLength));
  const passwordHash = await argon2Hash(password, keyring.derive('builtin-password'), PASSWORD_COST);
  const audit = createAudit({ keyring, clock: systemClock });
  const id = newId();
  await storage.transaction(async (trx) => {
    const added = await accounts.insert(trx, {
      id,
      username: person.username,
      mail: person.mail,
      displayName: person.name,
      givenName: person.givenName,
      language: person.language,
      groups: person.group,
      attributes: attributesOf(person.attribute),
      passwordHash,
      passwordChangedAt: systemClock.now(),
      mustChange: true,
      disabled: false,
      cannotChange: false,
      expiresAt: undefined,
    });
    if (!added) throw new Error(`${person.username} was added by somebody else at the same moment.`);
    await audit.append(trx, {
      event: 'directory.account-added',
      outcome: 'success',
      actor: 'system',
      subject: accountId('builtin', id),
      reason: 'sparekey accounts add',
      detail: { username: person.username },
    });
  });
  return password;
}

interface Listed {
  username: string;
  name: string;
  mail: string;
  language: string;
  groups: string[];
  state: 'ready' | 'must change' | 'locked' | 'ended' | 'disabled' | 'may not change';
}

function stateOf(account: accounts.BuiltinAccount, now: number): Listed['state'] {
  if (account.disabled) return 'disabled';
  if ((account.expiresAt ?? Number.POSITIVE_INFINITY) <= now) return 'ended';
  if ((account.lockedUntil ?? 0) > now) return 'locked';
  if (account.cannotChange) return 'may not change';
  return account.mustChange ? 'must change' : 'ready';
}

async function everybody({ db }: Database['storage']): Promise<Listed[]> {
  const people: Listed[] = [];
  const now = systemClock.now();
  for (
    let page = await accounts.page(db);
    page.length > 0;
    page = await accounts.page(db, { after: page.at(-1)?.id ?? '' })
  )
    for (const account of page)
      people.push({
        username: account.username,
        name: account.displayName,
        mail: account.mail ?? '',
        language: account.language ?? '',
        groups: account.groups,
        state: stateOf(account, now),
      });
  return people.sort((a, b) => a.username.localeCompare(b.username));
}

function table(people: readonly Listed[]): string {
  const rows = [
    ['USERNAME', 'NAME', 'MAIL', 'STATE', 'GROUPS'],
    ...people.map(({ username, name, mail, state, groups }) => [username, name, mail, state, groups.join(', ')]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}
