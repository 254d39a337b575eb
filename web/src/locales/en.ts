import { collectMessages } from './collect-messages.ts'

export default collectMessages(import.meta.glob(['./en/*.json', '../features/*/locales/en.json'], { eager: true, import: 'default' }))
