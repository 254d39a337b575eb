import type { Feature } from '../../feature.ts'
import { doctorRoutes, doctorShapes } from './doctor.routes.ts'

export const doctorFeature: Feature = {
  shapes: doctorShapes,
  routes: doctorRoutes,
}
