import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { MeterError } from '../../storage/meter.ts'
import { receiveBody } from './receive-body.ts'

const calm = { idleMs: 1000, signal: new AbortController().signal }
const body = () => Readable.from([
  Buffer.from('12345'),
])

it('tells what came through and what the store answered', async () => {
  const { stored, received } = await receiveBody(body(), { ...calm, max: 5 }, buffer)
  expect(stored.toString()).toBe('12345')
  expect(received).toMatchObject({ size: 5, crc32: 0xCBF53A1C })
})

it('says in the words of what was sent that it has another length', async () => {
  await expect(receiveBody(body(), { ...calm, max: 4 }, buffer)).rejects.toMatchObject({ code: 'file.too_large' })
  await expect(receiveBody(body(), { ...calm, exact: 6 }, buffer)).rejects.toMatchObject({ code: 'upload.part_size' })
  // As a store says it that was told how long a form is.
  const tooShort = async (stream: Readable) => { throw new MeterError('short', (await buffer(stream)).length + 1) }
  await expect(receiveBody(body(), calm, tooShort)).rejects.toMatchObject({ code: 'request.invalid' })
})
