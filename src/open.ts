/**
 * Opens what a configuration names: database, directory, mail sender, ways to verify. Nothing is started or wired here;
 * the command line uses single parts of it.
 */
import type { Directory } from './directory/directory.ts';
import { directories } from './directory/index.ts';
import type { Clock } from './kernel/clock.ts';
import { createKeyring, type Keyring, type RootKey } from './kernel/keyring.ts';
import { methodPlugins } from './methods/index.ts';
import type { VerificationMethod } from './methods/method.ts';
import { createDemoInbox, type KeptMessage } from './notify/demo-inbox.ts';
import { mailNotifiers } from './notify/index.ts';
import type { MailNotifier } from './notify/notifier.ts';
import type { SparekeyConfig } from './registries.ts';
import { openStorage } from './storage/index.ts';
import * as builtinAccounts from './storage/repositories/builtin-accounts.ts';
import { claimKeys } from './storage/repositories/key-check.ts';
import type { Storage } from './storage/storage.ts';

export interface OpenInput {
  config: SparekeyConfig;
  keys: readonly [RootKey, ...RootKey[]];
  clock: Clock;
  /** Gets every mail of the `demo-inbox` sender besides the inbox itself (tests). */
  keep?: (message: KeptMessage) => void;
}

/** The database, brought up to date, together with the keys that belong to it. */
export async function openDatabase({ config, keys }: Pick<OpenInput, 'config' | 'keys'>) {
  const keyring = createKeyring(keys);
  const storage = await openStorage(config.storage);
  try {
    await claimKeys(storage, keyring);
    return { keyring, storage };
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
export async function openParts({ config, keys, clock, keep }: OpenInput) {
  const { keyring, storage } = await openDatabase({ config, keys });
  const inbox = createDemoInbox();
  try {
    const directory = await openDirectory(config, storage, keyring, clock);
    const notifier = await openNotifier(config, clock, (message) => {
      inbox.keep(message);
      keep?.(message);
    });
    return { keyring, storage, inbox, directory, notifier };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

export async function openDirectory(
  config: SparekeyConfig,
  storage: Storage,
  keyring: Keyring,
  clock: Clock,
): Promise<Directory> {
  const { db } = storage;
  const ports = {
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
    },
  };
  const plugin = directories.find(({ id }) => id === config.directory.type);
  if (!plugin) throw new Error(`No directory ${config.directory.type}.`);
  return plugin.open(config.directory as never, ports);
}

/** The ways to verify that the policy names. */
export function openMethods(config: SparekeyConfig, keyring: Keyring): Map<string, VerificationMethod> {
  const ports = {
    mac: keyring.mac,
    pepper: keyring.derive('recovery-code'),
    organisation: config.organisation.name,
  };
  const used = new Set(config.policy.recovery.anyOf.flat());
  const opened = [
    methodPlugins.email.open({ lifetime: config.lifetimes.emailCode }, ports),
    methodPlugins.totp.open({ window: 1 }, ports),
    methodPlugins['recovery-code'].open({ count: 10 }, ports),
  ] as VerificationMethod[];
  return new Map(opened.filter(({ id }) => used.has(id)).map((method) => [method.id, method]));
}
