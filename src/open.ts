/**
 * Opens what a configuration names: database, directory, mail sender, ways to verify. Nothing is started or wired here;
 * the command line uses single parts of it.
 */
import { createKeysReader } from './config/keys-reader.ts';
import { attributesOfSystems, groupsOfSystems, openSystems } from './connected-systems.ts';
import type { Directory } from './directory/directory.ts';
import { directories } from './directory/index.ts';
import { type Clock, systemClock } from './kernel/clock.ts';
import { createKeyring, type Keyring, type RootKey } from './kernel/keyring.ts';
import { createKnownPeople } from './known-people.ts';
import { createMailServers, type MxResolver, systemResolver } from './mail-servers.ts';
import { type MethodId, methodPlugins } from './methods/index.ts';
import type { MethodPorts, VerificationMethod } from './methods/method.ts';
import type { CallbackPorts } from './notify/deliveries.ts';
import { createDemoInbox, type KeptMessage } from './notify/demo-inbox.ts';
import { mailNotifiers } from './notify/index.ts';
import type { MailNotifier } from './notify/notifier.ts';
import { openPhones } from './phones.ts';
import { attributesOf, groupsOf } from './policy/rules.ts';
import type { SparekeyConfig } from './registries.ts';
import { groupsOfPhases } from './rollout/phases.ts';
import { attributesInUse, methodsInUse, ruleBookOf } from './rule-book.ts';
import { type InForce, type SparekeyLayers, settingsInForce } from './settings-in-force.ts';
import { attributesOfRoles, groupsOfRoles } from './staff/roles.ts';
import { type OpenOptions, openStorage } from './storage/index.ts';
import * as builtinAccounts from './storage/repositories/builtin-accounts.ts';
import { createDeliveries } from './storage/repositories/deliveries.ts';
import { claimKeys } from './storage/repositories/key-check.ts';
import { createTickets } from './storage/repositories/tickets.ts';
import type { Storage } from './storage/storage.ts';
import { createTranslator, languages, type TextKey } from './text/index.ts';

export interface OpenInput {
  /** Of file and environment. */
  config: SparekeyConfig;
  /** Where it came from: what is stored lies beneath. Absent: the configuration is all there is. */
  layers?: SparekeyLayers | undefined;
  keys: readonly [RootKey, ...RootKey[]];
  clock: Clock;
  /** Gets every mail of the `demo-inbox` sender besides the inbox itself (tests). */
  keep?: (message: KeptMessage) => void;
  /** Which DNS is asked for mail servers; absent: the system's. */
  resolver?: MxResolver;
  /** What a node of another build believes in (tests of rolling upgrades). */
  migrations?: OpenOptions['migrations'];
}

/** The database, brought up to date, together with the keys that belong to it and the configuration that counts. */
export async function openDatabase({
  config,
  layers,
  keys,
  migrations,
}: Pick<OpenInput, 'config' | 'layers' | 'keys' | 'migrations'>) {
  const reread = createKeysReader(config.keysFile, systemClock);
  const keyring = createKeyring(keys, reread);
  const storage = await openStorage(config.storage, { migrations });
  try {
    await claimKeys(storage, keyring);
    const settings: InForce = layers ? await settingsInForce(layers, storage) : { config, number: 0, ignored: [] };
    return { keyring, storage, reread, settings };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** `keep`: gets every mail of the `demo-inbox` sender. */
export async function openNotifier(
  config: SparekeyConfig,
  clock: Clock,
  keep: (message: KeptMessage) => void,
): Promise<MailNotifier> {
  const plugin = mailNotifiers.find(({ id }) => id === config.mail.type);
  if (!plugin) throw new Error(`No mail sender ${config.mail.type}.`);
  return plugin.open(config.mail as never, { clock, inbox: { keep } });
}

/** The parts that talk to the outside, opened but not started. */
export async function openParts({ clock, keep, resolver, ...input }: OpenInput) {
  const { keyring, storage, reread, settings } = await openDatabase(input);
  const { config } = settings;
  const inbox = createDemoInbox();
  try {
    let directory: Directory | undefined;
    const methods = await openMethods(config, keyring, storage, clock, resolver, () => directory);
    directory = await openDirectory(config, storage, keyring, clock, methods);
    const notifier = await openNotifier(config, clock, (message) => {
      inbox.keep(message);
      keep?.(message);
    });
    const phones = await openPhones(config, clock, callbacksOf(config, storage, keyring, clock));
    const systems = await openSystems(config, clock);
    return { keyring, storage, reread, settings, inbox, directory, methods, notifier, phones, systems };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function callbacksOf(config: SparekeyConfig, storage: Storage, keyring: Keyring, clock: Clock): CallbackPorts {
  const deliveries = createDeliveries(keyring);
  const { db } = storage;
  return {
    publicUrl: new URL(config.publicUrl),
    deliveries: {
      open: (delivery) => deliveries.open(db, delivery, clock.now()),
      find: (kind, id) => deliveries.find(db, kind, id, clock.now()),
      findByJob: (kind, job) => deliveries.findByJob(db, kind, job, clock.now()),
      move: (from, to) => deliveries.move(db, from, to),
    },
  };
}

/** Attributes that must be read of everybody. The built-in directory reads all of them. */
export const attributesRead = (config: SparekeyConfig, methods: ReadonlyMap<string, VerificationMethod>): string[] =>
  config.directory.type === 'builtin'
    ? []
    : [
        ...new Set([
          ...attributesOf(ruleBookOf(config)),
          ...attributesInUse(methods),
          ...attributesOfSystems(config),
          ...attributesOfRoles(config.console.roles),
          ...Object.values(config.rollout.attributes),
        ]),
      ];

export async function openDirectory(
  config: SparekeyConfig,
  storage: Storage,
  keyring: Keyring,
  clock: Clock,
  methods: ReadonlyMap<string, VerificationMethod> = new Map(),
): Promise<Directory> {
  const { db } = storage;
  const ports = {
    attributes: attributesRead(config, methods),
    ruleGroups: [
      ...new Set([
        ...groupsOf(ruleBookOf(config)),
        ...groupsOfSystems(config),
        ...groupsOfRoles(config.console.roles),
        ...groupsOfPhases(config.rollout.phases),
      ]),
    ],
    id: config.directory.type,
    clock,
    pepper: keyring.derive('builtin-password'),
    store: {
      findById: (id: string) => builtinAccounts.findById(db, id),
      findByUsername: (name: string) => builtinAccounts.findByUsername(db, name),
      findByMail: (mail: string) => builtinAccounts.findByMail(db, mail),
      setPassword: (id: string, password: Parameters<typeof builtinAccounts.setPassword>[2]) =>
        builtinAccounts.setPassword(db, id, password),
      recordFailedBind: (id: string, limit: Parameters<typeof builtinAccounts.recordFailedBind>[2]) =>
        builtinAccounts.recordFailedBind(db, id, limit),
      unlock: (id: string) => builtinAccounts.unlock(db, id),
      page: (after: string) => builtinAccounts.page(db, { after }),
    },
  };
  const plugin = directories.find(({ id }) => id === config.directory.type);
  if (!plugin) throw new Error(`No directory ${config.directory.type}.`);
  return plugin.open(config.directory as never, ports);
}

/** The ways to verify that the policy names. */
export async function openMethods(
  config: SparekeyConfig,
  keyring: Keyring,
  storage: Storage,
  clock: Clock,
  resolver: MxResolver = systemResolver(),
  /** Opened later than the methods, which say what it must read. */
  directory: () => Directory | undefined = () => undefined,
  /** Others than those of the policy, for figures by rules that are not in force. */
  used: ReadonlySet<string> = methodsInUse(ruleBookOf(config)),
): Promise<Map<string, VerificationMethod>> {
  const tickets = createTickets(keyring);
  const ports: MethodPorts = {
    mac: keyring.mac,
    pepper: keyring.derive('recovery-code'),
    organisation: config.organisation.name,
    publicUrl: new URL(config.publicUrl),
    sameMailServers: createMailServers(resolver),
    people: createKnownPeople(storage, keyring, directory),
    texts: (key) => languages.map(({ code }) => createTranslator(code)(key as TextKey)),
    phoneCountries: config.texts.countries,
    tickets: {
      async read(id) {
        const found = await tickets.find(storage.db, id);
        if (!found || found.expiresAt <= clock.now()) return undefined;
        return { data: found.data, answer: found.answer, used: found.usedAt !== undefined };
      },
    },
  };
  const opened: [string, VerificationMethod][] = [];
  for (const [id, plugin] of Object.entries(methodPlugins))
    if (used.has(id)) opened.push([id, await plugin.open(config.methods[id as MethodId] as never, ports)]);
  return new Map(opened);
}
