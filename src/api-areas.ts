/** Every part of the API, with what it works with. One line a part. */
import type { FastifyInstance } from 'fastify';
import { registerApi } from './api/api.ts';
import type { Operation } from './api/operation.ts';
import { apiPages, type PageFront } from './api/pages.tsx';
import { auditOperations } from './api/resources/audit.ts';
import { incidentOperations } from './api/resources/incidents.ts';
import { type JourneyResources, journeyOperations } from './api/resources/journeys.ts';
import { readinessOperations } from './api/resources/readiness.ts';
import { reportOperations } from './api/resources/reports.ts';
import { rolloutOperations } from './api/resources/rollout.ts';
import { systemOperations } from './api/resources/systems.ts';
import { tokensArea } from './console/tokens/index.tsx';
import type { ConsolePart } from './console-areas.ts';
import { createTokensOfApi } from './flow/api/tokens.ts';
import type { FlowDeps } from './flow/deps.ts';
import { type OpenReadiness, openReadiness, trialOf } from './readiness.ts';
import type { SparekeyConfig } from './registries.ts';
import { openReports } from './reports.ts';
import { openRollout } from './rollout.ts';
import { version } from './version.ts';

export interface ApiInput {
  flow: FlowDeps;
  config: SparekeyConfig;
  journeys: JourneyResources;
}

export function apiOperations({ flow, config, journeys }: ApiInput): Operation[] {
  let opened: Promise<OpenReadiness> | undefined;
  const figures = async () => {
    opened ??= openReadiness(config, flow);
    return (await opened).figures;
  };
  return [
    ...journeyOperations(journeys),
    ...readinessOperations({ clock: flow.clock, figures, trial: trialOf(config, flow) }),
    ...incidentOperations(flow),
    ...systemOperations(flow),
    ...rolloutOperations(openRollout(config, flow), () => flow.clock.now()),
    ...reportOperations(openReports(config, flow)),
    ...auditOperations(flow),
  ];
}

export const tokensOf = (config: SparekeyConfig, flow: FlowDeps) => createTokensOfApi(flow, config.api);

/** The operations and their pages; nothing where the API is switched off. */
export async function openApi(server: FastifyInstance, front: PageFront, input: ApiInput): Promise<void> {
  const { config, flow } = input;
  if (!config.api.enabled) return;
  const document = { url: config.publicUrl, version };
  const operations = apiOperations(input);
  const written = await registerApi(server, { flow, tokens: tokensOf(config, flow), operations, document });
  apiPages(server, front, { operations, document: written });
}

/** Tokens in the console. */
export const tokensPart = ({ flow, config }: { flow: FlowDeps; config: SparekeyConfig }): ConsolePart =>
  config.api.enabled ? { area: tokensArea({ tokens: tokensOf(config, flow), clock: flow.clock }) } : {};
