/**
 * The schema of the whole `sparekey.yaml`: the one source of validation, defaults, docs, JSON Schema and types.
 * Sections of plug-ins are handed in by whoever knows the registries, because config imports no plug-in.
 */
import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { apiSection } from './api-section.ts';
import { auditSection } from './audit-section.ts';
import { consoleSection } from './console-section.ts';
import { asNode, type SchemaNode } from './kinds.ts';
import { privacySection } from './privacy-section.ts';
import { readinessSection } from './readiness-section.ts';
import { reportsSection } from './reports-section.ts';
import { rolloutSection } from './rollout-section.ts';
import * as sections from './sections.ts';
import { wordingSection } from './wording-section.ts';

/** What is needed of a plug-in here. */
export interface ConfigurablePlugin {
  readonly id: string;
  readonly summary: string;
  readonly configSchema: TObject;
}
export type PluginRegistry = readonly ConfigurablePlugin[] | Readonly<Record<string, ConfigurablePlugin>>;

export interface Registries<
  D extends PluginRegistry = PluginRegistry,
  N extends PluginRegistry = PluginRegistry,
  M extends MethodRegistry = MethodRegistry,
  T extends PluginRegistry = PluginRegistry,
  V extends PluginRegistry = PluginRegistry,
  C extends PluginRegistry = PluginRegistry,
> {
  directories: D;
  /** Senders of mail. */
  notifiers: N;
  /** Ways to verify. */
  methods: M;
  /** Senders of text messages, and of calls. */
  textNotifiers: T;
  voiceNotifiers: V;
  /** Connected systems. */
  connectors: C;
  /** Languages that have a catalogue; empty: not checked. */
  languages: readonly string[];
  /** What is wrong with a text that stands in place of ours, as a sentence without its key. */
  wordingFault?(language: string, key: string, text: string): string | undefined;
}

export type MethodRegistry = Readonly<Record<string, ConfigurablePlugin>>;

type ChoiceOf<P> = P extends ConfigurablePlugin ? { type: string } & Static<P['configSchema']> : never;

/** The chosen plug-in's own configuration, told apart by `type`. */
export type PluginChoice<R extends PluginRegistry> = R extends readonly ConfigurablePlugin[]
  ? ChoiceOf<R[number]>
  : { [Type in keyof R & string]: { type: Type } & ChoiceOf<R[Type]> }[keyof R & string];

const MAIL_FROM = Type.String({
  minLength: 3,
  maxLength: 320,
  description: 'Sender of all mails, as address or with a name.',
  examples: ['Example IT <it@example.org>'],
});

function choice(registry: PluginRegistry, shared: Record<string, TSchema>, description: string): TSchema {
  const branches = Object.values(registry).map(({ id, summary, configSchema }: ConfigurablePlugin) =>
    Type.Object(
      { type: Type.Literal(id, { description: summary }), ...shared, ...configSchema.properties },
      { title: id, description: summary, additionalProperties: false },
    ),
  );
  return Type.Union(branches, { description });
}

function methodsSection(methods: MethodRegistry): TSchema {
  const own = Object.entries(methods).map(([id, { summary, configSchema }]) => [
    id,
    Type.Object({ ...configSchema.properties }, { additionalProperties: false, description: summary }),
  ]);
  return Type.Object(Object.fromEntries(own) as Record<string, TObject>, {
    additionalProperties: false,
    description: 'Settings of the ways to verify; policy says which of them are used.',
  });
}

const sendersSection = (textNotifiers: PluginRegistry) =>
  Type.Object(
    {
      senders: Type.Array(choice(textNotifiers, {}, 'How text messages leave.'), {
        default: [],
        description: 'Senders of text messages, the preferred one first; the next one takes over when it fails.',
      }),
      ...sections.phoneCosts,
    },
    { additionalProperties: false, description: 'Text messages: they cost money, so they are limited.' },
  );

const core = (methods: readonly string[], languages: readonly string[]) => ({
  publicUrl: sections.publicUrl,
  listen: sections.listen,
  organisation: sections.organisation,
  language: sections.languageSection(languages),
  storage: sections.storage,
  keysFile: sections.keysFile,
  policy: sections.policySection(methods),
  wording: wordingSection(languages),
  console: consoleSection,
  readiness: readinessSection,
  api: apiSection,
  reports: reportsSection,
  rollout: rolloutSection,
  audit: auditSection,
  privacy: privacySection,
  breach: sections.breach,
  limits: sections.limits,
  lifetimes: sections.lifetimes,
  responseFloor: sections.responseFloor,
  log: sections.log,
});

type Core = { [Key in keyof ReturnType<typeof core>]: Static<ReturnType<typeof core>[Key]> };

/** The parsed configuration: durations in milliseconds, paths absolute, defaults filled in. */
export type Config<
  D extends PluginRegistry = PluginRegistry,
  N extends PluginRegistry = PluginRegistry,
  M extends MethodRegistry = MethodRegistry,
  T extends PluginRegistry = PluginRegistry,
  V extends PluginRegistry = PluginRegistry,
  C extends PluginRegistry = PluginRegistry,
> = Core & {
  directory: PluginChoice<D>;
  mail: PluginChoice<N> & { from: string };
  methods: { [Id in keyof M]: Static<M[Id]['configSchema']> };
  texts: Static<TObject<typeof sections.phoneCosts>> & { senders: PluginChoice<T>[] };
  calls?: PluginChoice<V>;
  connectors: (PluginChoice<C> & Static<TObject<typeof sections.connected>>)[];
};

export function buildSchema({
  directories,
  notifiers,
  methods,
  languages,
  textNotifiers,
  voiceNotifiers,
  connectors,
}: Registries): SchemaNode {
  const { publicUrl, listen, organisation, language, ...rest } = core(Object.keys(methods), languages);
  return asNode(
    Type.Object(
      {
        publicUrl,
        listen,
        organisation,
        language,
        directory: choice(directories, {}, 'The directory that holds the accounts.'),
        mail: choice(notifiers, { from: MAIL_FROM }, 'How mails leave.'),
        texts: sendersSection(textNotifiers),
        calls: Type.Optional(choice(voiceNotifiers, {}, 'How calls are placed.')),
        connectors: Type.Array(choice(connectors, sections.connected, 'A connected system.'), {
          default: [],
          description: 'Systems beside the directory that get every new password, too.',
        }),
        methods: methodsSection(methods),
        ...rest,
      },
      { additionalProperties: false, title: 'sparekey.yaml', description: 'Configuration of Sparekey.' },
    ),
  );
}
