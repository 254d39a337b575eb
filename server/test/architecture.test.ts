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

const isTest = (path: string) => /\.(?:test|contract|fixture)\.ts$|-support\.ts$/.test(path)
const server = listFiles('server/src', /\.ts$/).map(readSource)
const web = listFiles('web/src', /\.(?:ts|vue)$/).map(readSource)
const product = server.filter(source => !isTest(source.path))
const serverImports = product.flatMap(source => source.imports)

const featureOf = (path: string) => /^server\/src\/features\/([^/]+)\//.exec(path)?.[1]
const roleOf = (path: string) => /\.([a-z]+)\.ts$/.exec(path)?.[1]
const arrow = ({ from, to }: Import) => `${from} → ${to}`

describe('the server', () => {
  it('is read at all', () => {
    expect(product.length).toBeGreaterThan(60)
    expect(serverImports.length).toBeGreaterThan(300)
    expect(serverImports.some(each => each.to === 'server/src/app.ts' && each.from === 'server/src/main.ts')).toBe(true)
  })

  it('has infrastructure that knows no feature', () => {
    const composition = [
      'server/src/app.ts',
      'server/src/deps.ts',
      'server/src/features.ts',
      'server/src/move-storage.ts',
      'server/src/db/schema.ts',
    ]
    const wrong = serverImports.filter(({ from, to }) => !featureOf(from) && featureOf(to) && !composition.includes(from))
    expect(wrong.map(arrow)).toEqual([])
  })

  it('has infrastructure that knows the composition root by its type at most', () => {
    const wrong = serverImports.filter(({ from, to, typeOnly }) => /\/src\/(?:app|deps|features|main)\.ts$/.test(to)
      && !/\/src\/(?:app|main|move-storage)\.ts$/.test(from)
      && !(typeOnly && /\.(?:routes|plugin)\.ts$|\/src\/features?\.ts$/.test(from)))
    expect(wrong.map(arrow)).toEqual([])
  })

  it('has features that use one another by service, table, schemas, errors, policy or plugin, never by queries, routes or jobs', () => {
    const wrong = serverImports.filter(({ from, to }) => {
      const [own, other] = [
        featureOf(from),
        featureOf(to),
      ]
      return own && other && own !== other && ['queries', 'routes', 'jobs', 'feature'].includes(roleOf(to) ?? '')
    })
    expect(wrong.map(arrow)).toEqual([])
  })

  it.each([
    [
      'routes',
      ['queries', 'table'],
    ],
    [
      'service',
      ['routes'],
    ],
    [
      'queries',
      ['routes', 'service', 'plugin'],
    ],
    [
      'table',
      [
        'routes',
        'service',
        'queries',
        'schemas',
        'plugin',
        'errors',
      ],
    ],
    [
      'schemas',
      [
        'routes',
        'service',
        'queries',
        'table',
        'plugin',
      ],
    ],
    [
      'policy',
      [
        'routes',
        'service',
        'queries',
        'table',
        'plugin',
      ],
    ],
    [
      'errors',
      [
        'routes',
        'service',
        'queries',
        'table',
        'plugin',
      ],
    ],
  ])('has *.%s that depend downwards', (role, forbidden) => {
    const wrong = serverImports.filter(({ from, to, typeOnly }) => featureOf(from) && !typeOnly && roleOf(from) === role && forbidden.includes(roleOf(to) ?? ''))
    expect(wrong.map(arrow)).toEqual([])
  })

  it('has each feature module in the one list, and nowhere else', () => {
    const modules = product.map(source => source.path).filter(path => roleOf(path) === 'feature')
    expect(modules.length).toBeGreaterThan(10)
    const named = serverImports.filter(({ to }) => roleOf(to) === 'feature').map(({ from, to }) => `${from} → ${to}`)
    expect(named.sort()).toEqual(modules.map(path => `server/src/features.ts → ${path}`).sort())
    const made = product.filter(({ path }) => featureOf(path) && ['routes', 'jobs'].includes(roleOf(path) ?? '')).map(({ path }) => featureOf(path))
    expect(made.filter(name => !modules.includes(`server/src/features/${name}/${name}.feature.ts`))).toEqual([])
  })

  it('has no SQL and no try in its routes, and no HTTP framework in its services', () => {
    const routes = product.filter(source => roleOf(source.path) === 'routes' && featureOf(source.path))
    expect(routes.filter(source => /\btry\s*\{|\bfrom 'drizzle-orm/.test(source.text)).map(source => source.path)).toEqual([])
    const wrong = serverImports.filter(({ from, to }) => [
      'service',
      'queries',
      'policy',
      'table',
    ].includes(roleOf(from) ?? '') && /^@?fastify/.test(to))
    expect(wrong.map(arrow)).toEqual([])
  })

  it('has no cycles', () => {
    const graph = new Map(product.map(source => [
      source.path,
      source.imports.filter(each => !each.typeOnly).map(each => each.to),
    ]))
    const done = new Set<string>()
    const cycles: string[] = []
    const walk = (path: string, way: string[]): void => {
      if (way.includes(path)) {
        cycles.push([
          ...way.slice(way.indexOf(path)),
          path,
        ].join(' → '))
      }
      if (done.has(path) || way.includes(path)) return
      for (const next of graph.get(path) ?? []) walk(next, [...way, path])
      done.add(path)
    }
    for (const path of graph.keys()) walk(path, [])
    expect(cycles).toEqual([])
  })

  it('has a log that is nobody’s state: what must be known later has a row of its own', () => {
    const table = 'server/src/features/audit/audit.table.ts'
    expect(serverImports.filter(each => each.to === table && !each.typeOnly && featureOf(each.from) !== 'audit').map(arrow)).toEqual([
      `server/src/db/schema.ts → ${table}`,
    ])
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
