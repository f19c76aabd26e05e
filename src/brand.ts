/** Who a mail comes from, as its reader sees it. */
import type { Brand } from './notify/templates/index.ts';
import type { SparekeyConfig } from './registries.ts';

export const brandOf = ({ organisation: { name, timeZone, help }, publicUrl, wording }: SparekeyConfig) =>
  ({
    organisation: name,
    origin: new URL(publicUrl).origin,
    timeZone,
    wording,
    help: {
      text: help.text ?? '',
      ...(help.phone ? { phone: help.phone } : {}),
      ...(help.hours ? { hours: help.hours } : {}),
    },
  }) satisfies Brand;
