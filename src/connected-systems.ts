/** Opens the connected systems that the configuration names, and makes the spread engine of them. */
import type { Audit } from './audit/audit.ts';
import type { Connector, ConnectorPorts } from './connectors/connector.ts';
import { connectors } from './connectors/index.ts';
import { commitEffects } from './flow/commit.ts';
import type { FlowDeps } from './flow/deps.ts';
import { notices } from './flow/notices.ts';
import type { Account } from './kernel/account.ts';
import { attributesOfLink, linkOf } from './kernel/account-link.ts';
import type { Clock } from './kernel/clock.ts';
import { matches } from './policy/rules.ts';
import type { SparekeyConfig } from './registries.ts';
import { createSpread, SPREAD_DEFAULTS, type Spread } from './spread/spread.ts';
import type { ConnectedSystem } from './spread/system.ts';
import type { Trx } from './storage/storage.ts';

type Section = SparekeyConfig['connectors'][number];
type Plugin = { id: string; open(config: never, ports: ConnectorPorts): Connector | Promise<Connector> };

const everybody = ({ groups, attributes }: Section['appliesTo']): boolean =>
  groups.length === 0 && Object.keys(attributes).length === 0;

export async function openSystem(section: Section, clock: Clock): Promise<ConnectedSystem> {
  const plugin = (connectors as readonly Plugin[]).find(({ id }) => id === section.type);
  if (!plugin) throw new Error(`No connector ${section.type}.`);
  const { id, label = id, account, after, concurrency, canary, appliesTo } = section;
  return {
    id,
    label,
    appliesTo: (person) => everybody(appliesTo) || matches(person, appliesTo),
    account,
    after,
    concurrency,
    canary,
    connector: await plugin.open(section as never, { id, clock }),
  };
}

export async function openSystems(
  { connectors: sections }: Pick<SparekeyConfig, 'connectors'>,
  clock: Clock,
): Promise<Map<string, ConnectedSystem>> {
  const opened = new Map<string, ConnectedSystem>();
  try {
    for (const section of sections) opened.set(section.id, await openSystem(section, clock));
  } catch (error) {
    for (const { connector } of opened.values()) await connector.close();
    throw error;
  }
  return opened;
}

/** What the directory must read of everybody, so that the systems know whose accounts they have. */
export const attributesOfSystems = ({ connectors: sections }: Pick<SparekeyConfig, 'connectors'>): string[] =>
  sections.flatMap(({ account, appliesTo }) => [...attributesOfLink(account), ...Object.keys(appliesTo.attributes)]);

export const groupsOfSystems = ({ connectors: sections }: Pick<SparekeyConfig, 'connectors'>): string[] =>
  sections.flatMap(({ appliesTo }) => appliesTo.groups);

/** What people call the systems in which an account has one of its own. */
export const systemLabelsOf = (
  { connectors: sections }: Pick<SparekeyConfig, 'connectors'>,
  account: Account,
): string[] =>
  sections
    .filter(({ appliesTo }) => everybody(appliesTo) || matches(account, appliesTo))
    .filter((section) => linkOf(section.account, account) !== undefined)
    .map(({ id, label = id }) => label);

type Told = Pick<FlowDeps, 'storage' | 'keyring' | 'clock' | 'outbox' | 'log' | 'authenticators' | 'tickets'> & {
  audit: Audit;
};

/** Undefined where there is nothing to spread to. */
export function spreadOf(
  deps: Told,
  systems: ReadonlyMap<string, ConnectedSystem>,
  { lifetimes }: Pick<SparekeyConfig, 'lifetimes'>,
): Spread | undefined {
  if (systems.size === 0) return undefined;
  return createSpread({
    ...deps,
    systems,
    settings: { ...SPREAD_DEFAULTS, deadline: lifetimes.connectedSystems },
    random: Math.random,
    async tellFailure(trx: Trx, accountId, whom, system) {
      const own = await deps.authenticators.list(trx, accountId);
      const told = notices(own, 'system-failed-notice', whom, deps.clock.now(), { system });
      await commitEffects(deps, trx, told.effects, []);
    },
  });
}
