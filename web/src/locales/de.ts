import { collectMessages } from './collect-messages.ts'

export default collectMessages(import.meta.glob(['./de/*.json', '../features/*/locales/de.json'], { eager: true, import: 'default' }))
