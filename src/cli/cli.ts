/**
 * The command line: one file a command, read only when it is asked for, so that a command that needs little starts at once.
 */
import { Command } from 'commander';

type Define = (program: Command) => void;

/** By its first word, in the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Define>>> = {
  start: async () => (await import('./start.ts')).startCommand,
  serve: async () => (await import('./serve.ts')).serveCommand,
  check: async () => (await import('./check.ts')).checkCommand,
  migrate: async () => (await import('./migrate.ts')).migrateCommand,
  'migrate-engine': async () => (await import('./migrate-engine.ts')).migrateEngineCommand,
  backup: async () => (await import('./backup.ts')).backupCommand,
  restore: async () => (await import('./restore.ts')).restoreCommand,
  keys: async () => (await import('./keys.ts')).keysCommand,
  audit: async () => (await import('./audit.ts')).auditCommand,
  accounts: async () => (await import('./accounts.ts')).accountsCommand,
  ways: async () => (await import('./ways.ts')).waysCommand,
  incidents: async () => (await import('./incidents.ts')).incidentsCommand,
  readiness: async () => (await import('./readiness.ts')).readinessCommand,
  rollout: async () => (await import('./rollout.ts')).rolloutCommand,
  reports: async () => (await import('./reports.ts')).reportsCommand,
  settings: async () => (await import('./settings.ts')).settingsCommand,
  privacy: async () => (await import('./privacy.ts')).privacyCommand,
  tokens: async () => (await import('./tokens.ts')).tokensCommand,
  api: async () => (await import('./tokens.ts')).apiCommand,
  console: async () => (await import('./console.ts')).consoleCommand,
  'helper-pass': async () => (await import('./helper-pass.ts')).helperPassCommand,
  connectors: async () => (await import('./connectors.ts')).connectorsCommand,
  breach: async () => (await import('./breach.ts')).breachCommand,
  config: async () => (await import('./config.ts')).configCommand,
};

/** The file of `rules` is that of `readiness`. */
const ELSEWHERE: Readonly<Record<string, string>> = { rules: 'readiness' };

/** Those that may be meant: one, or all of them where help is asked for or nothing fits. */
function meant(argv: readonly string[]): (() => Promise<Define>)[] {
  const first = argv[2] ?? '';
  const name = ELSEWHERE[first] ?? first;
  const one = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return one ? [one] : Object.values(COMMANDS);
}

export async function runCli(argv: readonly string[]): Promise<void> {
  const program = new Command('sparekey')
    .description('Self-service password reset, next to the directory you already have.')
    .showHelpAfterError();
  for (const load of meant(argv)) (await load())(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    // Operators get the sentence; the stack is for bugs only.
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env['SPAREKEY_DEBUG']) process.stderr.write(`${error instanceof Error ? error.stack : ''}\n`);
    process.exitCode = 1;
  }
}
