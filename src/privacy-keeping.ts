/** Privacy as the configuration wants it: what operators do in the console, and who is erased after leaving. */
import { privacyArea } from './console/privacy/index.tsx';
import type { AssistedService } from './flow/assisted/service.ts';
import type { FlowDeps } from './flow/deps.ts';
import { minutes } from './kernel/clock.ts';
import { createLeavers } from './privacy/leavers.ts';
import { createPrivacyService } from './privacy/service.ts';
import type { SparekeyConfig } from './registries.ts';

const LOOK_EVERY = minutes(60);

interface Parts {
  flow: FlowDeps;
  assisted: AssistedService;
  config: Pick<SparekeyConfig, 'privacy' | 'audit' | 'organisation'>;
}

export const privacyOf = ({ flow, assisted, config }: Parts) =>
  createPrivacyService(flow, assisted.acts, createLeavers(flow, config.privacy.leaving));

/** Pages, and the look for people who left. */
export function privacyPart(parts: Parts) {
  const { flow, config } = parts;
  const privacy = privacyOf(parts);
  const { keep, leaving } = config.privacy;
  const settings = { keep, leaving, audit: config.audit.keep };
  return {
    area: privacyArea({ privacy, settings, helper: config.organisation.name }),
    begin() {
      let working: Promise<unknown> | undefined;
      const timer = setInterval(() => {
        working ??= privacy.leavers
          .work()
          .catch((error) =>
            flow.log.warn({ err: error }, 'People who left could not be looked for; it will be tried again.'),
          )
          .finally(() => {
            working = undefined;
          });
      }, LOOK_EVERY);
      timer.unref();
      return async () => {
        clearInterval(timer);
        await working;
      };
    },
  };
}
