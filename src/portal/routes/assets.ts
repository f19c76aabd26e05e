/** Style sheet and script: named after their content, so browsers may keep them for ever. */
import type { FastifyInstance } from 'fastify';
import type { Asset, Assets } from '../../ui/assets.ts';

export function assetRoutes(app: FastifyInstance, assets: Assets): void {
  for (const asset of [assets.styles, assets.script]) if (asset) serve(app, asset);
}

function serve(app: FastifyInstance, asset: Asset): void {
  app.get(asset.path, async (request, reply) => {
    const accepted = String(request.headers['accept-encoding'] ?? '');
    const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : undefined;
    reply.headers({
      'content-type': asset.type,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      ...(encoding ? { 'content-encoding': encoding } : {}),
    });
    return reply.send(encoding ? asset[encoding] : asset.body);
  });
}
