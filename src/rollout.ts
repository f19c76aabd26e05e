/** The roll-out as the configuration wants it: reminders, lists, phases; in the console, as commands, and what a node does by itself. */
import { rolloutArea } from './console/rollout/index.tsx';
import type { FlowDeps } from './flow/deps.ts';
import type { SparekeyConfig } from './registries.ts';
import { createCampaigns } from './rollout/campaigns.ts';
import { entriesOfDirectory } from './rollout/import/directory-entries.ts';
import { createImports } from './rollout/import/imports.ts';
import { beginOf, dayIn } from './rollout/phases.ts';
import { languages } from './text/index.ts';

export type Rollout = ReturnType<typeof openRollout>;

export function openRollout(config: SparekeyConfig, flow: FlowDeps) {
  const { rollout, organisation, texts } = config;
  const { timeZone } = organisation;
  const { storage, clock, keyring, directory, outbox, audit, log } = flow;
  const admission = flow.admission ?? { isOpen: async () => true };
  const dayOf = dayIn(timeZone);
  return {
    campaigns: createCampaigns({
      storage,
      directory,
      outbox,
      audit,
      clock,
      keyring,
      admission,
      languages: languages.map(({ code }) => code),
      quietHours: rollout.quietHours,
      perMinute: rollout.remindersPerMinute,
      timeZone,
      log,
    }),
    imports: createImports({
      flow,
      methods: flow.methods,
      trust: { files: rollout.trustFiles, directory: rollout.trustDirectory },
      countries: texts.countries,
      log,
    }),
    /** What the directory says of everybody who is known, in the attributes that the configuration names. */
    entriesOfDirectory: () => entriesOfDirectory({ storage, directory }, rollout.attributes),
    hasAttributes: Object.keys(rollout.attributes).length > 0,
    phases: () => rollout.phases.map((phase) => ({ ...phase, open: phase.opens <= dayOf(clock.now()) })),
    trust: rollout.trustFiles,
    /** ms: the first instant of a day there, `2026-12-01`; undefined where there is no such day. */
    beginOf: (day: string) => beginOf(day, dayOf),
  };
}

export function rolloutPart({ flow, config }: { flow: FlowDeps; config: SparekeyConfig }) {
  const rollout = openRollout(config, flow);
  return {
    area: rolloutArea({ flow, rollout }),
    begin() {
      const ends = [rollout.campaigns.begin(), rollout.imports.begin()];
      return async () => {
        for (const end of ends) await end();
      };
    },
  };
}
