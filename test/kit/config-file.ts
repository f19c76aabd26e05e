/** Writes a real `sparekey.yaml` for tests: high limits, no response floor, everything else as shipped unless told. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

export interface Settings {
  publicUrl: string;
  port?: number;
  directory: Record<string, unknown>;
  mail: Record<string, unknown>;
  storage?: Record<string, unknown>;
  /** Takes the place of whole sections. */
  more?: Record<string, unknown>;
}

const LIMITS = {
  starts: { perIdentifierPerHour: 100, perIpPerHour: 10_000 },
  sends: { perAccountPerHour: 50, perAccountPerDay: 200, perDestinationPerHour: 50 },
};

/** @returns the path of the file. */
export function writeConfig(folder: string, { publicUrl, port, directory, mail, storage, more }: Settings): string {
  const file = join(folder, 'sparekey.yaml');
  const config = {
    publicUrl,
    ...(port === undefined ? {} : { listen: { port } }),
    organisation: { name: 'Northfield College', help: { phone: '555 0100' } },
    directory,
    mail: { from: 'IT Northfield <it@northfield.example>', ...mail },
    storage: storage ?? { engine: 'sqlite', file: 'sparekey.sqlite' },
    keysFile: 'keys.json',
    responseFloor: { milliseconds: 0, jitter: 0 },
    limits: LIMITS,
    // Dozens of people from one machine within minutes: to a house that looks for risk, every test is an attack.
    policy: { risk: { enabled: false } },
    ...more,
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}

/** The `mail` section for a test SMTP server. */
export const smtpSection = (
  smtp: { host: string; port: number; caFile: string },
  auth?: { user: string; pass: string },
): Record<string, unknown> => ({
  type: 'smtp',
  host: smtp.host,
  port: smtp.port,
  caFile: smtp.caFile,
  ...(auth ? { username: auth.user, password: auth.pass } : {}),
});
