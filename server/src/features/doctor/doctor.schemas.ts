import { Type } from 'typebox'
import { Bytes, Instant, Literals, Nullable, Ref } from '../../http/schemas.ts'
import { findingCodes, healths, subjects } from './finding-words.ts'

/** Longer than proxies wait for an answer by themselves: nginx and Apache 60 s, HAProxy 50 s in the settings that go around. */
export const SILENCE_SECONDS = 65

export const Finding = Type.Object({
  code: Literals(...findingCodes),
  subject: Literals(...subjects),
  health: Literals(...healths),
  says: Type.String({ description: 'A sentence in English, with the setting to change where there is one' }),
  data: Type.Record(Type.String(), Type.Union([
    Type.String(),
    Type.Number(),
  ]), { description: 'What the sentence tells: what ends with `Bytes` is bytes, with `At` a moment; `problem` is in English' }),
}, { $id: 'Finding' })

export const DoctorReport = Type.Object({
  begunAt: Nullable(Type.Unsafe<string>({ ...Instant, description: 'Of the last check; null when there was none' })),
  isRunning: Type.Boolean({ description: 'It is under way, in one of the servers; the findings are those so far' }),
  findings: Type.Array(Ref(Finding)),
  command: Type.String({ description: 'How the same is found without a server, as it is typed on the machine of this deployment' }),
  visit: Type.Object({
    finding: Ref(Finding),
    publicUrl: Type.String({ description: 'Where people are meant to come to' }),
  }, { description: 'How this very request came' }),
  tries: Type.Object({
    partBytes: Type.Unsafe<number>({ ...Bytes, description: 'A body of so many bytes has to get through (PUT /admin/doctor/body)' }),
    silenceSeconds: Type.Integer({ description: 'An answer should be waited for so long (GET /admin/doctor/silence)' }),
  }, { description: 'What only a browser can find out' }),
}, { $id: 'DoctorReport' })
