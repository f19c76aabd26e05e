/** `sparekey start` (`npm start`): the demo. Built-in directory, seeded people, an inbox on a page; loopback only unless asked. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { destination, pino } from 'pino';
import { compose } from '../compose.ts';
import { demoLayers } from '../demo/config.ts';
import { systemClock } from '../kernel/clock.ts';
import { runServer } from './run-server.ts';
import { keysOrExit } from './setting.ts';

interface Options {
  port: number;
  host: string;
  data: string;
}

export const startCommand = (program: Command) =>
  program
    .command('start')
    .description('try Sparekey: a demo with made-up people, nothing leaves this computer')
    .option('-p, --port <port>', 'port to listen on', portOf, 8080)
    .option('--host <address>', 'address to listen on; anything but loopback shows the demo to others', '127.0.0.1')
    .option('--data <folder>', 'where the demo keeps its database and keys', 'data')
    .action(async ({ port, host, data }: Options) => {
      const folder = resolve(data);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const layers = demoLayers({ folder, host, port });
      const { config } = layers;
      const logger = pino(
        { level: 'info' },
        destination({ dest: join(folder, 'demo.log'), mode: 0o600, append: true }),
      );
      const keys = keysOrExit(config.keysFile);
      const sparekey = await compose({ config, layers, keys, clock: systemClock, logger, demo: true });
      await runServer(sparekey, config.listen);
      const since = Number(process.env['SPAREKEY_STARTED_AT'] ?? Date.now() - process.uptime() * 1_000);
      process.stdout.write(`${welcome(config.publicUrl, (Date.now() - since) / 1_000)}\n`);
    });

const portOf = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new InvalidArgumentError('A port is 1 to 65535.');
  return port;
};

const welcome = (url: string, seconds: number): string =>
  [
    `Sparekey demo: ${url} (ready in ${seconds.toFixed(1)} s; made-up people, no mail leaves this computer)`,
    `  1. Forgot a password: open ${url}, type "amina", choose "Email me a code".`,
    `  2. Read the code in the inbox: ${url}/demo/inbox (texts and calls: ${url}/demo/phone)`,
    `  3. Second check: the code of amina's app is on ${url}/demo/app; ${url}/demo says how to try every other way.`,
    `  4. Set up your own ways back in: ${url}/sign-in as "dmitri", password "orange tram to the lake".`,
    '  5. Stop with Ctrl-C; delete the folder "data" to start afresh.',
  ].join('\n');
