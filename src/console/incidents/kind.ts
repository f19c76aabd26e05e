/** Kinds of incidents in words. */
import type { TextKey, Translate } from '../../text/index.ts';

const KINDS = ['not-me', 'risk', 'shared-phone', 'clone', 'drift', 'caller-refused', 'audit-feed', 'erasure'];

export const kindOf = (t: Translate, kind: string): string =>
  t(`console.incidents.kind.${KINDS.includes(kind) ? kind : 'other'}` as TextKey);
