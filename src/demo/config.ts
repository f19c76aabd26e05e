/** The demo's configuration: the defaults of production, with the built-in directory and an inbox instead of a mail server. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { renderProblems } from '../config/problem.ts';
import { registries, type SparekeyConfig } from '../registries.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const EVERYWHERE = ['0.0.0.0', '::'];

export interface DemoPlace {
  folder: string;
  host: string;
  port: number;
}

export function demoConfig({ folder, host, port }: DemoPlace): SparekeyConfig {
  const loaded = loadConfig({
    file: undefined,
    env: {
      SPAREKEY_PUBLIC_URL: `http://localhost:${port}`,
      SPAREKEY_LISTEN_PORT: String(port),
      SPAREKEY_ORGANISATION_NAME: 'Northfield College',
      SPAREKEY_ORGANISATION_TIME_ZONE: Intl.DateTimeFormat().resolvedOptions().timeZone,
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
  const { config } = loaded;
  if (LOOPBACK.includes(host)) return config;
  // Asked for explicitly: made-up people only, so plain http on a network does no harm here. Production refuses it.
  const name = EVERYWHERE.includes(host) ? hostname() : host;
  return { ...config, publicUrl: `http://${name}:${port}`, listen: { ...config.listen, host } };
}
