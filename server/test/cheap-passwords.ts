import { cost } from '../src/crypto/passwords.ts'

/** For `setupFiles`: what is under test is who may come in, not how long that keeps a processor busy. passwords.test.ts holds the real cost. */

cost.memory = 64
