/** Bar and words for how strong a password is. Empty until the browser script fills it: nobody can be told before typing. */
const LEVELS = 5;

export interface StrengthView {
  /** 0 to 4. */
  level: number;
  text: string;
  /** What is weak and what would help, most useful first. */
  help: readonly string[];
}

export const StrengthMeter = ({ strength }: { strength?: StrengthView | undefined }) => (
  <div class="strength" data-level={strength?.level ?? ''} data-strength>
    <div class="bar" aria-hidden="true">
      {Array.from({ length: LEVELS }, (_, n) => (
        <i key={n} />
      ))}
    </div>
    <p>
      <b data-level-text>{strength?.text}</b> <span data-help>{strength?.help.join(' ')}</span>
    </p>
  </div>
);
