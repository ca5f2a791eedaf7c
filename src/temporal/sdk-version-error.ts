/**
 * What was handed over comes from another version of Temporal's SDK than this package uses. It would fail later with an
 * unclear error, or leave something out in silence.
 */
export class SdkVersionError extends TypeError {
  override readonly name = 'SdkVersionError';
  /** The version that was given, such as `1.11.8`. Undefined if it can't be found out. */
  readonly given: string | undefined;
  /** The version that this package uses. */
  readonly expected: string;

  constructor(how: { what: string; package: string; given: string | undefined; expected: string }) {
    const { what, given, expected } = how;
    super(
      `${what} is of ${given === undefined ? `another copy of ${how.package}` : `${how.package} ${given}`}, and ` +
        `rcs-message-delivery uses ${expected}. Use one version for all of @temporalio/* in this program: ` +
        `npm install ${how.package}@${expected}`,
    );
    this.given = given;
    this.expected = expected;
  }
}
