/** The command line: one file a command. */
import { Command } from 'commander';
import { accountsCommand } from './accounts.ts';
import { auditCommand } from './audit.ts';
import { backupCommand } from './backup.ts';
import { breachCommand } from './breach.ts';
import { checkCommand } from './check.ts';
import { configCommand } from './config.ts';
import { connectorsCommand } from './connectors.ts';
import { consoleCommand } from './console.ts';
import { helperPassCommand } from './helper-pass.ts';
import { incidentsCommand } from './incidents.ts';
import { keysCommand } from './keys.ts';
import { migrateCommand } from './migrate.ts';
import { migrateEngineCommand } from './migrate-engine.ts';
import { readinessCommand } from './readiness.ts';
import { reportsCommand } from './reports.ts';
import { restoreCommand } from './restore.ts';
import { rolloutCommand } from './rollout.ts';
import { serveCommand } from './serve.ts';
import { startCommand } from './start.ts';
import { waysCommand } from './ways.ts';

export async function runCli(argv: readonly string[]): Promise<void> {
  const program = new Command('sparekey')
    .description('Self-service password reset, next to the directory you already have.')
    .showHelpAfterError();
  for (const command of [
    startCommand,
    serveCommand,
    checkCommand,
    migrateCommand,
    migrateEngineCommand,
    backupCommand,
    restoreCommand,
    keysCommand,
    auditCommand,
    accountsCommand,
    waysCommand,
    incidentsCommand,
    readinessCommand,
    rolloutCommand,
    reportsCommand,
    consoleCommand,
    helperPassCommand,
    connectorsCommand,
    breachCommand,
    configCommand,
  ])
    command(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    // Operators get the sentence; the stack is for bugs only.
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env['SPAREKEY_DEBUG']) process.stderr.write(`${error instanceof Error ? error.stack : ''}\n`);
    process.exitCode = 1;
  }
}
