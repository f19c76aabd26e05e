/** What went wrong and what to do, above the title. Takes the focus, so that a screen reader begins here. */
export interface Mistake {
  text: string;
  /** Id of the field to go to. */
  field?: string | undefined;
}

export interface ErrorSummaryProps {
  title: string;
  mistakes: readonly Mistake[];
}

const Line = ({ text, field }: Mistake) => (field ? <a href={`#${field}`}>{text}</a> : <span>{text}</span>);

export function ErrorSummary({ title, mistakes }: ErrorSummaryProps) {
  const [only] = mistakes;
  return (
    <div class="note bad" role="alert" tabIndex={-1} autofocus id="mistakes">
      <p>
        <strong>{title}</strong>
      </p>
      {mistakes.length === 1 && only && (
        <p>
          <Line {...only} />
        </p>
      )}
      {mistakes.length > 1 && (
        <ul>
          {mistakes.map((mistake) => (
            <li key={mistake.text}>
              <Line {...mistake} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
