/** Lines with a name on one side and how it stands on the other. */
import type { ComponentChildren } from 'preact';

export interface SystemsLine {
  id: string;
  name: string;
  /** Smaller lines under the name. */
  details?: readonly string[];
  tone?: 'good' | 'late' | undefined;
  state?: string | undefined;
  /** A link or button after the state. */
  action?: ComponentChildren;
}

export const SystemsList = ({ lines }: { lines: readonly SystemsLine[] }) => (
  <ul class="list">
    {lines.map(({ id, name, details = [], tone, state, action }) => (
      <li key={id} data-line={id}>
        <span class="name">{name}</span>
        {state && <span class={tone ? `state ${tone}` : 'state'}>{state}</span>}
        {(state || details.length > 0) && (
          <span class="details">
            {details.map((detail) => (
              <small key={detail}>{detail}</small>
            ))}
          </span>
        )}
        {action && <span class="acts">{action}</span>}
      </li>
    ))}
  </ul>
);
