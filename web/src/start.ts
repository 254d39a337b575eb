import ui from '@nuxt/ui/vue-plugin'
import { PiniaColada } from '@pinia/colada'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './app.vue'
import SiteDataPage from './layouts/SiteDataPage.vue'
import en from './locales/en.ts'
import { i18n, startLocale } from './locales/index.ts'
import { loadGerman } from './locales/ui.ts'
import { createAppRouter } from './router.ts'
import { useSessionStore } from './stores/session.ts'
import { breathe } from './utils/breathe.ts'
import { takeFrameAway } from './utils/routing.ts'
import { mayKeepData } from './utils/site-data.ts'

/** The staff's app, once its words are there. */
async function startApp(): Promise<void> {
  const pinia = createPinia()
  const app = createApp(App)
  app.use(pinia)
  app.use(PiniaColada, {
    queryOptions: { staleTime: 10_000 },
  })
  app.use(i18n)
  app.use(ui)
  await breathe()
  app.use(createAppRouter(useSessionStore(pinia)))
  await breathe()
  app.mount('#app')
}

async function start() {
  await startLocale(en, { de: loadGerman })
  await breathe()
  if (mayKeepData()) return startApp()
  takeFrameAway()
  createApp(SiteDataPage).use(i18n).mount('#app')
}

void start()
