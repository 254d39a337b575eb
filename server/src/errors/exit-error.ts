/** sysexits.h EX_CONFIG: something that the operator has to change. */
export const EXIT_CONFIG = 78
/** sysexits.h EX_TEMPFAIL: the same will do later. */
export const EXIT_TEMPFAIL = 75

/** Ends the process with this code; the message is one plain line for whoever started it. */
export class ExitError extends Error {
  readonly exitCode: number
  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}
