import { collectMessages } from './collect-messages.ts'

/** What no feature owns. The features' own come with the parts that use them (`wordsWithTheirUsers` in vite-plugins.ts). */
export default collectMessages(import.meta.glob(['./en/*.json', '!./en/problems.json'], { eager: true, import: 'default' }))
