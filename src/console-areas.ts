/**
 * Every part of the console, with what it works with: its pages, the jobs of the outbox that it brings, and what it does by
 * itself while a node runs. One line a part.
 */
import type { FastifyInstance } from 'fastify';
import { tokensPart } from './api-areas.ts';
import { auditPart } from './audit-keeping.ts';
import type { Sparekey } from './compose.ts';
import { type Area, createConsole, type Front } from './console/console.ts';
import { helperCheckRoutes } from './console/desk/helper-check.tsx';
import { deskArea } from './console/desk/index.tsx';
import { incidentsArea } from './console/incidents/index.tsx';
import { inviteRoutes } from './console/invite.tsx';
import { homePage } from './console/overview/index.tsx';
import { settingsArea } from './console/settings/index.tsx';
import { systemsArea } from './console/systems/index.tsx';
import { createSenders } from './console-senders.ts';
import { createTicketHandler } from './desk-tickets.ts';
import { createDeskService, type DeskService } from './flow/assisted/desk.ts';
import { DESK_TICKET } from './flow/assisted/desk-ticket.ts';
import { createStaffService } from './flow/staff/service.ts';
import type { Cookies } from './http/cookies.ts';
import type { JobHandler } from './outbox/outbox.ts';
import { privacyPart } from './privacy-keeping.ts';
import { readinessPart } from './readiness.ts';
import type { SparekeyConfig } from './registries.ts';
import { reportsPart } from './reports.ts';
import { rolloutPart } from './rollout.ts';

/** What a running Sparekey has that parts of the console ask. */
export type ConsoleParts = Pick<
  Sparekey,
  'flow' | 'assisted' | 'notifier' | 'phones' | 'outbox' | 'audit' | 'storage' | 'settings'
> & {
  config: SparekeyConfig;
};

export interface ConsolePart {
  area?: Area;
  /** Handlers for the outbox, by kind. */
  jobs?: Record<string, JobHandler>;
  /** Begins what it does by itself (one node at a time, by a lease in the database). @returns how to end it. */
  begin?(): () => void | Promise<void>;
  /** Other settings are in force. */
  changed?(): Promise<void>;
}

/** The help desk, and what a ticket system is told of it. */
const deskPart = (desk: DeskService, { flow, config }: Pick<ConsoleParts, 'flow' | 'config'>): ConsolePart => {
  const { ticketWebhook } = config.console.desk;
  const jobs = ticketWebhook ? { [DESK_TICKET]: createTicketHandler(ticketWebhook, flow.clock) } : {};
  return { area: deskArea(desk), jobs };
};

const partsOf = ({ flow, assisted, notifier, phones, outbox, config, settings }: ConsoleParts): ConsolePart[] => [
  { area: systemsArea({ flow, outbox, senders: createSenders({ config, notifier, phones, clock: flow.clock }) }) },
  { area: incidentsArea(flow) },
  auditPart({ flow, config }),
  privacyPart({ flow, assisted, config }),
  readinessPart({ flow, config }),
  rolloutPart({ flow, config }),
  reportsPart({ flow, config }),
  tokensPart({ flow, config }),
  ...(settings ? [{ area: settingsArea(settings) }] : []),
];

/** Registers the pages. @returns what the parts bring beside them. */
export function openConsole(
  server: FastifyInstance,
  { front, cookies, ...parts }: ConsoleParts & { front: Front; cookies: Cookies },
) {
  const { flow, config, outbox } = parts;
  const staff = createStaffService(flow, config.console);
  const deps = { front, staff, cookies, clock: flow.clock, stepUp: () => flow.lifetimes.stepUp };
  const { routes, home } = createConsole(server, deps);
  inviteRoutes(server, deps);
  home(homePage({ flow, outbox }));
  const desk = createDeskService(flow, parts.assisted, { tickets: config.console.desk.ticketWebhook !== undefined });
  helperCheckRoutes(server, front, desk);
  const all = [deskPart(desk, parts), ...partsOf(parts)];
  for (const { area } of all) area?.(routes);
  return {
    staff,
    jobs: Object.assign({}, ...all.map(({ jobs }) => jobs)) as Record<string, JobHandler>,
    /** Other settings are in force. */
    async changed(): Promise<void> {
      for (const part of all) await part.changed?.();
    },
    /** @returns how to end it. */
    begin(): () => Promise<void> {
      const ends = all.map(({ begin }) => begin?.());
      return async () => {
        for (const end of ends) await end?.();
      };
    },
  };
}
