/** What the programs in TypeScript use of toolchain.mjs. */
export declare const root: string
export declare function ensureClient(): Promise<void>
