/**
 * Advisory locks of the deployment, all of them: any fixed numbers, which only processes of this application take. PostgreSQL lets go of one with the
 * connection or the transaction that holds it.
 */
export const advisoryLocks = {
  /** One migration at a time. */
  migrating: 7_203_417,
  /** Shared by everything that serves; whoever has it alone may change where the bytes are. */
  serving: 7_203_418,
  /** At most one move at a time. */
  moving: 7_203_419,
  /** The one process that takes uploads into a local folder. */
  uploading: 7_203_420,
  /** One backup or restore of a deployment at a time. */
  backingUp: 7_203_421,
  /**
   * While somebody has it, no object's bytes are deleted. What was doomed waits for the sweep, so whoever takes the lock and then a snapshot finds the bytes of
   * all that the snapshot calls committed.
   */
  keepingObjects: 7_203_422,
  /** One process at a time compares or writes what database and store say of each other. */
  identity: 7_203_423,
  /** One process at a time takes mails to send, so that they count what the others took. */
  mailing: 7_203_424,
  /** Shared by each step that deletes what is due; whoever changes how long something is kept has it alone, so that no step goes by what held before. */
  keeping: 7_203_425,
  /** One process at a time reads the files of policies, so that two that start together publish a text once. */
  policyFiles: 7_203_426,
} as const
