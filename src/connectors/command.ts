/**
 * A program on this machine. The password goes to its standard input and nowhere else: no shell, no argument, no environment,
 * no log. Its exit status is its answer (sysexits.h): 0 done, 67 no account there, 75 later, anything else no.
 */
import { definePlugin, type Finding } from '../kernel/plugin.ts';
import { type CommandConfig, commandConfig, type Placeholder } from './command/settings.ts';
import type { Attempt, Connector, ConnectorPorts, Delivered, Order, Person } from './connector.ts';
import { type Ended, runProgram } from './process/run-program.ts';
import { distrust } from './process/trusted-file.ts';

export type { CommandConfig } from './command/settings.ts';

const NO_USER = 67;
const TRY_LATER = 75;
const LONGEST_CAUSE = 200;

/** Its own words, in one line, cut, and gone altogether where they repeat the password. */
function wordsOf(text: string, order: Order): string {
  const secret = order.is === 'password' ? order.password.reveal() : undefined;
  if (secret !== undefined && (text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1))))
    return ' It printed the password, so its words are not repeated here.';
  const line = text.replace(/\p{Cc}+/gu, ' ').trim();
  return line === '' ? '' : ` It said: ${line.slice(0, LONGEST_CAUSE)}`;
}

function judge(ended: Ended, order: Order): Delivered {
  if (ended.is === 'late') return { is: 'retry', whole: false, cause: 'timeout: It was killed at the time limit.' };
  if (ended.is === 'not-started')
    return { is: 'retry', whole: true, cause: `file: It could not be started (${ended.cause}).` };
  const { code, stdout, stderr } = ended;
  const words = wordsOf(stderr.trim() === '' ? stdout : stderr, order);
  if (code === 0) return { is: 'delivered' };
  if (code === NO_USER) return { is: 'no-account' };
  if (code === TRY_LATER) return { is: 'retry', whole: false, cause: `It asked for later (75).${words}` };
  if (code === null) return { is: 'retry', whole: false, cause: `It was ended by a signal.${words}` };
  return {
    is: 'rejected',
    cause: `It ended with ${code}.${words}`,
    hint: 'Only 0, 67 (no such account) and 75 (later) mean something else than no.',
  };
}

function openCommand(config: CommandConfig, _ports: ConnectorPorts): Connector {
  const { file, cwd, timeout } = config;
  const env = {
    ...config.environment,
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
  };
  const listed = new Set(config.protected.map((link) => link.toLowerCase()));

  function inputOf({ link, username, displayName, mail }: Person, order: Order, { idempotencyKey, number }: Attempt) {
    const password = order.is === 'password' ? order.password.reveal() : undefined;
    if (config.input === 'line') return password === undefined ? '' : `${password}\n`;
    const rest = order.is === 'password' ? { password, mustChange: order.mustChange } : {};
    const person = { link, username, displayName, mail };
    return `${JSON.stringify({ order: order.is, id: idempotencyKey, attempt: number, ...person, ...rest })}\n`;
  }

  function argsOf({ link, username }: Person, order: Order, { idempotencyKey, number }: Attempt): string[] {
    const values: Record<Placeholder, string> = {
      link,
      username,
      order: order.is,
      id: idempotencyKey,
      attempt: String(number),
    };
    // In one pass: what a value holds is no placeholder.
    return config.args.map((arg) =>
      arg.replace(/\{(link|username|order|id|attempt)\}/g, (_, name) => values[name as Placeholder]),
    );
  }

  return {
    can: {
      unlock: config.orders.includes('unlock'),
      mustChange: config.orders.includes('must-change'),
      find: false,
      verify: false,
    },
    find: async ({ link }) => ({ is: 'found', name: link }),
    async deliver(person, order, attempt): Promise<Delivered> {
      const { link } = person;
      if (listed.has(link.toLowerCase())) return { is: 'rejected', cause: `${link} is listed as protected.` };
      const args = argsOf(person, order, attempt);
      // An argument can't hold NUL, and a link must not become an option of the program.
      if (args.some((arg) => arg.includes('\0')) || /^-/.test(link) || /^-/.test(person.username))
        return { is: 'rejected', cause: 'The link begins with - or holds NUL; a program could take it for an option.' };
      if (config.input === 'line' && order.is === 'password' && /[\r\n]/.test(order.password.reveal()))
        return { is: 'rejected', cause: 'The password has a line break.', hint: 'input: json can carry it.' };
      const doubt = await distrust(file);
      if (doubt !== undefined) return { is: 'retry', whole: true, cause: `file: ${doubt}` };
      return judge(await runProgram({ file, args, env, cwd, timeout, stdin: inputOf(person, order, attempt) }), order);
    },
    async check(): Promise<Finding[]> {
      const what = `the program ${file}`;
      const doubt = await distrust(file);
      const fix = `chown root: ${file}; chmod 755 ${file}; the same for the folders above it.`;
      return [doubt === undefined ? { is: 'ok', what } : { is: 'failed', what, cause: doubt, fix, key: 'file' }];
    },
    async close() {},
  };
}

export const command = definePlugin({
  id: 'command',
  summary: 'A program on this machine, with the password on its standard input.',
  configSchema: commandConfig,
  open: openCommand,
});
