/** `sparekey serve`: a node in production. */
import type { Command } from 'commander';
import { pino } from 'pino';
import { compose } from '../compose.ts';
import { systemClock } from '../kernel/clock.ts';
import { runServer } from './run-server.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

export const serveCommand = (program: Command) =>
  withConfig(program.command('serve').description('run a node')).action(
    async ({ config: file }: { config: string }) => {
      const layers = loadOrExit(file);
      const { config } = layers;
      if (config.mail.type === 'demo-inbox')
        throw new Error('mail.type demo-inbox sends nothing; it is for `npm start` only.');
      const logger = pino({ level: config.log.level });
      const sparekey = await compose({ config, layers, keys: keysOrExit(config.keysFile), clock: systemClock, logger });
      await runServer(sparekey, config.listen);
      logger.info({ url: config.publicUrl }, 'Sparekey is ready.');
    },
  );
