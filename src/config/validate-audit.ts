/** Cross checks of the feeds of the audit: names, and one way to each receiver. */
import { type Finding, isLoopback, problem, when } from './finding.ts';
import type { Config } from './schema.ts';

type AuditFeed = Config['audit']['feeds'][number];

function wayOf(feed: AuditFeed, at: string): Finding[] {
  if (feed.type === 'webhook') return [];
  const { host, tls, certFile, keyFile } = feed;
  const file = feed.type === 'syslog' ? undefined : feed.file;
  return [
    ...when(host === undefined && file === undefined, () =>
      problem(at, 'goes nowhere.', 'Name host, or file for lines on this machine.'),
    ),
    ...when(host !== undefined && file !== undefined, () =>
      problem(`${at}.file`, 'is given, and host, too.', 'Keep one of the two; a second feed can be the other.'),
    ),
    ...when(!tls && host !== undefined && !isLoopback(host), () =>
      problem(`${at}.tls`, `is off towards ${host}: everybody on the way could read.`, 'Leave tls on.'),
    ),
    ...when((certFile === undefined) !== (keyFile === undefined), () =>
      problem(`${at}.certFile`, 'and keyFile belong together.', 'Name both, or none.'),
    ),
  ];
}

export function auditFeeds({ audit: { feeds } }: Config): Finding[] {
  const ids = feeds.map(({ id }) => id);
  return feeds.flatMap((feed, index) => {
    const at = `audit.feeds[${index}]`;
    return [
      ...when(ids.indexOf(feed.id) !== index, () =>
        problem(`${at}.id`, `is ${feed.id}, as another feed already is.`, 'Give each feed an id of its own.'),
      ),
      ...wayOf(feed, at),
    ];
  });
}
