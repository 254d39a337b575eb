import type { Feature } from '../../feature.ts'
import { watchReader } from './watch.reader.ts'
import { watchRoutes, watchShapes } from './watch.routes.ts'

export const watchFeature: Feature = {
  shapes: watchShapes,
  routes: watchRoutes,
  readers: ({ watch }) => [
    watchReader(watch),
  ],
}
