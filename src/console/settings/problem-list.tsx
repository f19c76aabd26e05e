/** Every problem of a change, with what is allowed and what to do. English: the words of the schema. */
import type { Problem } from '../../settings/service.ts';

export const ProblemList = ({ list }: { list: readonly Problem[] }) => (
  <ul lang="en" dir="ltr">
    {list.map(({ path, what, allowed, fix }) => (
      <li key={`${path}${what}`}>
        {path !== '' && <code>{path}</code>} {what}
        {allowed && ` Allowed: ${allowed}.`} {fix}
      </li>
    ))}
  </ul>
);
