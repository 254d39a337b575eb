import { collectMessages } from './collect-messages.ts'

/** What the pages of people without an account say, and nothing of the staff's. */
export default collectMessages(import.meta.glob(['./en/*.json', '!./en/problems.json', '../features/*/locales/visitor.en.json'], { eager: true, import: 'default' }))
