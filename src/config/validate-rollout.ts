/** Contradictions in the roll-out: days that do not exist, addresses to come back to that would take anybody anywhere. */
import { type Finding, isLoopback, problem, warning, when } from './finding.ts';
import type { Config } from './schema.ts';

const isDay = (text: string): boolean => {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
};

export function phases({ rollout: { phases: all } }: Config): Finding[] {
  return all.flatMap(({ name, opens }, index) => {
    const path = `rollout.phases[${index}]`;
    return [
      ...when(!isDay(opens), () => problem(`${path}.opens`, `is no day: ${opens}.`, 'Write it like 2026-12-01.')),
      ...when(all.findIndex((one) => one.name === name) < index, () =>
        problem(`${path}.name`, `is taken: ${name}.`, 'Give every phase a name of its own.'),
      ),
    ];
  });
}

export function returnTo({ rollout }: Config): Finding[] {
  return rollout.returnTo.flatMap((written, index) => {
    const path = `rollout.returnTo[${index}]`;
    const url = URL.parse(written);
    if (url?.username !== '' || url.password !== '')
      return [problem(path, 'is not an address.', 'Write it like https://login.example.org/, without user.')];
    return when(url.protocol === 'http:' && !isLoopback(url.hostname), () =>
      problem(path, 'must be https: whoever listens could lead people elsewhere.', `https://${url.host}/`),
    );
  });
}

export function trust({ rollout }: Config): Finding[] {
  return (['trustDirectory', 'trustFiles'] as const).flatMap((key) =>
    when(rollout[key] === 'vouched', () =>
      warning(
        `rollout.${key}`,
        'lets addresses and numbers open a recovery that nobody has confirmed.',
        'Fine where people can’t write them themselves, and nobody else’s can get in.',
      ),
    ),
  );
}
