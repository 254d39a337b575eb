import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Line, Literals, Text } from '../../http/schemas.ts'

const FaceText = Body({
  claim: Line(120, 0),
  intro: Text(1000, 0),
  points: Type.Array(Body({
    title: Line(80),
    text: Line(300, 0),
  }), { maxItems: 3 }),
})
const face = {
  home: Literals('auto', 'shown', 'hidden'),
  texts: Body({
    en: Type.Optional(FaceText),
    de: Type.Optional(FaceText),
  }),
  links: Type.Array(Body({
    label: Line(60),
    url: Line(500),
  }), { maxItems: 6 }),
}

export const PublicFaceInput = Body(face)
export type PublicFaceInput = Static<typeof PublicFaceInput>

export const PublicFace = Type.Object({
  ...face,
  hasHome: Type.Boolean({ description: 'Whether people without a session get a home page at /' }),
}, { $id: 'PublicFace' })
export type PublicFace = Static<typeof PublicFace>
