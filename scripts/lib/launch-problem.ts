/** Something the person at the keyboard can mend: shown as one line, without a stack. */
export class LaunchProblem extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LaunchProblem'
  }
}

const reasons: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'it is a file',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
}

/** Turns an error of the file system into a problem that names the folder; leaves every other error alone. */
export function asFolderProblem(error: unknown, name: string, folder: string): unknown {
  const reason = reasons[(error as NodeJS.ErrnoException)?.code ?? '']
  return reason
    ? new LaunchProblem(`${name} ${folder} cannot be written: ${reason}.`, { cause: error })
    : error
}
