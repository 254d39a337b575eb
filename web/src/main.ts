import { createApp } from 'vue'
import SiteDataPage from './layouts/SiteDataPage.vue'
import en from './locales/en.ts'
import { i18n, startLocale } from './locales/index.ts'
import { loadGerman } from './locales/ui.ts'
import { startApp } from './start-app.ts'
import { breathe } from './utils/breathe.ts'
import { mayKeepData } from './utils/site-data.ts'
import './main.css'

async function start() {
  await startLocale(en, { de: loadGerman })
  await breathe()
  if (mayKeepData()) await startApp()
  else createApp(SiteDataPage).use(i18n).mount('#app')
}

void start()
