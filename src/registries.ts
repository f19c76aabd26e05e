/** Everything that can be chosen in the configuration, for the schema, the docs and the start. */
import type { Config } from './config/schema.ts';
import { connectors } from './connectors/index.ts';
import { directories } from './directory/index.ts';
import { methodPlugins } from './methods/index.ts';
import { mailNotifiers, textNotifiers, voiceNotifiers } from './notify/index.ts';
import { languages, wordingFault } from './text/index.ts';

export const registries = {
  directories,
  notifiers: mailNotifiers,
  textNotifiers,
  voiceNotifiers,
  connectors,
  methods: methodPlugins,
  languages: languages.map(({ code }) => code),
  wordingFault,
};

export type SparekeyConfig = Config<
  typeof directories,
  typeof mailNotifiers,
  typeof methodPlugins,
  typeof textNotifiers,
  typeof voiceNotifiers,
  typeof connectors
>;
