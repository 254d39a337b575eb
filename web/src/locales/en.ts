import { collectMessages } from './collect-messages.ts'

export default collectMessages(import.meta.glob(['./en/*.json', '!./en/{publicLink,publicPolicies}.json'], { eager: true, import: 'default' }))
