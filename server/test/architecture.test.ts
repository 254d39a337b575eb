import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Import { from: string, to: string, typeOnly: boolean }
interface Source { path: string, text: string, imports: Import[] }

function listFiles(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && pattern.test(entry.name))
    .map(entry => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter(path => !path.includes('/generated/'))
}

const scriptOf = (path: string, text: string) => path.endsWith('.vue')
  ? [
      ...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g),
    ].map(([, script]) => script).join('\n')
  : text

/** Static and dynamic imports and re-exports; a relative target as a path from the repository's root. */
function readSource(path: string): Source {
  const text = scriptOf(path, readFileSync(join(root, path), 'utf8'))
  const imports: Import[] = []
  const add = (specifier: ts.Expression | undefined, typeOnly: boolean) => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return
    const to = specifier.text.startsWith('.')
      ? join(dirname(path), specifier.text).replaceAll('\\', '/')
      : specifier.text
    imports.push({ from: path, to, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly ?? false)
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
  return { path, text, imports }
}

const isTest = (path: string) => /\.(?:test|soak|contract|fixture)\.ts$|-support\.ts$/.test(path)
const server = listFiles('server/src', /\.ts$/).map(readSource)
const web = listFiles('web/src', /\.(?:ts|vue)$/).map(readSource)
const product = server.filter(source => !isTest(source.path))
const serverImports = product.flatMap(source => source.imports)

const featureOf = (path: string) => /^server\/src\/features\/([^/]+)\//.exec(path)?.[1]

/**
 * What the files of a feature are, by the end of their names, and what each may not know. What has none of these ends (`items.trash.ts`,
 * `item-name.ts`) is a part of its service and held to the same: no HTTP, no SQL.
 */
const roles: Record<string, string> = {
  feature: 'queries table service',
  routes: 'queries table jobs feature',
  /** What several routes share of HTTP. */
  http: 'queries table jobs feature routes',
  plugin: 'queries table jobs feature routes',
  jobs: 'table routes http plugin feature',
  /** What follows the log. */
  reader: 'table routes http plugin feature jobs',
  /** A command of the process. */
  command: 'table routes http plugin feature jobs',
  service: 'table routes http plugin feature jobs',
  queries: 'routes http plugin feature jobs service',
  /** What a mail says. */
  mails: 'routes http plugin feature jobs service queries table',
  /** What of the feature a policy text may name (`facts/live-fact.ts`). */
  facts: 'routes http plugin feature jobs queries table',
  /** Which of the feature's data is deleted by its age, and how (`retention/define-retention.ts`). */
  retention: 'routes http plugin feature jobs table',
  /** Which cookies it sets (`http/cookies.ts`). */
  cookies: 'routes http plugin feature jobs service queries table',
  table: 'routes http plugin feature jobs service queries schemas errors',
  schemas: 'routes http plugin feature jobs service queries table',
  policy: 'routes http plugin feature jobs service queries table',
  errors: 'routes http plugin feature jobs service queries table',
}
const endOf = (path: string) => /\.([a-z]+)\.ts$/.exec(path)?.[1] ?? ''
const roleOf = (path: string) => (endOf(path) in roles
  ? endOf(path)
  : 'part')
const forbiddenTo = (role: string) => (roles[role] ?? roles.service!).split(' ')

/** Who may write SQL outside of `.queries` and `.table`, and why. */
const writesSql: Record<string, string> = {
  'server/src/features/audit/audit.service.ts': 'a link of the chain is written under the chain’s lock, in as few statements as there can be',
  'server/src/live/live-bus.ts': 'hands out a piece of a statement, so that telling costs no round trip of its own',
  'server/src/jobs/job-queue.ts': 'pg-boss runs its own statements in our transactions, by way of drizzle’s `sql`',
}
const arrow = ({ from, to }: Import) => `${from} → ${to}`

/** The ways that come back to where they began. */
function circlesOf(arrows: [from: string, to: string][]): string[] {
  const graph = Map.groupBy(arrows, ([from]) => from)
  const done = new Set<string>()
  const circles: string[] = []
  const walk = (at: string, way: string[]): void => {
    if (way.includes(at)) {
      circles.push([
        ...way.slice(way.indexOf(at)),
        at,
      ].join(' → '))
    }
    if (done.has(at) || way.includes(at)) return
    for (const [, next] of graph.get(at) ?? []) walk(next, [...way, at])
    done.add(at)
  }
  for (const from of graph.keys()) walk(from, [])
  return circles
}

describe('the server', () => {
  it('is read at all', () => {
    expect(product.length).toBeGreaterThan(60)
    expect(serverImports.length).toBeGreaterThan(300)
    expect(serverImports.some(each => each.to === 'server/src/app.ts' && each.from === 'server/src/commands/serve.ts')).toBe(true)
  })

  it('has infrastructure that knows no feature', () => {
    const composition = [
      'server/src/app.ts',
      'server/src/cookies.ts',
      'server/src/data-steps.ts',
      'server/src/deps.ts',
      'server/src/feature.ts',
      'server/src/features.ts',
      'server/src/live-facts.ts',
      'server/src/mails.ts',
      'server/src/personal-data.ts',
      'server/src/retention-kinds.ts',
    ]
    const wrong = serverImports.filter(({ from, to }) => !featureOf(from) && featureOf(to) && !composition.includes(from) && !from.startsWith('server/src/commands/'))
    expect(wrong.map(arrow)).toEqual([])
  })

  it('has infrastructure that knows the composition root by its type at most', () => {
    const wrong = serverImports.filter(({ from, to, typeOnly }) => /\/src\/(?:app|deps|features|main)\.ts$/.test(to)
      && !/\/src\/(?:app|main|commands\/[a-z-]+)\.ts$/.test(from)
      && !(typeOnly && /\.(?:routes|plugin)\.ts$|\/src\/features?\.ts$/.test(from)))
    expect(wrong.map(arrow)).toEqual([])
  })

  it('has features that use one another by service, table, schemas, errors, policy, http or plugin, never by queries, routes or jobs', () => {
    const wrong = serverImports.filter(({ from, to }) => {
      const [own, other] = [
        featureOf(from),
        featureOf(to),
      ]
      return own && other && own !== other && ['queries', 'routes', 'jobs', 'feature'].includes(roleOf(to))
    })
    expect(wrong.map(arrow)).toEqual([])
  })

  it.each([
    ...Object.keys(roles),
    'part',
  ])('has a role for each file of a feature: %s depends downwards', (role) => {
    const files = product.filter(({ path }) => featureOf(path) && roleOf(path) === role)
    expect(files.length).toBeGreaterThan(0)
    const wrong = files.flatMap(({ imports }) => imports).filter(({ from, to, typeOnly }) => featureOf(to) && !typeOnly && !(from in writesSql) && forbiddenTo(role).includes(roleOf(to)))
    expect(wrong.map(arrow)).toEqual([])
  })

  it('has SQL in *.queries.ts and *.table.ts alone', () => {
    const wrong = serverImports.filter(({ from, to }) => /^(?:drizzle-orm|pg)\b/.test(to)
      && to !== 'pg-boss'
      && !['queries', 'table'].includes(roleOf(from))
      && !from.startsWith('server/src/db/')
      && !(from in writesSql)
      // Connections of their own, the errors that come by them, and the migration's.
      && !(to === 'pg' && /\/(?:backup-connection|fill-search-text|move-lock|request-log|rewrite-chains)\.ts$/.test(from)))
    expect(wrong.map(arrow)).toEqual([])
    const needless = Object.keys(writesSql).filter(path => !serverImports.some(({ from, to }) => from === path && to.startsWith('drizzle-orm')))
    expect(needless).toEqual([])
    const hidden = product.filter(({ path, text }) => featureOf(path) && roleOf(path) !== 'queries' && !(path in writesSql) && /\b(?:db|tx|executor)\s*\.(?:select|insert|update|delete|execute|\$count)\(/.test(text))
    expect(hidden.map(({ path }) => path)).toEqual([])
  })

  it('has HTTP in *.routes.ts, *.http.ts and *.plugin.ts alone, and no try in its routes', () => {
    const wrong = serverImports.filter(({ from, to }) => featureOf(from) && /^@?fastify/.test(to) && !['routes', 'http', 'plugin'].includes(roleOf(from)))
    expect(wrong.map(arrow)).toEqual([])
    const routes = product.filter(source => roleOf(source.path) === 'routes' && featureOf(source.path))
    expect(routes.filter(source => /\btry\s*\{/.test(source.text)).map(source => source.path)).toEqual([])
  })

  it('has each feature module in the one list, and nowhere else', () => {
    const modules = product.map(source => source.path).filter(path => roleOf(path) === 'feature')
    expect(modules.length).toBeGreaterThan(10)
    const named = serverImports.filter(({ to }) => roleOf(to) === 'feature').map(({ from, to }) => `${from} → ${to}`)
    expect(named.sort()).toEqual(modules.map(path => `server/src/features.ts → ${path}`).sort())
    const made = product.filter(({ path }) => featureOf(path) && ['routes', 'jobs'].includes(roleOf(path))).map(({ path }) => featureOf(path))
    expect(made.filter(name => !modules.includes(`server/src/features/${name}/${name}.feature.ts`))).toEqual([])
  })

  it('has no circles, type imports included', () => {
    expect(circlesOf(serverImports.map(({ from, to }) => [from, to]))).toEqual([])
  })

  it('has a log that is nobody’s state: what must be known later has a row of its own', () => {
    const table = 'server/src/features/audit/audit.table.ts'
    expect(serverImports.filter(each => each.to === table && !each.typeOnly && featureOf(each.from) !== 'audit').map(arrow)).toEqual([])
    expect(product.filter(source => featureOf(source.path) !== 'audit' && /\baudit_events\b/.test(source.text)).map(source => source.path)).toEqual([])
  })

  it('reads the environment in main.ts alone', () => {
    expect(product.filter(source => /\bprocess\.env\b/.test(source.text)).map(source => source.path)).toEqual(['server/src/main.ts'])
  })
})

describe('the web app', () => {
  it('is read at all', () => {
    expect(web.length).toBeGreaterThan(30)
  })

  it('names its features as the server does', () => {
    const featuresOf = (folder: string) => readdirSync(join(root, folder, 'src/features'))
    expect(featuresOf('web').filter(feature => !featuresOf('server').includes(feature))).toEqual([])
  })

  it('has infrastructure that knows no feature', () => {
    const wrong = web.flatMap(source => source.imports).filter(({ from, to }) => !from.startsWith('web/src/features/') && to.startsWith('web/src/features/'))
    expect(wrong.map(arrow)).toEqual([])
  })

  it('has no circles, type imports included, neither of files nor of features', () => {
    const imports = web.filter(source => !isTest(source.path)).flatMap(source => source.imports)
    const featureOf = (path: string) => /^web\/src\/features\/([^/]+)/.exec(path)?.[1]
    const between = imports.map(({ from, to }) => [
      featureOf(from),
      featureOf(to),
    ] as const).filter(([from, to]) => from && to && from !== to) as [string, string][]
    expect(between.length).toBeGreaterThan(3)
    expect(circlesOf(imports.map(({ from, to }) => [from, to]))).toEqual([])
    expect(circlesOf(between)).toEqual([])
  })

  it('shares nothing with the server but the API', () => {
    const wrong = web.flatMap(source => source.imports).filter(({ to }) => /^(?:server|scripts)\//.test(to) || to.startsWith('@clientshare/server'))
    expect(wrong.map(arrow)).toEqual([])
  })
})

describe.each([
  ['server', product],
  [
    'web',
    web.filter(source => !isTest(source.path)),
  ],
])('%s', (folder, sources) => {
  it('imports only what its own package.json lists', () => {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<string, Record<string, string> | undefined>
    const listed = {
      ...manifest.dependencies,
      ...folder === 'web'
        ? manifest.devDependencies
        : {},
    }
    const wrong = sources.flatMap(source => source.imports).filter(({ to, typeOnly }) => {
      if (to.startsWith(`${folder}/`) || /^(?:server|web|scripts)\//.test(to)) return false
      if (to.startsWith('node:') || builtinModules.includes(to) || /^(?:virtual:|~icons|#)/.test(to)) return false
      const name = to.split('/').slice(0, to.startsWith('@')
        ? 2
        : 1).join('/')
      return !(name in listed) && !(typeOnly && `@types/${name}` in listed)
    })
    expect(wrong.map(arrow)).toEqual([])
  })

  it('writes nothing to the console', () => {
    expect(sources.filter(source => /\bconsole\.\w+\(/.test(source.text)).map(source => source.path)).toEqual([])
  })

  it('has no file over 400 lines', () => {
    const long = sources.filter(source => readFileSync(join(root, source.path), 'utf8').split('\n').length > 401)
    expect(long.map(source => source.path)).toEqual([])
  })
})
