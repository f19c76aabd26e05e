/**
 * `sparekey breach build|check|verify`: the corpus file of known-breached passwords. A build that can't be finished leaves
 * the old file as it was and says why.
 */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type BreachAnswer, type BreachConfig, type BreachLog, openBreach } from '../breach/breach.ts';
import { type BuildOptions, type Built, buildCorpus } from '../breach/build.ts';
import { openCorpusFile } from '../breach/corpus-file.ts';
import { HASH_NAME, type HashKind } from '../breach/hash-kind.ts';
import { systemClock } from '../kernel/clock.ts';
import { hiddenLine } from './hidden-line.ts';
import { createProgressView } from './progress.ts';
import { loadOrExit, withConfig } from './setting.ts';

interface BuildFlags {
  out: string;
  exact?: boolean;
  counts?: boolean;
  kind?: HashKind;
  partial?: boolean;
  json?: boolean;
}

interface FileFlags {
  config: string;
  file?: string;
  json?: boolean;
}

const FILE = ['--file <file>', 'corpus file; otherwise what the configuration names'] as const;
const JSON_FLAG = ['--json', 'machine-readable result'] as const;

export const breachCommand = (program: Command) => {
  const command = program.command('breach').description('known-breached passwords');
  command
    .command('build')
    .description('make a corpus file from downloads of Pwned Passwords (plain or gzip)')
    .argument('<sources...>', 'text files ordered by hash, or folders of per-prefix files such as 21BD1.txt')
    .requiredOption('--out <file>', 'corpus file; an old one stays in use until the new one is whole')
    .option('--exact', 'keep the hashes themselves instead of a filter: ten times the size, no false alarms')
    .option('--counts', 'with --exact: also keep how often each was seen')
    .addOption(new Option('--kind <hash>', 'the hash; otherwise the first line tells').choices(['sha1', 'ntlm']))
    .option('--partial', 'the sources are a part on purpose: holes are no error')
    .option(...JSON_FLAG)
    .action((sources: string[], flags: BuildFlags) => build(sources, flags));
  withConfig(command.command('check').description('ask whether a password is breached (typed unseen, or piped in)'))
    .option(...FILE)
    .option(...JSON_FLAG)
    .addHelpText('after', '\nEnds with 0 when it is not known, 1 when it is breached, 2 when nothing could answer.')
    .action((flags: FileFlags) => check(flags));
  withConfig(command.command('verify').description('read a whole corpus file and check every checksum'))
    .option(...FILE)
    .option(...JSON_FLAG)
    .action((flags: FileFlags) => verify(flags));
};

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const number = (value: number): string => value.toLocaleString('en');

async function build(sources: string[], flags: BuildFlags): Promise<void> {
  const { out, exact = false, counts = false, partial = false, kind, json } = flags;
  const options: BuildOptions = {
    sources: sources.map((source) => resolve(source)),
    out: resolve(out),
    layout: exact ? 'exact' : 'filter',
    counts,
    partial,
    ...(kind ? { kind } : {}),
  };
  const view = createProgressView('hashes', systemClock);
  const built = await buildCorpus(options, {
    clock: systemClock,
    newSalt: () => randomInt(2 ** 32),
    progress: ({ share, hashes }) => view.show(share, hashes),
    resumed: (hashes) => {
      process.stderr.write(`Going on with an earlier build, which had finished ${number(hashes)} hashes.\n`);
    },
  });
  view.end();
  if (json) say(JSON.stringify(built));
  else tellBuilt(built, options);
  if (built.is === 'refused') process.exitCode = 1;
}

function tellBuilt(built: Built, { out, layout }: BuildOptions): void {
  if (built.is === 'refused') {
    process.stderr.write(`${built.cause}\n${built.fix ? `${built.fix}\n` : ''}`);
    return;
  }
  const { entries, kind, bytes } = built;
  const each = ((bytes * 8) / entries).toFixed(2);
  const certainty = layout === 'filter' ? 'about 1 in 1,024 good passwords is refused by mistake' : 'no false alarms';
  say(
    `${out}: ${number(entries)} ${HASH_NAME[kind]} hashes in ${number(bytes)} bytes (${each} bits each; ${certainty}).`,
  );
  say('Running servers that have it as breach.file use it from now on.');
}

/** Commands print what they find; nothing else. */
export const SILENT: BreachLog = { info() {}, warn() {}, error() {} };

/** What is asked: the file that was named, or the section of the configuration. */
function sectionOf({ config: path, file }: FileFlags): BreachConfig {
  if (file === undefined) return loadOrExit(path).config.breach;
  return { file: resolve(file), online: { enabled: false, url: '', timeout: 0 }, whenUnavailable: 'accept' };
}

const EXIT = { clean: 0, breached: 1, unavailable: 2 } as const;

function sentence(answer: BreachAnswer): string {
  if (answer.is === 'unavailable') return `It could not be looked up. ${answer.cause}`;
  if (answer.is === 'clean') return 'It is not among the known-breached passwords.';
  const seen = answer.count ? ` (seen ${number(answer.count)} times)` : '';
  return `Breached: this password is in known leaks${seen}.`;
}

async function check(flags: FileFlags): Promise<void> {
  const breach = openBreach(sectionOf(flags), { clock: systemClock, log: SILENT });
  if (!breach) throw new Error('Nothing to ask: set breach.file or breach.online.enabled, or name a file with --file.');
  try {
    const password = await hiddenLine('Password: ');
    if (password === undefined || password.reveal() === '') throw new Error('No password was given.');
    const answer = await breach.lookUp(password);
    say(flags.json ? JSON.stringify(answer) : sentence(answer));
    process.exitCode = EXIT[answer.is];
  } finally {
    await breach.close();
  }
}

function verify(flags: FileFlags): void {
  const { file: path } = sectionOf(flags);
  if (path === undefined) throw new Error('No corpus file: set breach.file, or name one with --file.');
  const opened = openCorpusFile(path);
  const view = createProgressView('pages', systemClock);
  const faults = opened.is === 'opened' ? opened.file.verify((done, of) => view.show(done / of, done)) : [opened.cause];
  view.end();
  const header = opened.is === 'opened' ? opened.file.header : undefined;
  if (opened.is === 'opened') opened.file.close();
  const good = faults.length === 0;
  if (flags.json) say(JSON.stringify({ ok: good, file: path, faults, ...header }));
  else {
    for (const fault of faults) say(fault);
    const told = header ? `${number(header.entries)} ${HASH_NAME[header.kind]} hashes (${header.layout}), ` : '';
    say(`${path}: ${told}${good ? 'every checksum fits.' : 'DAMAGED. Build it anew.'}`);
  }
  process.exitCode = good ? 0 : 1;
}
