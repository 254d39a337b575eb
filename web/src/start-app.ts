import ui from '@nuxt/ui/vue-plugin'
import { PiniaColada } from '@pinia/colada'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './app.vue'
import { i18n } from './locales/index.ts'
import { createAppRouter } from './router.ts'
import { useSessionStore } from './stores/session.ts'
import { breathe } from './utils/breathe.ts'

/** The staff's app, once its words are there. */
export async function startApp(): Promise<void> {
  const pinia = createPinia()
  const app = createApp(App)
  app.use(pinia)
  app.use(PiniaColada, {
    queryOptions: { staleTime: 10_000 },
  })
  app.use(i18n)
  app.use(ui)
  app.use(createAppRouter(useSessionStore(pinia)))
  await breathe()
  app.mount('#app')
}
