import { createApp } from 'vue'
import SiteDataPage from './layouts/SiteDataPage.vue'
import en from './locales/en.ts'
import { i18n, startLocale } from './locales/index.ts'
import { loadGerman } from './locales/ui.ts'
import { startApp } from './start-app.ts'
import { mayKeepData } from './utils/site-data.ts'
import './main.css'

void startLocale(en, { de: loadGerman }).then(() => {
  if (mayKeepData()) startApp()
  else createApp(SiteDataPage).use(i18n).mount('#app')
})
