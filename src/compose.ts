/**
 * The one place that wires everything together. Given a parsed configuration and the keys, it makes a running Sparekey
 * (of what open.ts opens) without listening anywhere: `serve` listens, tests inject.
 */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { openApi } from './api-areas.ts';
import type { Audit } from './audit/audit.ts';
import { createAudit } from './audit/index.ts';
import { openBreach } from './breach/breach.ts';
import type { Layers } from './config/load.ts';
import { spreadOf } from './connected-systems.ts';
import { openConsole } from './console-areas.ts';
import { createDemo } from './demo/demo.ts';
import type { Directory } from './directory/directory.ts';
import { createApprovalService } from './flow/approval/service.ts';
import { type AssistedService, createAssistedService } from './flow/assisted/service.ts';
import { createChangeService } from './flow/change/service.ts';
import type { FlowDeps } from './flow/deps.ts';
import { createEnrolmentService } from './flow/enrolment/service.ts';
import { createAttemptHandler } from './flow/journey/attempt.ts';
import { createLostFactorService } from './flow/journey/lost-factor.ts';
import { createPasswordService, SETTLE_PASSWORD } from './flow/journey/password.ts';
import { createJourneyService } from './flow/journey/service.ts';
import { TELL_ATTEMPT } from './flow/journey/store.ts';
import { createUnlockService } from './flow/journey/unlock.ts';
import { createOwnDataService } from './flow/own-data/service.ts';
import { createOwnSystems } from './flow/own-systems.ts';
import { createPasskeyStart } from './flow/passkey-start.ts';
import { createPhoneCosts } from './flow/phone-costs.ts';
import { createRatingService } from './flow/rating.ts';
import { createRiskService } from './flow/risk/service.ts';
import { createSignInService } from './flow/sign-in/service.ts';
import { createStopService } from './flow/stop/service.ts';
import { createMeter } from './flow/strength/meter.ts';
import { createThrottle } from './flow/throttle.ts';
import { createUsernameService } from './flow/username/service.ts';
import { createCookies } from './http/cookies.ts';
import { createFloor } from './http/floor.ts';
import { networkOf } from './http/network.ts';
import { createServer } from './http/server.ts';
import { webhookRoutes } from './http/webhooks.ts';
import type { Keyring } from './kernel/keyring.ts';
import { type KeyWatch, startKeyWatch } from './key-watch.ts';
import { createLiveSettings, liveOf, putInPlace, putSectionsInPlace } from './live-settings.ts';
import { openLocation } from './location.ts';
import { createMailHandler } from './notify/mail-handler.ts';
import type { MailNotifier } from './notify/notifier.ts';
import type { PhoneSignals } from './notify/phone-signals.ts';
import { attributesRead, type OpenInput, openMethods, openParts } from './open.ts';
import { createOutbox } from './outbox/index.ts';
import type { Outbox } from './outbox/outbox.ts';
import { outboxFor, type Phones, phoneJobs } from './phones.ts';
import { createBlocklist } from './policy/passwords/blocklist.ts';
import { errorPage } from './portal/error-page.tsx';
import { registerPortal } from './portal/index.ts';
import { createPortal } from './portal/portal.ts';
import { createOwnFile } from './privacy/own-file.ts';
import type { SparekeyConfig } from './registries.ts';
import { createAdmission } from './rollout/admission.ts';
import { createOptOut } from './rollout/opt-out.ts';
import { createSettingsService, type SettingsService } from './settings/service.ts';
import { standingNotices } from './standing-notices.ts';
import { createAuthenticators } from './storage/repositories/authenticators.ts';
import { createFlows } from './storage/repositories/flows.ts';
import { createSessions } from './storage/repositories/sessions.ts';
import { createTickets } from './storage/repositories/tickets.ts';
import type { Storage } from './storage/storage.ts';
import { assets } from './ui/assets.ts';
import { startUpkeep } from './upkeep.ts';
import { version } from './version.ts';

/** A format is dear to make, and the zone hardly ever changes. */
function hourIn(zone: () => string) {
  let [known, format] = ['', new Intl.DateTimeFormat('en-GB')];
  return (at: number): number => {
    if (known !== zone()) {
      known = zone();
      format = new Intl.DateTimeFormat('en-GB', { hour: 'numeric', hourCycle: 'h23', timeZone: known });
    }
    return Number(format.format(at)) % 24;
  };
}

const faultOf = async (work: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

export interface ComposeInput extends OpenInput {
  logger: FastifyBaseLogger;
  /** Banner on every page, inbox, seeded people. */
  demo?: boolean;
  /** Knows whether a phone number changed hands or SIM lately (N-19). Absent: nobody is asked. */
  signals?: PhoneSignals;
}

export interface Sparekey {
  server: FastifyInstance;
  storage: Storage;
  directory: Directory;
  notifier: MailNotifier;
  phones: Phones;
  outbox: Outbox;
  audit: Audit;
  keyring: Keyring;
  flow: FlowDeps;
  /** What helpers do for others: the command line and the console share it. */
  assisted: AssistedService;
  /** In force; what changes without a restart changes in it. */
  config: SparekeyConfig;
  /** Absent: the configuration is all there is. */
  settings: SettingsService | undefined;
  /** Begins to work off the outbox and to clean up. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function compose(input: ComposeInput): Promise<Sparekey> {
  const { clock, logger, demo = false } = input;
  const parts = await openParts(input);
  const { config } = parts.settings;
  const live = liveOf(config);
  const publicUrl = new URL(config.publicUrl);
  const { keyring, storage, directory, methods, notifier, inbox, phones, systems } = parts;
  const audit = createAudit({ keyring, clock });
  const outbox = await createOutbox({
    storage,
    config: config.storage,
    keyring,
    clock,
    settings: outboxFor(config),
    onProblem: (cause) => logger.error({ err: cause }, 'The outbox could not reach the database.'),
    onDead: ({ id, kind, reason }) => {
      logger.error({ job: id, kind, reason }, 'A message or job was given up.');
      storage
        .transaction((trx) =>
          audit.append(trx, {
            event: 'notice.failed',
            outcome: 'failure',
            actor: 'system',
            reason,
            detail: { job: id, kind },
          }),
        )
        .catch((error) => logger.error({ err: error }, 'What was given up could not be written to the audit.'));
    },
  });
  const locate = await openLocation(config.policy.risk.locationFile);
  const risk = createRiskService({
    storage,
    keyring,
    settings: live.risk,
    hourOf: hourIn(() => config.organisation.timeZone),
    locate,
  });
  const throttle = createThrottle({
    storage,
    keyring,
    limits: live.limits,
  });
  const log: FlowDeps['log'] = {
    warn: (detail, message) => logger.warn(detail, message),
    error: (detail, message) => logger.error(detail, message),
  };
  const { alerts, brand } = live;
  const phoneCosts = createPhoneCosts({ storage, keyring, audit, alerts, outbox, clock, log }, live.costs);
  const breach = openBreach(config.breach, { clock, log: logger });
  const people = { authenticators: createAuthenticators(keyring), tickets: createTickets(keyring) };
  const shared = { storage, keyring, clock, audit, outbox, log };
  const spread = spreadOf({ ...shared, ...people }, systems, config);
  const flow: FlowDeps = {
    ...shared,
    ...people,
    flows: createFlows(keyring),
    sessions: createSessions(keyring),
    spread,
    directory,
    methods,
    rules: live.rules,
    contacts: live.contacts,
    admission: createAdmission({
      ...shared,
      phases: config.rollout.phases,
      roles: config.console.roles,
      timeZone: config.organisation.timeZone,
    }),
    alerts,
    risk,
    throttle,
    phoneCosts,
    lifetimes: live.lifetimes,
    languages: live.languages,
    resends: live.resends,
    passwords: live.passwords,
    blocklist: createBlocklist(),
    breach,
    meter: createMeter({ clock, log }),
  };
  const journeys = createJourneyService(flow);
  const assisted = createAssistedService(flow, { tickets: config.console.desk.ticketWebhook !== undefined });
  const passwords = createPasswordService(flow, journeys.store);
  const signIn = createSignInService(flow, journeys);
  const portal = createPortal({
    journeys,
    passwords,
    signIn,
    change: createChangeService(signIn, passwords),
    enrolment: createEnrolmentService(flow),
    unlock: createUnlockService(flow, journeys.store),
    lostFactor: createLostFactorService(flow, journeys),
    passkeyStart: createPasskeyStart(flow, journeys),
    usernames: createUsernameService(flow),
    stop: createStopService(flow),
    approvals: createApprovalService(flow, journeys.store),
    ownData: createOwnDataService(flow),
    ownFile: createOwnFile(flow),
    ownSystems: createOwnSystems(flow),
    ratings: createRatingService(flow),
    rollout: { returnTo: config.rollout.returnTo, optOut: createOptOut(shared) },
    directory,
    methods: flow.methods,
    resends: flow.resends,
    cookies: createCookies(publicUrl.protocol === 'https:'),
    floor: createFloor(config.responseFloor),
    clock,
    publicUrl,
    organisation: { name: brand.organisation, help: brand.help },
    signInUrl: live.signInUrl,
    defaultLanguage: live.defaultLanguage,
    wording: brand.wording,
    lifetimes: flow.lifetimes,
    demo,
    timeZone: brand.timeZone,
    assets: { styles: assets.styles.path, script: assets.script?.path },
  });
  const server = await createServer({
    publicUrl,
    trustedProxies: config.listen.trustedProxies,
    logger,
    errorPage: errorPage(portal),
    ready: storage.ready,
  });
  registerPortal(server, portal, assets);
  webhookRoutes(server, publicUrl, phones.webhooks);
  const openWays = (next: SparekeyConfig) =>
    openMethods(next, keyring, storage, clock, input.resolver, () => directory);
  const watch =
    input.layers &&
    createLiveSettings({
      layers: input.layers,
      storage,
      started: parts.settings,
      log: logger,
      open: openWays,
      swap(next, ways) {
        putSectionsInPlace(config, next);
        putInPlace(live, liveOf(next));
        flow.resends = live.resends;
        const { signInUrl, defaultLanguage, resends } = live;
        Object.assign(portal.deps, { signInUrl, defaultLanguage, resends, timeZone: brand.timeZone });
        methods.clear();
        for (const [id, method] of ways) methods.set(id, method);
      },
      changed: () => staffRooms.changed(),
    });
  const settings =
    input.layers &&
    watch &&
    createSettingsService({
      storage,
      audit,
      clock,
      layers: input.layers as unknown as Layers,
      secondApproval: config.console.secondApproval,
      tryOut: (next) => faultOf(() => openWays(next as unknown as SparekeyConfig)),
      attributes: async (next) =>
        attributesRead(next as unknown as SparekeyConfig, await openWays(next as unknown as SparekeyConfig)),
      applied: watch.look,
    });
  const staffRooms = openConsole(server, {
    settings,
    front: portal,
    cookies: portal.deps.cookies,
    flow,
    assisted,
    notifier,
    phones,
    outbox,
    audit,
    storage,
    config,
  });
  await openApi(server, portal, {
    flow,
    config,
    journeys: {
      flow,
      journeys,
      passwords,
      unlock: portal.deps.unlock.unlock,
      floor: portal.deps.floor,
      networkOf,
      language: config.language.default,
    },
  });
  if (demo) await createDemo({ server, portal, flow, inbox, phone: phones.phone, assisted, config });

  const messages = {
    mail: createMailHandler(notifier, brand),
    ...phoneJobs({ phones, phoneCosts, brand, clock, storage, audit, logger, signals: input.signals }),
  };
  let stopUpkeep = () => {};
  let keyWatch: KeyWatch | undefined;
  let endConsole = async () => {};
  return {
    server,
    storage,
    directory,
    notifier,
    phones,
    outbox,
    audit,
    keyring,
    flow,
    assisted,
    config,
    settings,
    async start() {
      keyWatch = await startKeyWatch({ storage, keyring, reread: parts.reread, clock, log: logger });
      await storage.transaction((trx) =>
        audit.append(trx, { event: 'system.started', outcome: 'success', actor: 'system', detail: { version } }),
      );
      for (const { id, path, says } of standingNotices(config)) {
        logger.warn({ notice: id, key: path }, says);
        await storage.transaction((trx) =>
          audit.append(trx, {
            event: 'policy.risk-accepted',
            outcome: 'success',
            actor: 'system',
            reason: says,
            detail: { notice: id, key: path },
          }),
        );
      }
      await outbox.start({
        ...messages,
        ...spread?.handlers,
        ...staffRooms.jobs,
        [SETTLE_PASSWORD]: passwords.settle,
        [TELL_ATTEMPT]: createAttemptHandler(flow),
      });
      stopUpkeep = startUpkeep(flow, config.privacy.keep, logger);
      endConsole = staffRooms.begin();
      watch?.begin();
    },
    async close() {
      stopUpkeep();
      await watch?.end();
      await endConsole();
      await server.close();
      await outbox.stop();
      await flow.meter?.close();
      await breach?.close();
      await directory.close();
      await notifier.close();
      await phones.close();
      for (const { connector } of systems.values()) await connector.close();
      await keyWatch?.stop();
      await storage.close();
    },
  };
}
