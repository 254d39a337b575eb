import { collectMessages } from './collect-messages.ts'

export default collectMessages(import.meta.glob(['./de/*.json', '!./de/{publicLink,publicPolicies}.json'], { eager: true, import: 'default' }))
