/** A source that can't be used. `message` is a sentence for an operator, with file and line. */
export class InputFault extends Error {
  override readonly name = 'InputFault';
  readonly fix: string | undefined;

  constructor(message: string, fix?: string) {
    super(message);
    this.fix = fix;
  }
}
