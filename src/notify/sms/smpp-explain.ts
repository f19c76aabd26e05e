/** What an SMPP status or a failed bind means: for us, for the message, or for later. Never repeats anything of a message. */
import type { Finding } from '../../kernel/plugin.ts';
import { explain as explainConnection } from '../../outbound/explain.ts';
import { BindError } from './smpp-link.ts';

type Explanation = Required<Pick<Finding, 'cause' | 'fix' | 'key'>>;

/** What to do with a message after a status other than ESME_ROK (SMPP 3.4 §5.1.3). */
export type Meaning = 'throttled' | 'message' | 'ours' | 'unbound' | 'later';

const meanings: Record<number, [Meaning, string]> = {
  1: ['message', 'ESME_RINVMSGLEN'],
  4: ['unbound', 'ESME_RINVBNDSTS'],
  8: ['later', 'ESME_RSYSERR'],
  10: ['ours', 'ESME_RINVSRCADR'],
  11: ['message', 'ESME_RINVDSTADR'],
  20: ['throttled', 'ESME_RMSGQFUL'],
  69: ['later', 'ESME_RSUBMITFAIL'],
  72: ['ours', 'ESME_RINVSRCTON'],
  73: ['ours', 'ESME_RINVSRCNPI'],
  80: ['message', 'ESME_RINVDSTTON'],
  81: ['message', 'ESME_RINVDSTNPI'],
  88: ['throttled', 'ESME_RTHROTTLED'],
  97: ['ours', 'ESME_RINVSCHED'],
  98: ['ours', 'ESME_RINVEXPIRY'],
  100: ['later', 'ESME_RX_T_APPN'],
  101: ['message', 'ESME_RX_P_APPN'],
  102: ['message', 'ESME_RX_R_APPN'],
};

export function meaningOf(status: number): { meaning: Meaning; name: string } {
  const [meaning, name] = meanings[status] ?? ['later', `status 0x${status.toString(16).padStart(8, '0')}`];
  return { meaning, name };
}

const bindStatus: Record<number, Explanation> = {
  5: {
    cause: 'The message centre says that we are bound already.',
    fix: 'Ask the provider for a second bind, or wait until the old one ends.',
    key: 'systemId',
  },
  13: {
    cause: 'The message centre refuses the bind.',
    fix: 'Check systemId, password, systemType and the allowed source address with the provider.',
    key: 'systemId',
  },
  14: { cause: 'The message centre refuses the password.', fix: 'Check it with the provider.', key: 'password' },
  15: { cause: 'The message centre does not know the systemId.', fix: 'Check it with the provider.', key: 'systemId' },
  88: {
    cause: 'The message centre has throttled us.',
    fix: 'Wait a minute, or ask the provider for a higher limit.',
    key: 'systemId',
  },
};

const silent: Explanation = {
  cause: 'Connected, but the message centre did not answer the bind.',
  fix: 'A port that expects TLS stays silent: check security and port.',
  key: 'security',
};

const hungUp: Explanation = {
  cause: 'The message centre hung up.',
  fix: 'When it happens at once, check security and port; otherwise look at its log.',
  key: 'security',
};

const toHost = (explanation: Explanation): Explanation => ({
  cause: explanation.cause.replaceAll('gateway', 'message centre'),
  fix: explanation.fix.replaceAll('gateway', 'message centre').replace(/https port/, 'TLS port'),
  key: explanation.key === 'url' ? 'host' : explanation.key === 'timeout' ? 'connectTimeout' : explanation.key,
});

export function explainBind(error: unknown): Explanation {
  if ((error as { code?: unknown }).code === 'ECONNRESET') return hungUp;
  if (!(error instanceof BindError)) return toHost(explainConnection(error));
  if (error.code === 'ENOBIND') return silent;
  if (error.code !== 'EBIND') return toHost(explainConnection(error));
  const { name } = meaningOf(error.status);
  return (
    bindStatus[error.status] ?? {
      cause: `The message centre refuses the bind (${name}).`,
      fix: 'Ask the provider.',
      key: 'systemId',
    }
  );
}
