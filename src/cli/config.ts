/** `sparekey config explain [key]`: every setting with its value, where it comes from and what it means. Secrets are masked. */
import type { Command } from 'commander';
import { explainConfig, renderExplanation } from '../config/explain.ts';
import { loadOrExit, withConfig } from './setting.ts';

export const configCommand = (program: Command) => {
  const config = program.command('config').description('the configuration');
  withConfig(config.command('explain [key]').description('value, origin and meaning of a setting, or of all')).action(
    (key: string | undefined, { config: file }: { config: string }) => {
      const explained = explainConfig(loadOrExit(file), key);
      if (explained.is === 'explained') {
        for (const one of explained.entries) process.stdout.write(`${renderExplanation(one)}\n`);
        return;
      }
      process.stderr.write(`There is no setting ${key}.${explained.near ? ` Did you mean ${explained.near}?` : ''}\n`);
      process.exitCode = 1;
    },
  );
};
