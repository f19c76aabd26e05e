/** The configuration that counts: file and environment over the version of the settings that is in force. */
import type { Layers } from './config/load.ts';
import type { registries, SparekeyConfig } from './registries.ts';
import { effective, type Ignored } from './settings/effective.ts';
import * as versions from './storage/repositories/settings-versions.ts';
import type { Storage } from './storage/storage.ts';

/** What file and environment say, as the command line loaded it. */
export type SparekeyLayers = Layers<typeof registries>;

export interface InForce {
  config: SparekeyConfig;
  /** Version of the settings; 0: none. */
  number: number;
  ignored: readonly Ignored[];
}

export async function settingsInForce(layers: SparekeyLayers, { db }: Pick<Storage, 'db'>): Promise<InForce> {
  const number = await versions.currentNumber(db);
  const values = number === 0 ? {} : ((await versions.find(db, number))?.values ?? {});
  const { loaded, ignored } = effective(layers, { number, values });
  return { config: loaded.config, number, ignored };
}
