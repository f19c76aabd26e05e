/** The demo's configuration: the defaults of production, with the built-in directory and an inbox instead of a mail server. */
import { join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { renderProblems } from '../config/problem.ts';
import { registries, type SparekeyConfig } from '../registries.ts';

export function demoConfig({ folder, host, port }: { folder: string; host: string; port: number }): SparekeyConfig {
  const name = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host) ? 'localhost' : host;
  const loaded = loadConfig({
    file: undefined,
    env: {
      SPAREKEY_PUBLIC_URL: `http://${name}:${port}`,
      SPAREKEY_LISTEN_HOST: host,
      SPAREKEY_LISTEN_PORT: String(port),
      SPAREKEY_ORGANISATION_NAME: 'Northfield College',
      SPAREKEY_ORGANISATION_HELP_TEXT: 'IT help desk, room 12',
      SPAREKEY_ORGANISATION_HELP_PHONE: '555 0100',
      SPAREKEY_ORGANISATION_HELP_HOURS: 'Mon–Fri 8–17',
      SPAREKEY_DIRECTORY_TYPE: 'builtin',
      SPAREKEY_DIRECTORY_PROTECTED_GROUPS: 'administrators',
      SPAREKEY_MAIL_TYPE: 'demo-inbox',
      SPAREKEY_MAIL_FROM: 'IT Northfield <it@northfield.example>',
      SPAREKEY_STORAGE_ENGINE: 'sqlite',
      SPAREKEY_STORAGE_FILE: join(folder, 'sparekey.sqlite'),
      SPAREKEY_KEYS_FILE: join(folder, 'keys.json'),
    },
    registries,
  });
  if (loaded.is === 'invalid') throw new Error(renderProblems(loaded.problems));
  return loaded.config;
}
