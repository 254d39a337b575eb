import { expect, it } from 'vitest'
import { inGroups } from './in-groups.ts'

/** Groups as they were run, each held until it is let go. */
function createHeld(refuse: (input: number) => Error | undefined = () => undefined) {
  const groups: { key: string, inputs: readonly number[], release: () => void }[] = []
  const ask = inGroups<number, number>(async (key, inputs) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    groups.push({ key, inputs, release: resolve })
    await promise
    const error = inputs.map(refuse).find(error => error)
    if (error) throw error
    return inputs.map(input => input * 10)
  })
  const inputs = () => groups.map(group => group.inputs)
  return { groups, ask, inputs }
}

it('lets nobody wait who is alone, and does together what came meanwhile', async () => {
  const { groups, ask, inputs } = createHeld()
  const answers = [1, 2, 3, 4, 5].map(input => ask('a', input))
  expect(inputs()).toEqual([
    [1],
  ])
  groups[0]!.release()
  await expect.poll(inputs).toEqual([
    [1],
    [2, 3, 4, 5],
  ])
  for (const { release } of groups) release()
  expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50])
})

it('keeps keys apart', async () => {
  const { groups, ask } = createHeld()
  const answers = [
    ask('a', 1),
    ask('b', 2),
  ]
  expect(groups.map(({ key }) => key)).toEqual(['a', 'b'])
  for (const { release } of groups) release()
  expect(await Promise.all(answers)).toEqual([10, 20])
})

it('takes a group apart in which one fails', async () => {
  const { groups, ask, inputs } = createHeld(input => (input === 4
    ? new Error('not this one')
    : undefined))
  const answers = Promise.allSettled([1, 2, 3, 4, 5].map(input => ask('a', input)))
  groups[0]!.release()
  await expect.poll(inputs).toEqual([
    [1],
    [2, 3, 4, 5],
  ])
  groups[1]!.release()
  await expect.poll(inputs).toEqual([
    [1],
    [2, 3, 4, 5],
    [2],
    [3],
    [4],
    [5],
  ])
  for (const { release } of groups) release()
  expect((await answers).map(answer => (answer.status === 'fulfilled'
    ? answer.value
    : String(answer.reason)))).toEqual([10, 20, 30, 'Error: not this one', 50])
})

it('asks nothing again when the database broke off', async () => {
  const { groups, ask, inputs } = createHeld(input => (input === 4
    ? Object.assign(new Error('gone'), { code: '57P01' })
    : undefined))
  const answers = Promise.allSettled([1, 2, 3, 4].map(input => ask('a', input)))
  groups[0]!.release()
  await expect.poll(inputs).toEqual([
    [1],
    [2, 3, 4],
  ])
  groups[1]!.release()
  expect((await answers).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
    'rejected',
  ])
  expect(inputs()).toHaveLength(2)
})

it('begins anew once a line was worked off', async () => {
  const { groups, ask, inputs } = createHeld()
  for (const input of [1, 2]) {
    const answer = ask('a', input)
    groups.at(-1)!.release()
    expect(await answer).toBe(input * 10)
  }
  expect(inputs()).toEqual([
    [1],
    [2],
  ])
})
