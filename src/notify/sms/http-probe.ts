/** Tries the way to a gateway as far as it goes without sending a text: name, connection, certificate. Never throws. */
import type { Finding } from '../../kernel/plugin.ts';
import { probe } from '../../outbound/probe.ts';
import type { HttpGatewaySettings } from './http-settings.ts';

export const probeGateway = (settings: HttpGatewaySettings, timeout: number, now: number): Promise<Finding[]> =>
  probe(settings, timeout, now, 'the gateway');
