/**
 * Sends texts through any HTTP gateway, described by configuration. One attempt per call: retries belong to the outbox. What
 * stands in a message can't change the request around it, no redirect is followed, and no cause holds code or number.
 */

import { createLanes } from '../../kernel/lanes.ts';
import { isE164 } from '../../kernel/phone.ts';
import { definePlugin } from '../../kernel/plugin.ts';
import { exchange } from '../../outbound/exchange.ts';
import { explain } from '../../outbound/explain.ts';
import type { TextNotifier, TextPorts } from '../text-notifier.ts';
import { judge } from './http-judge.ts';
import { probeGateway } from './http-probe.ts';
import { type HttpGatewayConfig, httpGatewayConfig, httpGatewaySettings } from './http-settings.ts';
import { codingOf } from './http-template.ts';

export type { HttpGatewayConfig } from './http-settings.ts';

function openHttpGateway(config: HttpGatewayConfig, { clock }: TextPorts): TextNotifier {
  const settings = httpGatewaySettings(config);
  const lanes = createLanes(config.connections);
  const hidden = [config.password, config.token, config.username].filter((text) => text !== undefined);

  return {
    async deliver({ idempotencyKey, to, text }) {
      if (!isE164(to)) return { is: 'rejected', cause: 'The number is not one that can be sent to.' };
      const filled = settings.template({
        to,
        digits: to.slice(1),
        text,
        id: idempotencyKey,
        sender: config.sender,
        coding: codingOf(text),
        username: config.username ?? '',
        password: config.password ?? '',
      });
      try {
        const answer = await lanes(() => exchange(settings, config.method, config.timeout, filled));
        return judge(answer, config, clock.now(), [...hidden, text]);
      } catch (error) {
        const { cause, fix, key } = explain(error);
        return { is: 'retry', cause: `${cause} ${key}: ${fix}` };
      }
    },
    check: () => probeGateway(settings, config.timeout, clock.now()),
    async close() {},
  };
}

export const httpGateway = definePlugin({
  id: 'http-gateway',
  summary: 'Sends texts through any gateway with an HTTP interface.',
  configSchema: httpGatewayConfig,
  open: openHttpGateway,
});
