import { PiniaColada } from '@pinia/colada'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { i18n, startLocale } from '../locales/index.ts'
import en from '../locales/visitor-en.ts'
import { breathe } from '../utils/breathe.ts'
import { createVisitorRouter } from './router.ts'
import VisitorApp from './VisitorApp.vue'
import './visitor.css'

async function start() {
  await startLocale(en, {
    de: async () => (await import('../locales/visitor-de.ts')).default,
  })
  await breathe()
  const app = createApp(VisitorApp)
  app.use(createPinia())
  app.use(PiniaColada, {
    queryOptions: { staleTime: 10_000 },
  })
  app.use(i18n)
  app.use(createVisitorRouter())
  await breathe()
  app.mount('#app')
}

void start()
