/**
 * The schema of the whole `sparekey.yaml`: the one source of validation, defaults, docs, JSON Schema and types.
 * Sections of plug-ins are handed in by whoever knows the registries, because config imports no plug-in.
 */
import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { asNode, type SchemaNode } from './kinds.ts';
import * as sections from './sections.ts';

/** What is needed of a plug-in here. */
export interface ConfigurablePlugin {
  readonly id: string;
  readonly summary: string;
  readonly configSchema: TObject;
}
export type PluginRegistry = readonly ConfigurablePlugin[] | Readonly<Record<string, ConfigurablePlugin>>;

export interface Registries<D extends PluginRegistry = PluginRegistry, N extends PluginRegistry = PluginRegistry> {
  directories: D;
  /** Senders of mail. */
  notifiers: N;
  /** Ids of the ways to verify. */
  methods: readonly string[];
  /** Languages that have a catalogue; empty: not checked. */
  languages: readonly string[];
}

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

const core = (methods: readonly string[], languages: readonly string[]) => ({
  publicUrl: sections.publicUrl,
  listen: sections.listen,
  organisation: sections.organisation,
  language: sections.languageSection(languages),
  storage: sections.storage,
  keysFile: sections.keysFile,
  policy: sections.policySection(methods),
  limits: sections.limits,
  lifetimes: sections.lifetimes,
  responseFloor: sections.responseFloor,
  log: sections.log,
});

type Core = { [Key in keyof ReturnType<typeof core>]: Static<ReturnType<typeof core>[Key]> };

/** The parsed configuration: durations in milliseconds, paths absolute, defaults filled in. */
export type Config<D extends PluginRegistry = PluginRegistry, N extends PluginRegistry = PluginRegistry> = Core & {
  directory: PluginChoice<D>;
  mail: PluginChoice<N> & { from: string };
};

export function buildSchema({ directories, notifiers, methods, languages }: Registries): SchemaNode {
  const { publicUrl, listen, organisation, language, ...rest } = core(methods, languages);
  return asNode(
    Type.Object(
      {
        publicUrl,
        listen,
        organisation,
        language,
        directory: choice(directories, {}, 'The directory that holds the accounts.'),
        mail: choice(notifiers, { from: MAIL_FROM }, 'How mails leave.'),
        ...rest,
      },
      { additionalProperties: false, title: 'sparekey.yaml', description: 'Configuration of Sparekey.' },
    ),
  );
}
