/** A page as a complete HTML document. Everything that is not markup of ours is escaped by the renderer. */
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

export const renderPage = (page: VNode): string => `<!doctype html>${renderToString(page)}`;
