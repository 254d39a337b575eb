import ui from '@nuxt/ui/vue-plugin'
import { PiniaColada } from '@pinia/colada'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './app.vue'
import en from './locales/en.ts'
import { i18n, startLocale } from './locales/index.ts'
import { loadGerman } from './locales/ui.ts'
import { createAppRouter } from './router.ts'
import { useSessionStore } from './stores/session.ts'
import './main.css'

const pinia = createPinia()
const app = createApp(App)
app.use(pinia)
app.use(PiniaColada, {
  queryOptions: { staleTime: 10_000 },
})
app.use(i18n)
app.use(ui)

const session = useSessionStore(pinia)
app.use(createAppRouter(session))
void startLocale(en, { de: loadGerman }).then(() => app.mount('#app'))
