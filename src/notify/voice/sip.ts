/**
 * Calls phones through the organisation's own telephone system (SIP), with baresip and espeak-ng. The code is spoken only to
 * somebody who pressed the key that the page shows; it never reaches another program's arguments, a cause or a log.
 */

import { isE164 } from '../../kernel/phone.ts';
import { definePlugin } from '../../kernel/plugin.ts';
import type { VoiceNotifier, VoicePorts } from '../voice-notifier.ts';
import { sweepFolders } from './baresip.ts';
import { placeCall, type RunningCall } from './call.ts';
import { checkSip } from './sip-check.ts';
import { assertSipConfig, type SipConfig, sipConfig } from './sip-settings.ts';
import { createSpeech } from './speech.ts';

export type { SipConfig } from './sip-settings.ts';

const WHEN_ALL_LINES_ARE_BUSY = 10_000;

async function openSip(config: SipConfig, _ports: VoicePorts): Promise<VoiceNotifier> {
  assertSipConfig(config);
  await sweepFolders();
  const speech = createSpeech();
  const running = new Set<RunningCall>();
  let closed = false;

  return {
    async call(call) {
      if (!isE164(call.to)) return { is: 'rejected', cause: 'The number is not one that can be called.' };
      if (!/^\d{1,4}$/.test(call.key) || !/^\d{4,12}$/.test(call.code)) {
        return { is: 'rejected', cause: 'Only digits can be pressed and spoken.' };
      }
      if (closed) return { is: 'retry', cause: 'Sparekey is stopping.' };
      if (running.size >= config.calls) {
        return {
          is: 'retry',
          after: WHEN_ALL_LINES_ARE_BUSY,
          cause: 'All lines are in use. calls: allow more at the same time.',
        };
      }
      const placed = placeCall(config, speech, call);
      running.add(placed);
      try {
        return await placed.outcome;
      } finally {
        running.delete(placed);
      }
    },
    check: () => checkSip(config),
    async close() {
      closed = true;
      for (const { abort } of running) abort();
      await Promise.allSettled([...running].map(({ outcome }) => outcome));
    },
  };
}

export const sip = definePlugin({
  id: 'sip',
  summary: 'Calls phones through your own telephone system (SIP) and speaks the code.',
  configSchema: sipConfig,
  open: openSip,
});
