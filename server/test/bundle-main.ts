import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

/** The process as operators start it. */
export const mainSource = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/**
 * `src/main.ts` with all that it loads in one file, behind the cache of what Node has compiled. Starting it takes a quarter of the processor's time, which
 * the gate's tests of the server and of the browser spend some eighty times; the soak and the acceptance tests start the sources, as operators do.
 * @returns the file's path
 */
export async function bundleMain(): Promise<string> {
  const folder = fileURLToPath(new URL('../../node_modules/.cache/clientshare/', import.meta.url))
  const own = join(folder, String(process.pid))
  const file = join(folder, 'main.mjs')
  await build({
    configFile: false,
    logLevel: 'warn',
    root: dirname(mainSource),
    plugins: [
      {
        name: 'keep-places',
        transform: (code, id) => code.includes('import.meta.url')
          ? code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
          : undefined,
      },
    ],
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: mainSource,
      outDir: own,
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      copyPublicDir: false,
      rolldownOptions: {
        output: { codeSplitting: false, entryFileNames: 'main.mjs' },
      },
    },
  })
  // Another run may be starting the former one.
  await rename(join(own, 'main.mjs'), file)
  await rm(own, { recursive: true })
  return file
}
