import { expect, it } from 'vitest'
import { nextTick, watch } from 'vue'
import { breathe } from '../utils/breathe.ts'
import { useTurn } from './useTurn.ts'

it('gives each part that asks a task of its own, in their order, and none any more once the app has started', async () => {
  const shown: string[] = []
  let task = 0
  const ask = (name: string, andThen?: () => void) => {
    const isIn = useTurn()
    watch(isIn, () => {
      shown.push(`${name} in task ${task}`)
      andThen?.()
    })
    return isIn
  }
  // Ends with each task of theirs: asked for after it, and before the next one.
  const count = async () => {
    for (task = 1; task <= 4; task++) await breathe()
  }
  const first = ask('page', () => ask('list'))
  ask('foot')
  expect(first.value).toBe(false)
  await count()
  expect(shown).toEqual(['page in task 1', 'foot in task 2', 'list in task 3'])
  await nextTick()
  expect(useTurn().value).toBe(true)
})
