/**
 * What operators do about people's ways to verify. `sparekey ways clear <username>` takes all of them away, so that the person
 * starts anew; `sparekey ways thaw <username>` allows recovery again after "it wasn't me". The same acts as in the console: in the
 * audit with the reason, told to the person, and with a second person where the account is privileged or protected.
 */
import type { Command } from 'commander';
import { pino } from 'pino';
import { compose } from '../compose.ts';
import { secondNeeded } from '../flow/assisted/acts.ts';
import { holdsNumber } from '../flow/assisted/note.ts';
import { systemClock } from '../kernel/clock.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

interface Options {
  config: string;
  reason: string;
  second?: string;
  ticket?: string;
}

async function run(act: 'clear' | 'thaw', username: string, options: Options): Promise<void> {
  const { reason, second, ticket } = options;
  if (holdsNumber(reason)) throw new Error('--reason holds a number: say which document or who, never its number.');
  const layers = loadOrExit(options.config);
  const { config } = layers;
  const keys = keysOrExit(config.keysFile);
  const sparekey = await compose({ config, layers, keys, clock: systemClock, logger: pino({ level: 'silent' }) });
  try {
    const found = await sparekey.directory.find(username);
    if (found.is !== 'found') throw new Error(found.cause ?? `No account is called ${username}.`);
    const { account } = found;
    const needed = await secondNeeded(sparekey.flow, account);
    if (needed && !second?.trim()) throw new Error(`${needed} Somebody else has to agree: name them with --second.`);
    if (second?.trim().toLowerCase() === account.username.toLowerCase())
      throw new Error('The second person must not be the person whom it is about.');
    const by = { actor: 'system', helper: config.organisation.name, reason, second: second?.trim(), ticket };
    const done = await sparekey.assisted.acts.run(act, account, by);
    if (done.is === 'refused') throw new Error(done.cause);
    const told = done.told.length > 0 ? ` Told: ${done.told.join(', ')}.` : '';
    const says =
      act === 'clear'
        ? `${done.count ?? 0} ways of ${account.username} were taken away.`
        : `${account.username} can recover again.`;
    process.stdout.write(`${says}${told}\n`);
  } finally {
    await sparekey.close();
  }
}

export const waysCommand = (program: Command) => {
  const ways = program.command('ways').description('the ways to verify that people have set up');
  withConfig(ways.command('clear <username>').description('take all of one account away; the person starts anew'))
    .requiredOption('--reason <text>', 'why, and how you made sure who is asking; kept in the audit')
    .option('--second <name>', 'who else agreed; needed for privileged and protected accounts')
    .option('--ticket <number>', 'number in your ticket system')
    .action((username: string, options: Options) => run('clear', username, options));
  withConfig(ways.command('thaw <username>').description('allow recovery again after “it wasn’t me”'))
    .requiredOption('--reason <text>', 'what you found out; kept in the audit')
    .option('--second <name>', 'who else agreed; needed for privileged and protected accounts')
    .option('--ticket <number>', 'number in your ticket system')
    .action((username: string, options: Options) => run('thaw', username, options));
};
