import type { Finding } from '../features/doctor/finding.ts'
import type { Command, CommandContext } from './command.ts'
import { parseOptions } from '../config/command-line.ts'
import { ConfigError } from '../config/config.ts'
import { describeHealth, doctorExit, sumUp } from '../features/doctor/doctor.command.ts'
import { examine } from '../features/doctor/examine.ts'
import { find, isBroken } from '../features/doctor/finding.ts'

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'looks at settings, database, store, address and servers, and says what to change',
  synopsis: '',
  usage: `Looks at everything that this deployment stands on, also while servers run, and changes nothing: what it writes to the store to try it out, it
removes. Each line is ok, something to look at, or FAIL, with the setting to change.

Exit codes:
  0    nothing is broken; there may be something to look at
  1    something is broken
  78   wrong options`,
  run: doctor,
}

async function doctor(args: string[], context: CommandContext): Promise<number> {
  parseOptions(args, {})
  const findings: Finding[] = []
  for await (const finding of examineAll(context)) {
    findings.push(finding)
    context.print(describeHealth(finding))
  }
  context.print(sumUp(findings))
  return findings.some(isBroken)
    ? doctorExit.broken
    : doctorExit.well
}

async function* examineAll({ config: readConfig, release, explain }: CommandContext): AsyncGenerator<Finding> {
  try {
    yield* examine(readConfig(), { release, explain })
  }
  catch (error) {
    if (!(error instanceof ConfigError)) throw error
    yield* error.problems.map(problem => find('settings.wrong', { problem }))
  }
}
