/** Tokens and the page of the API, for the gallery. */
import type { VNode } from 'preact';
import { ApiPage } from '../src/api/pages.tsx';
import { reportOperations } from '../src/api/resources/reports.ts';
import { systemOperations } from '../src/api/resources/systems.ts';
import { TokensPage } from '../src/console/tokens/tokens-page.tsx';
import { scopes } from '../src/flow/api/scopes.ts';
import type { ApiToken } from '../src/flow/api/tokens.ts';
import { askOf, type GalleryFrame } from './gallery-ask.ts';

const NOW = Date.UTC(2026, 10, 24, 9, 30);
const token = (more: Partial<ApiToken>): ApiToken => ({
  id: 't1',
  name: 'Dashboard of the board',
  scopes: ['reports.view', 'readiness.view'],
  madeBy: 'staff:chiara',
  createdAt: NOW - 9e8,
  expiresAt: NOW + 7e9,
  revokedAt: undefined,
  revokedBy: undefined,
  lastUsedAt: NOW - 60_000,
  ...more,
});

export function tokensStates(frame: GalleryFrame): Record<string, VNode> {
  const ask = askOf(frame);
  const tokens = [
    token({}),
    token({ id: 't2', name: 'Intranet', scopes: ['recovery'], lastUsedAt: undefined }),
    token({ id: 't3', name: 'Trial', revokedAt: NOW - 1e7, revokedBy: 'staff:chiara' }),
  ];
  const operations = [...systemOperations({ spread: undefined }), ...reportOperations(undefined as never)];
  return {
    'console-tokens': <TokensPage ask={ask} tokens={tokens} offered={scopes} now={NOW} />,
    'console-tokens-made': (
      <TokensPage ask={ask} tokens={[]} offered={scopes} now={NOW} made={`spk_${'Ab3-'.repeat(10)}xyz`} />
    ),
    'console-tokens-faults': (
      <TokensPage
        ask={ask}
        tokens={[]}
        offered={scopes}
        now={NOW}
        faults={['name', 'scopes', 'days']}
        typed={{ name: '', days: '999', scopes: [] }}
      />
    ),
    'api-page': <ApiPage t={frame.t} shell={frame.shell} operations={operations} />,
  };
}
